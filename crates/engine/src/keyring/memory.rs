//! The twin of the password store: keeps secrets in memory and fails on command. Also holds what is never to be kept, such as
//! the tokens of the pretend company.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Vault, VaultError};

/// A store in memory. Clones are the same store.
#[derive(Debug, Clone, Default)]
pub struct MemoryVault {
    inner: Arc<Mutex<Inner>>,
    at_once: Arc<Mutex<(u32, u32)>>,
}

/// What is to go wrong from now on.
#[derive(Debug, Clone, Default)]
pub enum Trouble {
    /// Nothing.
    #[default]
    None,
    /// Only writing fails.
    Writing(VaultError),
    /// Only deleting fails.
    Deleting(VaultError),
    /// Everything fails.
    All(VaultError),
}

#[derive(Default)]
struct Inner {
    entries: BTreeMap<String, Vec<u8>>,
    trouble: Trouble,
    done: Vec<&'static str>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("accounts", &self.entries.keys()).finish_non_exhaustive()
    }
}

impl MemoryVault {
    /// From now on this goes wrong.
    pub fn trouble(&self, trouble: Trouble) {
        self.inner().trouble = trouble;
    }

    /// Accounts that hold a conversation's token, in order: all but that of the archive's key.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        self.accounts().into_iter().filter(|account| account != crate::archive::key::ACCOUNT).collect()
    }

    /// The accounts that have a secret.
    #[must_use]
    pub fn accounts(&self) -> Vec<String> {
        self.inner().entries.keys().cloned().collect()
    }

    /// The secret of an account, past all trouble.
    #[must_use]
    pub fn peek(&self, account: &str) -> Option<Vec<u8>> {
        self.inner().entries.get(account).cloned()
    }

    /// What was done so far: "get", "set" and "delete", in order, successful or not.
    #[must_use]
    pub fn done(&self) -> Vec<&'static str> {
        self.inner().done.clone()
    }

    /// The largest number of calls that were ever under way together.
    #[must_use]
    pub fn most_at_once(&self) -> u32 {
        self.at_once.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn during<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        {
            let mut at_once = self.at_once.lock().unwrap_or_else(PoisonError::into_inner);
            at_once.0 += 1;
            at_once.1 = at_once.1.max(at_once.0);
        }
        std::thread::yield_now();
        let result = work(&mut self.inner());
        self.at_once.lock().unwrap_or_else(PoisonError::into_inner).0 -= 1;
        result
    }
}

impl Vault for MemoryVault {
    fn get(&self, account: &str) -> Result<Option<Vec<u8>>, VaultError> {
        self.during(|inner| {
            inner.done.push("get");
            match &inner.trouble {
                Trouble::All(error) => Err(error.clone()),
                _ => Ok(inner.entries.get(account).cloned()),
            }
        })
    }

    fn set(&self, account: &str, secret: &[u8]) -> Result<(), VaultError> {
        self.during(|inner| {
            inner.done.push("set");
            match &inner.trouble {
                Trouble::All(error) | Trouble::Writing(error) => Err(error.clone()),
                Trouble::None | Trouble::Deleting(_) => {
                    inner.entries.insert(account.to_owned(), secret.to_vec());
                    Ok(())
                }
            }
        })
    }

    fn delete(&self, account: &str) -> Result<(), VaultError> {
        self.during(|inner| {
            inner.done.push("delete");
            match &inner.trouble {
                Trouble::All(error) | Trouble::Deleting(error) => Err(error.clone()),
                Trouble::None | Trouble::Writing(_) => {
                    inner.entries.remove(account);
                    Ok(())
                }
            }
        })
    }
}
