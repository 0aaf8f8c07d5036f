//! TLS to an acquirer: what it is trusted by, and what we show it.

mod fault;
mod files;
mod handshake;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Where the certificates for one acquirer are, all of them PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificates of the authorities the acquirer is trusted by; no other is, also not those of the system.
    pub ca: PathBuf,
    /// The host name or IP address the acquirer's certificate must be for, whatever address is connected to.
    pub server_name: String,
    /// Our own certificate, with those between it and its authority, for an acquirer that asks for one.
    pub certificate: Option<PathBuf>,
    /// Its private key: PKCS #8, PKCS #1 or SEC 1, not encrypted.
    pub key: Option<PathBuf>,
}

/// How the sockets of a pool speak TLS, 1.2 or 1.3. Two are equal when their name and certificates are.
#[derive(Clone)]
pub struct Tls {
    config: ClientConfig,
    server_name: ServerName<'static>,
    authorities: Vec<CertificateDer<'static>>,
    identity: Option<Arc<CertifiedKey>>,
}

impl Tls {
    /// Reads the files. What they say is kept; a file that changes later changes nothing.
    ///
    /// # Errors
    /// The first file that cannot be used, and why; never a byte of what is in it.
    pub fn load(files: &TlsFiles) -> Result<Self, TlsError> {
        let TlsFiles { ca, server_name, certificate, key } = files;
        let bad_name = || TlsError::ServerName { name: server_name.clone() };
        let server_name = ServerName::try_from(server_name.clone()).map_err(|_| bad_name())?;
        let identity = match (certificate, key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(Arc::new(files::identity(certificate, key)?)),
            (Some(certificate), None) => {
                return Err(TlsError::CertificateWithoutKey { certificate: certificate.clone() });
            }
            (None, Some(key)) => return Err(TlsError::KeyWithoutCertificate { key: key.clone() }),
        };
        let authorities = files::certificates(ca)?;
        let mut roots = RootCertStore::empty();
        for (nth, authority) in authorities.iter().enumerate() {
            let bad = |_| TlsError::BadCertificate { file: ca.clone(), nth: nth + 1 };
            roots.add(authority.clone()).map_err(bad)?;
        }
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .expect("the provider has ciphers for both versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        // A resumed session would not look at the certificate again.
        config.resumption = Resumption::disabled();
        Ok(Self { config, server_name, authorities, identity })
    }
}

impl PartialEq for Tls {
    fn eq(&self, other: &Self) -> bool {
        // A key belongs to its certificate, and so need not be compared.
        let own = |tls: &Self| tls.identity.as_ref().map(|identity| identity.cert.clone());
        self.server_name == other.server_name
            && self.authorities == other.authorities
            && own(self) == own(other)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("server_name", &self.server_name.to_str())
            .field("authorities", &self.authorities.len())
            .field("shows_certificate", &self.identity.is_some())
            .finish_non_exhaustive()
    }
}

/// Why there can be no TLS with these files. The configuration's fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The name cannot be in a certificate.
    #[error("{name:?} is neither a host name nor an IP address")]
    ServerName {
        /// What was given.
        name: String,
    },
    /// The file cannot be read.
    #[error("{} cannot be read: {why}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        why: String,
    },
    /// The file is larger than any with certificates or a key.
    #[error("{} is larger than {limit} bytes", file.display())]
    TooLarge {
        /// The file.
        file: PathBuf,
        /// How large it may be, in bytes.
        limit: u64,
    },
    /// The file is not PEM throughout.
    #[error("{} is no whole PEM: {why}", file.display())]
    NotPem {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The file has no certificate in it.
    #[error("{} has no certificate in it (expected -----BEGIN CERTIFICATE-----)", file.display())]
    NoCertificate {
        /// The file.
        file: PathBuf,
    },
    /// A certificate in the file cannot be understood.
    #[error("certificate {nth} in {} cannot be understood", file.display())]
    BadCertificate {
        /// The file.
        file: PathBuf,
        /// Which one, from 1.
        nth: usize,
    },
    /// The file has no private key in it, or only an encrypted one.
    #[error("{} has no private key in it (expected an unencrypted one of PKCS #8, PKCS #1 or SEC 1)", file.display())]
    NoKey {
        /// The file.
        file: PathBuf,
    },
    /// The private key is broken or of a kind that is not supported.
    #[error("the private key in {} is broken, or neither RSA, ECDSA (P-256, P-384) nor Ed25519", file.display())]
    BadKey {
        /// The file.
        file: PathBuf,
    },
    /// The private key belongs to another certificate.
    #[error("the private key in {} is not the one of the certificate in {}", key.display(), certificate.display())]
    KeyMismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// There is a certificate of ours, but not its private key.
    #[error("{} is of no use without its private key", certificate.display())]
    CertificateWithoutKey {
        /// The certificate's file.
        certificate: PathBuf,
    },
    /// There is a private key of ours, but not its certificate.
    #[error("{} is of no use without its certificate", key.display())]
    KeyWithoutCertificate {
        /// The key's file.
        key: PathBuf,
    },
}

#[cfg(test)]
mod tests;
