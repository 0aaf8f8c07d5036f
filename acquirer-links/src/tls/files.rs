use std::fs::File;
use std::io::Read;
use std::path::Path;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{Error, InconsistentKeys};
use zeroize::Zeroizing;

use super::TlsError;

/// Far more than a bundle of authorities needs.
const LARGEST_FILE: u64 = 1024 * 1024;

/// All certificates in a file, which has at least one.
pub(super) fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(file)?;
    let found = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let certificates = found.map_err(|error| not_pem(file, &error))?;
    if certificates.is_empty() {
        return Err(TlsError::NoCertificate { file: file.to_owned() });
    }
    Ok(certificates)
}

/// A certificate with its chain, and its private key.
pub(super) fn identity(certificate: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let chain = certificates(certificate)?;
    let text = read(key)?;
    let private = PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
        pem::Error::NoItemsFound => TlsError::NoKey { file: key.to_owned() },
        error => not_pem(key, &error),
    })?;
    let signing = ring::sign::any_supported_type(&private);
    let signing = signing.map_err(|_| TlsError::BadKey { file: key.to_owned() })?;
    let identity = CertifiedKey::new(chain, signing);
    match identity.keys_match() {
        Ok(()) => Ok(identity),
        Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            Err(TlsError::KeyMismatch { certificate: certificate.to_owned(), key: key.to_owned() })
        }
        Err(_) => Err(TlsError::BadCertificate { file: certificate.to_owned(), nth: 1 }),
    }
}

fn read(file: &Path) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    let unreadable =
        |error: std::io::Error| TlsError::Unreadable { file: file.to_owned(), why: error.to_string() };
    let opened = File::open(file).map_err(unreadable)?;
    let mut text = Zeroizing::new(Vec::new());
    opened.take(LARGEST_FILE + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > LARGEST_FILE {
        return Err(TlsError::TooLarge { file: file.to_owned(), limit: LARGEST_FILE });
    }
    Ok(text)
}

/// In words of our own: those of the reader repeat parts of the file.
fn not_pem(file: &Path, error: &pem::Error) -> TlsError {
    let why = match error {
        pem::Error::MissingSectionEnd { .. } => "a section has no end",
        pem::Error::IllegalSectionStart { .. } => "a section does not begin as one",
        pem::Error::Base64Decode(_) => "a section is not base64",
        pem::Error::SectionTooLarge => "a section is too large",
        _ => "it cannot be read",
    };
    TlsError::NotPem { file: file.to_owned(), why }
}
