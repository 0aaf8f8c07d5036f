//! TLS on the sockets.

#[allow(dead_code, reason = "shared with tests that need more of it")]
#[path = "../../../../../acquirer-links/tests/support/certificates.rs"]
mod certificates;

use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use self::certificates::{Authority, HOST, Issued};
use super::*;

/// A socket's client side that trusts the authority and shows a certificate, if there is one.
fn connector(authority: &Authority, own: Option<&Issued>) -> TlsConnector {
    let certificate = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate(&authority.certificate)).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match own {
        None => builder.with_no_client_auth(),
        Some(own) => {
            let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes()).unwrap();
            builder.with_client_auth_cert(vec![certificate(&own.certificate)], key).unwrap()
        }
    };
    TlsConnector::from(Arc::new(config))
}

async fn start_tls(issued: &Issued, client_ca: Option<&str>) -> Acquirer {
    let mut settings = settings("");
    settings.tls = Some(Tls::from_pem(&issued.certificate, &issued.key, client_ca).unwrap());
    Acquirer::start(kovan(), &Layouts::embedded(), settings).await.unwrap()
}

/// Asks for one approval over TLS; the length of the answer, 0 when the socket ended instead.
async fn asked(acquirer: &Acquirer, connector: &TlsConnector) -> usize {
    let stream = TcpStream::connect(acquirer.local_addr()).await.unwrap();
    let host = ServerName::try_from(HOST).unwrap();
    let Ok(mut stream) = connector.connect(host, stream).await else { return 0 };
    let mut framed = BytesMut::new();
    kovan().frame.encode(&approval("030000000042", 50_000), &mut framed).unwrap();
    if stream.write_all(&framed).await.is_err() || stream.flush().await.is_err() {
        return 0;
    }
    let mut input = BytesMut::new();
    loop {
        if let Some(telegram) = kovan().frame.decode(&mut input).unwrap() {
            return telegram.len();
        }
        let read = tokio::time::timeout(PATIENCE, stream.read_buf(&mut input)).await;
        if read.expect("an answer in time").unwrap_or(0) == 0 {
            return 0;
        }
    }
}

#[tokio::test]
async fn approvals_are_given_over_tls() {
    let authority = Authority::new("CA");
    let acquirer = start_tls(&authority.issue(HOST), None).await;
    assert_eq!(asked(&acquirer, &connector(&authority, None)).await, 225);
    assert_eq!(acquirer.live().len(), 1);
}

#[tokio::test]
async fn clients_without_a_certificate_get_nothing_where_one_is_required() {
    let (authority, clients) = (Authority::new("CA"), Authority::new("Clients' CA"));
    let acquirer = start_tls(&authority.issue(HOST), Some(&clients.certificate)).await;
    assert_eq!(asked(&acquirer, &connector(&authority, None)).await, 0);
    assert!(acquirer.truth().is_empty());
    let own = clients.issue("switch.test");
    assert_eq!(asked(&acquirer, &connector(&authority, Some(&own))).await, 225);
}

#[tokio::test]
async fn a_plain_socket_gets_nothing() {
    let authority = Authority::new("CA");
    let acquirer = start_tls(&authority.issue(HOST), None).await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    asker.ask(&approval("030000000042", 50_000)).await;
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, asker.stream.read_to_end(&mut bytes)).await.expect("an end");
    assert!(bytes.len() < 16 && acquirer.truth().is_empty(), "{} bytes", bytes.len());
}

#[test]
fn what_is_wrong_with_the_files_is_told_and_no_key() {
    let (one, other) = (Authority::new("CA").issue(HOST), Authority::new("CA").issue(HOST));
    let told = |certificate: &str, key: &str| {
        Tls::from_pem(certificate, key, None).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(told(&one.certificate, &other.key), "the certificate and its key cannot be used together");
    assert_eq!(told(&one.certificate, &one.certificate), "the private key is expected as PEM");
    assert_eq!(told(&one.key, &one.key), "the certificate is expected as PEM");
    let nowhere = std::path::Path::new("/nowhere/at-all.pem");
    let error = Tls::load(nowhere, nowhere, None).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "cannot read /nowhere/at-all.pem");
}
