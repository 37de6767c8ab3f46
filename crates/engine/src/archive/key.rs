//! The key of the archive, and its place in the password store.

use std::fmt;

use zeroize::{Zeroize as _, Zeroizing};

use crate::keyring::{Keyring, VaultError};

/// The account that the key stands under, beside those of the conversations.
pub const ACCOUNT: &str = "archive";

const LENGTH: usize = 32;

/// What opens the archive: 256 bits of the system's randomness. Wiped from memory when it is no longer needed.
#[derive(Clone)]
pub struct ArchiveKey([u8; LENGTH]);

/// A key, and whether it is the one that was kept before.
#[derive(Debug)]
pub struct Recalled {
    /// The key.
    pub key: ArchiveKey,
    /// True if there was none: a file that is there already does not open with this one.
    pub new: bool,
}

impl ArchiveKey {
    /// A new one.
    ///
    /// # Errors
    ///
    /// If the system has no randomness.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; LENGTH];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The key of these bytes; `None` if their number is not that of a key.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes. Only for the password store.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The statement that gives a connection the key.
    pub(super) fn pragma(&self) -> Zeroizing<String> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        // Long enough from the start: a text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(2 * LENGTH + 24));
        text.push_str("PRAGMA key = \"x'");
        for byte in &self.0 {
            for digit in [byte >> 4, byte & 15] {
                text.extend(DIGITS.get(usize::from(digit)).copied().map(char::from));
            }
        }
        text.push_str("'\";");
        text
    }
}

impl Drop for ArchiveKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for ArchiveKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ArchiveKey(…)")
    }
}

/// The key from the password store. If it has none, a new one is made and kept; it is given out only when the store was seen to
/// have it, because whatever is written with a key that is lost is lost.
///
/// # Errors
///
/// [`VaultError`] if the store does not let us in or does not keep the key: nothing may be written to disk then.
pub async fn recall(keyring: &Keyring) -> Result<Recalled, VaultError> {
    if let Some(key) = read(keyring).await? {
        return Ok(Recalled { key, new: false });
    }
    let key = ArchiveKey::generate().map_err(|cause| VaultError::Failed(cause.to_string()))?;
    keyring.set(ACCOUNT, key.expose().to_vec()).await?;
    match read(keyring).await? {
        Some(kept) if kept.expose() == key.expose() => Ok(Recalled { key, new: true }),
        _ => Err(VaultError::Failed("it does not give back what it was given".to_owned())),
    }
}

/// What is not a key counts as none: nothing was ever written with it.
async fn read(keyring: &Keyring) -> Result<Option<ArchiveKey>, VaultError> {
    let bytes = keyring.get(ACCOUNT).await?.map(Zeroizing::new);
    Ok(bytes.and_then(|bytes| ArchiveKey::from_bytes(&bytes)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::keyring::Vault;
    use crate::keyring::memory::{MemoryVault, Trouble};

    fn keyring() -> (MemoryVault, Keyring) {
        let vault = MemoryVault::default();
        (vault.clone(), Keyring::new(Arc::new(vault)))
    }

    #[test]
    fn a_key_does_not_show_itself() {
        let key = ArchiveKey::from_bytes(&[0xab; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "ArchiveKey(…)");
        assert_eq!(*key.pragma(), format!("PRAGMA key = \"x'{}'\";", "ab".repeat(32)));
        assert!(ArchiveKey::from_bytes(&[0; 31]).is_none());
    }

    #[tokio::test]
    async fn the_first_start_makes_a_key_and_the_second_finds_it() {
        let (vault, keyring) = keyring();
        let first = recall(&keyring).await.unwrap();
        let second = recall(&keyring).await.unwrap();
        assert!(first.new && !second.new);
        assert_eq!(first.key.expose(), second.key.expose());
        assert_eq!(vault.peek(ACCOUNT).unwrap(), first.key.expose());
        let (_, other) = self::keyring();
        assert_ne!(recall(&other).await.unwrap().key.expose(), first.key.expose());
    }

    #[tokio::test]
    async fn a_store_that_is_locked_or_keeps_nothing_gives_no_key() {
        let (vault, keyring) = keyring();
        vault.trouble(Trouble::All(VaultError::Locked("test".into())));
        assert!(matches!(recall(&keyring).await, Err(VaultError::Locked(_))));
        vault.trouble(Trouble::Writing(VaultError::Failed("full".into())));
        assert!(matches!(recall(&keyring).await, Err(VaultError::Failed(_))));
        let forgetful = Keyring::new(Arc::new(Forgetful));
        assert!(matches!(recall(&forgetful).await, Err(VaultError::Failed(_))));
    }

    #[tokio::test]
    async fn what_is_no_key_is_replaced() {
        let (vault, keyring) = keyring();
        vault.set(ACCOUNT, b"hello").unwrap();
        assert!(recall(&keyring).await.unwrap().new);
    }

    /// Says that it keeps, and keeps nothing.
    #[derive(Debug)]
    struct Forgetful;

    impl Vault for Forgetful {
        fn get(&self, _: &str) -> Result<Option<Vec<u8>>, VaultError> {
            Ok(None)
        }

        fn set(&self, _: &str, _: &[u8]) -> Result<(), VaultError> {
            Ok(())
        }

        fn delete(&self, _: &str) -> Result<(), VaultError> {
            Ok(())
        }
    }
}
