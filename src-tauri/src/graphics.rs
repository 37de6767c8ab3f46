//! Who paints the page on Linux: the graphics card, or the processor where there is none.
//!
//! The web view composes its picture with OpenGL. Where no graphics card renders (a virtual machine, a remote desktop, a virtual
//! display), OpenGL itself is computed by the processor, and the smallest change of the page costs the whole picture several times
//! over. Painted by the processor outright, a change costs what it changes. The web view's switch for it is a variable of
//! the environment; so the program starts once more, in its own place, with that variable set.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// The web view's own switch. Whoever has set it, to whatever, has decided.
const SWITCH: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";
/// Where the kernel puts graphics cards.
const CARDS: &str = "/dev/dri";

/// Has the processor paint where nothing else would. Called before there are threads or files that a new start would lose.
pub(crate) fn choose() {
    let mut cards = fs::read_dir(CARDS).into_iter().flatten().flatten();
    if env::var_os(SWITCH).is_some() || cards.any(|card| renders(&card.file_name())) {
        return;
    }
    let mut arguments = env::args_os();
    let Ok(program) = env::current_exe() else { return };
    let mut again = Command::new(&program);
    again.arg0(arguments.next().unwrap_or_else(|| program.into_os_string()));
    let error = again.args(arguments).env(SWITCH, "1").exec();
    // The page is painted all the same, only slower.
    tracing::warn!(%error, "the program could not start anew without graphics card");
}

/// Whether a card of this name renders. Those named `card0` may do no more than show a picture.
fn renders(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with("renderD")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_that_only_shows_does_not_render() {
        assert!(renders(OsStr::new("renderD128")));
        assert!(!renders(OsStr::new("card0")) && !renders(OsStr::new("by-path")));
    }
}
