//! Whom connections trust: the certificates of the system, read once for the whole program, and those of a company's own file.
//!
//! Reading the system's takes several milliseconds and a hundred kilobytes, so a thread of its own begins with it when the program
//! does, and all clients of all routes share what it found.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;

use super::RouteError;

type Found = Result<Arc<dyn ServerCertVerifier>, rustls::Error>;

/// The certificates of the system. Clones are the same.
#[derive(Clone)]
pub(super) struct Trust {
    system: Arc<OnceLock<Found>>,
}

impl Trust {
    /// Begins to read them; whoever comes before that is done waits for it.
    pub(super) fn begin() -> Self {
        let system = Arc::new(OnceLock::new());
        let place = Arc::clone(&system);
        let reading = std::thread::Builder::new().name("certificates".to_owned()).spawn(move || {
            place.get_or_init(|| verifier([]));
        });
        if let Err(cause) = reading {
            tracing::warn!(%cause, "the certificates are read when they are needed");
        }
        Self { system }
    }

    /// What a client needs that trusts them, and those in a file as well.
    ///
    /// # Errors
    ///
    /// [`RouteError::ExtraCa`] for a file that cannot be used, [`RouteError::Client`] if the system has no certificates.
    pub(super) fn config(&self, extra: Option<&Path>) -> Result<ClientConfig, RouteError> {
        let verifier = match extra {
            None => self.system.get_or_init(|| verifier([])).clone(),
            Some(file) => verifier(certificates(file)?),
        };
        let client = |refused: rustls::Error| RouteError::Client(refused.to_string());
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(client)?
            .dangerous()
            .with_custom_certificate_verifier(verifier.map_err(client)?)
            .with_no_client_auth();
        Ok(config)
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust").field("read", &self.system.get().is_some()).finish()
    }
}

/// The certificates in a PEM file.
///
/// # Errors
///
/// [`RouteError::ExtraCa`] if it cannot be read or holds none.
pub fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, RouteError> {
    let refused = |problem: String| RouteError::ExtraCa { file: file.to_path_buf(), problem };
    let bytes = std::fs::read(file).map_err(|cause| refused(cause.to_string()))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let found = found.map_err(|cause| refused(cause.to_string()))?;
    if found.is_empty() {
        return Err(refused(String::from(
            "it holds no certificate; it should begin with -----BEGIN CERTIFICATE-----",
        )));
    }
    Ok(found)
}

/// Two cryptography libraries may end up in one program, and then rustls cannot choose: we do, once, before any connection.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    if let Some(chosen) = CryptoProvider::get_default() {
        return Arc::clone(chosen);
    }
    // Somebody else may have been faster, which is as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let ours = || Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    CryptoProvider::get_default().map_or_else(ours, Arc::clone)
}

fn verifier(extra: impl IntoIterator<Item = CertificateDer<'static>>) -> Found {
    Verifier::new_with_extra_roots(extra, provider())
        .map(|verifier| Arc::new(verifier) as Arc<dyn ServerCertVerifier>)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificates_of_the_system_are_read_once() {
        let trust = Trust::begin();
        let (one, other) = (trust.clone(), trust);
        let both = [&one, &other].map(|trust| trust.config(None).map(|_| ()));
        assert_eq!(both[0], both[1]);
        assert!(Arc::ptr_eq(&one.system, &other.system) && one.system.get().is_some());
    }

    #[test]
    fn a_file_without_certificates_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ca.pem");
        std::fs::write(&file, "nothing of the kind").unwrap();
        let refused = Trust::begin().config(Some(&file)).unwrap_err();
        assert!(matches!(&refused, RouteError::ExtraCa { file: named, .. } if *named == file), "{refused}");
    }
}
