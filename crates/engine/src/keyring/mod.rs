//! Where resume tokens are kept: the system's password store behind a trait, asked by one thread at a time.
//!
//! What the store of a Linux desktop (the Secret Service) says, and what it is taken for:
//!
//! | situation | answer | taken for |
//! |---|---|---|
//! | unlocked | the secret, or that there is none | that |
//! | no session bus, or nobody provides the service | the store cannot be started | [`VaultError::Missing`] |
//! | service without a collection, nobody to ask for one | reading: none; writing: no access | none; [`VaultError::Locked`] |
//! | locked, without a display | no access | [`VaultError::Locked`] |
//! | locked, with a display | waits in the system's dialog until the person answers | as answered |
//!
//! "No access" is never taken for "no secret": the conversation stays, and is tried again when the person asks. Windows
//! takes 2,560 bytes for an entry. A store that could not be started is tried afresh at each call, because a password store
//! may come up after us.

use std::fmt;
use std::sync::Arc;

use envoi_protocol::fault::{Fault, FaultCode};
use tokio::sync::Mutex;

pub mod memory;
mod system;

pub use system::SystemVault;

/// A password store with entries by account. Calls may block for as long as the person takes to answer a dialog.
pub trait Vault: fmt::Debug + Send + Sync {
    /// The secret of this account, if there is one.
    ///
    /// # Errors
    ///
    /// [`VaultError`] if it cannot be told whether there is one.
    fn get(&self, account: &str) -> Result<Option<Vec<u8>>, VaultError>;

    /// Keeps a secret, replacing an older one.
    ///
    /// # Errors
    ///
    /// [`VaultError`] if it was not kept; the older one may still be there.
    fn set(&self, account: &str, secret: &[u8]) -> Result<(), VaultError>;

    /// Deletes a secret. That there was none is no error.
    ///
    /// # Errors
    ///
    /// [`VaultError`] if it may still be there.
    fn delete(&self, account: &str) -> Result<(), VaultError>;
}

/// What is wrong with the password store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// It is there and does not let us in.
    #[error("the password store is locked ({0})")]
    Locked(String),
    /// There is none.
    #[error("there is no password store ({0})")]
    Missing(String),
    /// It takes no secret of this length.
    #[error("the password store takes at most {limit} bytes")]
    TooLong {
        /// How much it takes.
        limit: u32,
    },
    /// Anything else.
    #[error("the password store failed ({0})")]
    Failed(String),
}

impl VaultError {
    /// Stable code for interfaces.
    #[must_use]
    pub const fn code(&self) -> FaultCode {
        match self {
            Self::Locked(_) => FaultCode::KeyringLocked,
            Self::Missing(_) => FaultCode::KeyringMissing,
            Self::TooLong { .. } | Self::Failed(_) => FaultCode::KeyringFailed,
        }
    }

    /// As an interface sees it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        Fault::with_detail(self.code(), self.to_string())
    }
}

/// The store as async code uses it: each call on a blocking thread, one after another in the order they were made.
#[derive(Debug, Clone)]
pub struct Keyring {
    vault: Arc<dyn Vault>,
    turn: Arc<Mutex<()>>,
}

impl Keyring {
    /// Wraps a store.
    #[must_use]
    pub fn new(vault: Arc<dyn Vault>) -> Self {
        Self { vault, turn: Arc::default() }
    }

    /// The secret of this account, if there is one.
    ///
    /// # Errors
    ///
    /// As [`Vault::get`].
    pub async fn get(&self, account: &str) -> Result<Option<Vec<u8>>, VaultError> {
        let account = account.to_owned();
        self.on_thread(move |vault| vault.get(&account)).await
    }

    /// Keeps a secret. If that fails, an older one is deleted if possible: a worn-out token must not pass for the new one.
    ///
    /// # Errors
    ///
    /// As [`Vault::set`].
    pub async fn set(&self, account: &str, secret: Vec<u8>) -> Result<(), VaultError> {
        let account = account.to_owned();
        self.on_thread(move |vault| {
            vault.set(&account, &secret).inspect_err(|refused| {
                let removed = vault.delete(&account).is_ok();
                tracing::warn!(%refused, removed, "a token could not be kept");
            })
        })
        .await
    }

    /// Deletes a secret.
    ///
    /// # Errors
    ///
    /// As [`Vault::delete`].
    pub async fn delete(&self, account: &str) -> Result<(), VaultError> {
        let account = account.to_owned();
        self.on_thread(move |vault| vault.delete(&account)).await
    }

    async fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        // The turn travels with the work: abandoning the future must not let a second thread in beside the first.
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let vault = Arc::clone(&self.vault);
        let done = tokio::task::spawn_blocking(move || {
            let result = work(vault.as_ref());
            drop(turn);
            result
        });
        done.await.unwrap_or_else(|broken| Err(VaultError::Failed(broken.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::memory::{MemoryVault, Trouble};
    use super::*;

    #[tokio::test]
    async fn a_secret_is_kept_replaced_and_deleted() {
        let vault = MemoryVault::default();
        let keyring = Keyring::new(Arc::new(vault.clone()));
        assert_eq!(keyring.get("a").await, Ok(None));
        keyring.set("a", b"one".to_vec()).await.unwrap();
        keyring.set("a", b"two".to_vec()).await.unwrap();
        assert_eq!(keyring.get("a").await, Ok(Some(b"two".to_vec())));
        keyring.delete("a").await.unwrap();
        keyring.delete("a").await.unwrap();
        assert_eq!(keyring.get("a").await, Ok(None));
    }

    #[tokio::test]
    async fn a_token_that_could_not_be_replaced_is_not_left_to_shadow() {
        let vault = MemoryVault::default();
        let keyring = Keyring::new(Arc::new(vault.clone()));
        keyring.set("a", b"old".to_vec()).await.unwrap();
        vault.trouble(Trouble::Writing(VaultError::Failed(String::from("disk full"))));
        assert_eq!(keyring.set("a", b"new".to_vec()).await.unwrap_err().code(), FaultCode::KeyringFailed);
        assert_eq!(keyring.get("a").await, Ok(None));
    }

    #[tokio::test]
    async fn locked_is_not_taken_for_empty() {
        let vault = MemoryVault::default();
        let keyring = Keyring::new(Arc::new(vault.clone()));
        keyring.set("a", b"one".to_vec()).await.unwrap();
        vault.trouble(Trouble::All(VaultError::Locked(String::from("test"))));
        assert_eq!(keyring.get("a").await.unwrap_err().code(), FaultCode::KeyringLocked);
        vault.trouble(Trouble::None);
        assert_eq!(keyring.get("a").await, Ok(Some(b"one".to_vec())));
    }

    #[tokio::test]
    async fn calls_are_made_one_after_another() {
        let vault = MemoryVault::default();
        let keyring = Keyring::new(Arc::new(vault.clone()));
        let both = futures_util::future::join_all((0..20).map(|n: u8| {
            let keyring = keyring.clone();
            async move { keyring.set("same", vec![n]).await }
        }));
        assert!(both.await.iter().all(Result::is_ok));
        assert_eq!(vault.most_at_once(), 1);
        assert_eq!(keyring.get("same").await, Ok(Some(vec![19])));
    }
}
