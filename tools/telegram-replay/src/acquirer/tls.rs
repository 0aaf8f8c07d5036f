//! TLS on the sockets of a simulated acquirer.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{Error, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;

/// TLS 1.2 and 1.3 with a certificate of the acquirer's own.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
}

/// Why an acquirer cannot speak TLS. Never a byte of the key.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file cannot be read.
    #[error("cannot read {}", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file, or text, is not the PEM it should be.
    #[error("{what} is expected as PEM")]
    NotPem {
        /// What was expected in it.
        what: &'static str,
    },
    /// Certificate and key do not fit, or neither can be used.
    #[error("the certificate and its key cannot be used together")]
    Unfit,
}

impl Tls {
    /// Reads the certificate, with its chain, its private key, and the authority of the clients' certificates if those
    /// are required; all of them PEM files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(certificate: &Path, key: &Path, client_ca: Option<&Path>) -> Result<Self, TlsError> {
        let read = |file: &Path| {
            std::fs::read_to_string(file)
                .map_err(|source| TlsError::Unreadable { file: file.to_owned(), source })
        };
        let client_ca = client_ca.map(read).transpose()?;
        Self::from_pem(&read(certificate)?, &read(key)?, client_ca.as_deref())
    }

    /// As [`load`](Self::load), from the texts.
    ///
    /// # Errors
    /// [`TlsError`], but for files.
    pub fn from_pem(certificate: &str, key: &str, client_ca: Option<&str>) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("the provider has ciphers for both versions");
        let builder = match client_ca {
            None => builder.with_no_client_auth(),
            Some(text) => {
                let mut roots = RootCertStore::empty();
                for authority in certificates(text, "the clients' authority")? {
                    roots.add(authority).map_err(|_| TlsError::Unfit)?;
                }
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
                builder.with_client_cert_verifier(verifier.map_err(|_| TlsError::Unfit)?)
            }
        };
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes());
        let key = key.map_err(|_| TlsError::NotPem { what: "the private key" })?;
        let config = builder.with_single_cert(certificates(certificate, "the certificate")?, key);
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config.map_err(|_| TlsError::Unfit)?)) })
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }
}

fn certificates(text: &str, what: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Result<Vec<_>, Error> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    found.ok().filter(|certificates| !certificates.is_empty()).ok_or(TlsError::NotPem { what })
}
