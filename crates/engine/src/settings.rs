//! The person's choices: `settings.json` of the profile.

use std::io;
use std::path::Path;

use envoi_protocol::session::Preferences;
use envoi_protocol::view::{ConfigFault, Settings};

use crate::disk;

/// Reads the choices. A file that cannot be understood is set aside under another name, and that is said; what it does not
/// hold is as by default.
#[must_use]
pub fn load(file: &Path) -> (Settings, Option<ConfigFault>) {
    let told = |message| {
        let fault =
            ConfigFault { file: file.display().to_string(), line: None, field: String::new(), message };
        (Settings::default(), Some(fault))
    };
    match disk::read(file) {
        Ok(None) => (Settings::default(), None),
        Ok(Some(bytes)) => match serde_json::from_slice(&bytes) {
            Ok(settings) => (settings, None),
            Err(problem) => told(match disk::set_aside(file) {
                Ok(aside) => format!(
                    "the settings could not be understood ({problem}); they were kept as {}, and the usual ones are in use",
                    aside.display()
                ),
                Err(cause) => {
                    format!("the settings could not be understood ({problem}) nor set aside ({cause})")
                }
            }),
        },
        Err(cause) => told(format!("the settings cannot be read: {cause}")),
    }
}

/// Writes the choices down. Blocks.
///
/// # Errors
///
/// Whatever the file system says; the old ones are then still there.
pub fn store(file: &Path, settings: &Settings) -> io::Result<()> {
    disk::replace(file, &serde_json::to_vec_pretty(settings)?)
}

/// What of it concerns conversations.
#[must_use]
pub const fn preferences(settings: &Settings) -> Preferences {
    Preferences { notify: settings.notify, show_typing: settings.show_typing, show_read: settings.show_read }
}

#[cfg(test)]
mod tests {
    use super::*;
    use envoi_protocol::view::{NotifyLevel, Theme};

    #[test]
    fn choices_are_kept_and_missing_ones_are_as_usual() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("settings.json");
        assert_eq!(load(&file), (Settings::default(), None));
        let chosen = Settings { notify: NotifyLevel::Company, theme: Theme::Dark, ..Settings::default() };
        store(&file, &chosen).unwrap();
        assert_eq!(load(&file), (chosen, None));
        std::fs::write(&file, "{\"theme\": \"dark\"}").unwrap();
        assert_eq!(load(&file).0, Settings { theme: Theme::Dark, ..Settings::default() });
    }

    #[test]
    fn choices_that_cannot_be_understood_are_kept_and_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("settings.json");
        std::fs::write(&file, "{\"theme\": \"mauve\"}").unwrap();
        let (settings, fault) = load(&file);
        assert_eq!(settings, Settings::default());
        assert!(fault.unwrap().message.contains("kept as"));
        assert!(!file.exists());
    }
}
