//! The command line.

use clap::Parser;

/// Every company you write to, in one calm place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Parser)]
#[command(name = "envoi", version)]
pub struct Arguments {
    /// Go straight into a chat with a pretend company on this computer
    #[arg(long)]
    pub demo: bool,

    /// Keep configuration, data and password store entries apart: a name, or a folder
    #[arg(long, value_name = "NAME|DIR")]
    pub profile: Option<String>,

    /// Start without showing the window
    #[arg(long)]
    pub hidden: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_read() {
        let arguments = Arguments::parse_from(["envoi", "--demo", "--profile", "work"]);
        assert_eq!(arguments, Arguments { demo: true, profile: Some("work".into()), hidden: false });
    }
}
