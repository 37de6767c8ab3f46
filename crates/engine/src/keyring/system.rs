//! The password store of the operating system.

use std::sync::{Arc, Mutex, PoisonError};

use keyring_core::{CredentialStore, Entry, Error};

use super::{Vault, VaultError};

/// Most bytes that every system's store takes for one entry.
const LIMIT: usize = 2_560;

/// The store of this system, for one profile's entries.
#[derive(Debug)]
pub struct SystemVault {
    service: String,
    /// Filled by the first start that works.
    store: Mutex<Option<Arc<CredentialStore>>>,
}

impl SystemVault {
    /// The entries under this service name, see [`crate::profile::Profile::keyring_service`].
    #[must_use]
    pub fn new(service: impl Into<String>) -> Self {
        Self { service: service.into(), store: Mutex::default() }
    }

    fn entry(&self, account: &str) -> Result<Entry, VaultError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let started = match store.as_ref() {
            Some(started) => Arc::clone(started),
            None => {
                let started = start().map_err(|refused| VaultError::Missing(refused.to_string()))?;
                Arc::clone(store.insert(started))
            }
        };
        started.build(&self.service, account, None).map_err(|refused| self.told(refused))
    }

    /// A store whose service went away is started afresh by the next call.
    fn told(&self, error: Error) -> VaultError {
        if matches!(error, Error::PlatformFailure(_)) {
            *self.store.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        told(error)
    }
}

impl Vault for SystemVault {
    fn get(&self, account: &str) -> Result<Option<Vec<u8>>, VaultError> {
        match self.entry(account)?.get_secret() {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(other) => Err(self.told(other)),
        }
    }

    fn set(&self, account: &str, secret: &[u8]) -> Result<(), VaultError> {
        if secret.len() > LIMIT {
            return Err(VaultError::TooLong { limit: 2_560 });
        }
        self.entry(account)?.set_secret(secret).map_err(|refused| self.told(refused))
    }

    fn delete(&self, account: &str) -> Result<(), VaultError> {
        match self.entry(account)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(other) => Err(self.told(other)),
        }
    }
}

fn told(error: Error) -> VaultError {
    match error {
        Error::NoStorageAccess(cause) => VaultError::Locked(cause.to_string()),
        Error::NoDefaultStore => VaultError::Missing(error.to_string()),
        Error::TooLong(_, limit) => VaultError::TooLong { limit },
        // The display of the remaining ones names no secret; two of them carry data, which is left out.
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            VaultError::Failed(String::from("the entry is damaged"))
        }
        other => VaultError::Failed(other.to_string()),
    }
}

#[cfg(target_os = "linux")]
fn start() -> Result<Arc<CredentialStore>, Error> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn start() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn start() -> Result<Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn start() -> Result<Arc<CredentialStore>, Error> {
    Err(Error::NotSupportedByStore(String::from("no password store is known for this system")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause() -> Box<dyn std::error::Error + Send + Sync> {
        "a cause".into()
    }

    #[test]
    fn each_answer_of_the_store_has_its_meaning() {
        assert!(matches!(told(Error::NoStorageAccess(cause())), VaultError::Locked(_)));
        assert!(matches!(told(Error::NoDefaultStore), VaultError::Missing(_)));
        assert!(matches!(told(Error::PlatformFailure(cause())), VaultError::Failed(_)));
        assert_eq!(told(Error::TooLong(String::from("secret"), 7)), VaultError::TooLong { limit: 7 });
    }

    #[test]
    fn a_damaged_entry_is_not_quoted() {
        let told = told(Error::BadDataFormat(b"hush".to_vec(), cause()));
        assert!(!format!("{told:?}{told}").contains("hush"));
    }

    #[test]
    fn a_secret_that_some_store_could_not_take_is_refused_before_it_is_asked() {
        let vault = SystemVault::new("chat.envoi.desktop/test");
        assert_eq!(vault.set("a", &[0; 2_561]), Err(VaultError::TooLong { limit: 2_560 }));
    }
}
