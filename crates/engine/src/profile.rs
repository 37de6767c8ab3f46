//! A profile: where one person's configuration, stored data and keyring entries are. Two profiles share nothing.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use envoi_protocol::kit::fingerprint::fingerprint;

/// Name under which the first profile stands in the keyring; others add theirs after a slash.
pub const KEYRING_SERVICE: &str = "chat.envoi.desktop";

/// Where things are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    config: PathBuf,
    data: PathBuf,
    keyring: String,
}

/// Why there is no profile to work with.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The system names no home folder.
    #[error("this computer names no home folder; give a folder with --profile DIR")]
    NoHome,
    /// A name that cannot be a folder's.
    #[error(
        "\"{name}\" cannot be a profile's name: use letters, digits, \"-\" and \"_\", or give a folder with a \"{}\" in it",
        std::path::MAIN_SEPARATOR
    )]
    BadName {
        /// The name.
        name: String,
    },
    /// There is no memory to work in.
    #[error("there is no memory to keep conversations in: {0}")]
    Memory(String),
    /// The folders cannot be made or written to.
    #[error("the profile's folder {folder} cannot be used: {cause}")]
    Folder {
        /// Which.
        folder: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// Another Envoi works on it.
    #[error(
        "Envoi is already running with this profile ({folder}): quit it first, or use another with --profile NAME"
    )]
    InUse {
        /// Folder of the profile's data.
        folder: PathBuf,
    },
}

/// As long as this lives, no other engine can work on the profile. The system lets go of it if the program dies.
#[derive(Debug)]
pub struct ProfileLock {
    _file: File,
}

impl Profile {
    /// The profile of this name, the first one if there is none; a folder if it is one or is written like one.
    ///
    /// # Errors
    ///
    /// [`ProfileError::NoHome`] and [`ProfileError::BadName`].
    pub fn named(name: Option<&str>) -> Result<Self, ProfileError> {
        match name {
            Some(folder) if folder.contains(std::path::is_separator) || Path::new(folder).is_dir() => {
                Self::folder(Path::new(folder))
            }
            Some(name) => {
                let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                if name.is_empty() || name.len() > 64 || !name.chars().all(good) {
                    return Err(ProfileError::BadName { name: name.to_owned() });
                }
                let first = Self::home()?;
                Ok(Self {
                    config: first.config.join("profiles").join(name),
                    data: first.data.join("profiles").join(name),
                    keyring: format!("{KEYRING_SERVICE}/{name}"),
                })
            }
            None => Self::home(),
        }
    }

    /// A profile in one folder of its own. Its keyring entries are named after the folder's path.
    ///
    /// # Errors
    ///
    /// [`ProfileError::Folder`] if the folder can neither be found nor made.
    pub fn folder(folder: &Path) -> Result<Self, ProfileError> {
        let failed = |cause| ProfileError::Folder { folder: folder.to_path_buf(), cause };
        fs::create_dir_all(folder).map_err(failed)?;
        let folder = fs::canonicalize(folder).map_err(failed)?;
        Ok(Self {
            config: folder.clone(),
            // With its slash the name cannot be that of a named profile.
            keyring: format!(
                "{KEYRING_SERVICE}/folder/{:016x}",
                fingerprint(folder.as_os_str().as_encoded_bytes())
            ),
            data: folder,
        })
    }

    /// Takes the profile for this process.
    ///
    /// # Errors
    ///
    /// [`ProfileError::InUse`] if another process has it, [`ProfileError::Folder`] if its folders cannot be made.
    pub fn lock(&self) -> Result<ProfileLock, ProfileError> {
        let failed = |folder: &Path| {
            let folder = folder.to_path_buf();
            move |cause| ProfileError::Folder { folder, cause }
        };
        fs::create_dir_all(&self.config).map_err(failed(&self.config))?;
        fs::create_dir_all(&self.data).map_err(failed(&self.data))?;
        let path = self.data.join("in-use");
        let file = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(path)
            .map_err(failed(&self.data))?;
        match file.try_lock() {
            Ok(()) => Ok(ProfileLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(ProfileError::InUse { folder: self.data.clone() }),
            Err(TryLockError::Error(cause)) => Err(failed(&self.data)(cause)),
        }
    }

    /// The folder of configuration, which a person edits.
    #[must_use]
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The folder of stored data, which Envoi alone writes.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The companies that can be written to.
    #[must_use]
    pub fn deployments_file(&self) -> PathBuf {
        self.config.join("deployments.toml")
    }

    /// The person's choices.
    #[must_use]
    pub fn settings_file(&self) -> PathBuf {
        self.config.join("settings.json")
    }

    /// Which conversations can be picked up; what opens them is in the keyring.
    #[must_use]
    pub fn conversations_file(&self) -> PathBuf {
        self.data.join("conversations.json")
    }

    /// What was said, encrypted. It has a folder of its own, which nobody else may look into.
    #[must_use]
    pub fn archive_file(&self) -> PathBuf {
        self.data.join("archive").join("archive.db")
    }

    /// Name under which this profile's entries stand in the keyring.
    #[must_use]
    pub fn keyring_service(&self) -> &str {
        &self.keyring
    }

    fn home() -> Result<Self, ProfileError> {
        let dirs = ProjectDirs::from("chat", "Envoi", "envoi").ok_or(ProfileError::NoHome)?;
        Ok(Self {
            config: dirs.config_dir().to_path_buf(),
            data: dirs.data_local_dir().to_path_buf(),
            keyring: KEYRING_SERVICE.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_share_neither_files_nor_keyring_names() {
        let dir = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let profiles = [
            Profile::named(None).unwrap(),
            Profile::named(Some("work")).unwrap(),
            Profile::named(Some("home")).unwrap(),
            Profile::named(Some(dir.path().to_str().unwrap())).unwrap(),
            Profile::folder(other.path()).unwrap(),
        ];
        for (at, one) in profiles.iter().enumerate() {
            for another in &profiles[at + 1..] {
                assert_ne!(one.deployments_file(), another.deployments_file());
                assert_ne!(one.conversations_file(), another.conversations_file());
                assert_ne!(one.archive_file(), another.archive_file());
                assert_ne!(one.keyring_service(), another.keyring_service());
            }
        }
    }

    #[test]
    fn a_folder_has_the_same_keyring_name_every_time_however_it_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let plain = Profile::folder(dir.path()).unwrap();
        fs::create_dir(dir.path().join("x")).unwrap();
        let roundabout = Profile::folder(&dir.path().join("x/..")).unwrap();
        assert_eq!(plain.keyring_service(), roundabout.keyring_service());
    }

    #[test]
    fn a_name_that_no_folder_should_have_is_refused() {
        for name in ["", "a b", "ä", "x\0", "*"] {
            assert!(matches!(Profile::named(Some(name)), Err(ProfileError::BadName { .. })), "{name}");
        }
    }

    #[test]
    fn a_second_engine_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let profile = Profile::folder(dir.path()).unwrap();
        let first = profile.lock().unwrap();
        let refused = profile.lock().unwrap_err();
        assert!(matches!(refused, ProfileError::InUse { .. }));
        assert!(refused.to_string().contains("already running"));
        drop(first);
        profile.lock().unwrap();
    }
}
