use std::io;

use tokio_rustls::rustls::{AlertDescription, CertificateError, Error, InvalidMessage, PeerIncompatible};

/// The longest text that is repeated of what the peer says about itself, in characters.
const LONGEST_SHOWN: usize = 100;

/// Why a handshake failed, as it is told to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TlsFault {
    #[error("the acquirer's certificate has expired")]
    Expired,
    #[error("the acquirer's certificate is not valid yet (or the clock of this machine is wrong)")]
    NotYetValid,
    #[error("the acquirer's certificate comes from an authority that is not in the CA file")]
    UnknownIssuer,
    #[error(
        "the acquirer's certificate is not for the configured server name {expected:?}, but for {presented}"
    )]
    OtherName { expected: String, presented: String },
    #[error("the acquirer's certificate cannot be used: {0}")]
    BadCertificate(String),
    #[error("the peer does not speak TLS")]
    NotTls,
    #[error("the peer closed the connection during the TLS handshake")]
    ClosedEarly,
    #[error("the peer speaks neither TLS 1.2 nor 1.3")]
    Outdated,
    #[error("the peer and this machine have no cipher or signature in common")]
    NothingInCommon,
    #[error("the peer requires a client certificate, and none is configured")]
    CertificateRequired,
    #[error("the peer refused our client certificate: {0}")]
    CertificateRefused(&'static str),
    #[error("TLS failed: {0}")]
    Other(String),
}

/// The error of a handshake in words of its own; any other as it is.
pub(super) fn explained(error: io::Error, showed_certificate: bool) -> io::Error {
    let kind = error.kind();
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let is_closed = matches!(
        kind,
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
    );
    let fault = match tls {
        Some(tls) => fault(tls, showed_certificate),
        None if is_closed => TlsFault::ClosedEarly,
        None => return error,
    };
    io::Error::new(kind, fault)
}

fn fault(error: &Error, showed_certificate: bool) -> TlsFault {
    match error {
        Error::InvalidCertificate(why) => certificate_fault(why),
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => TlsFault::NotTls,
        Error::AlertReceived(AlertDescription::ProtocolVersion)
        | Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::Tls12NotOfferedOrEnabled,
        ) => TlsFault::Outdated,
        Error::AlertReceived(AlertDescription::InsufficientSecurity) | Error::PeerIncompatible(_) => {
            TlsFault::NothingInCommon
        }
        Error::AlertReceived(alert) => alert_fault(*alert, showed_certificate),
        other => TlsFault::Other(shortened(&other.to_string())),
    }
}

fn certificate_fault(error: &CertificateError) -> TlsFault {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsFault::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsFault::NotYetValid,
        // A signature that does not fit is one by another authority of the same name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => TlsFault::UnknownIssuer,
        CertificateError::NotValidForNameContext { expected, presented } => TlsFault::OtherName {
            expected: expected.to_str().into_owned(),
            presented: shortened(&format!("{presented:?}")),
        },
        other => TlsFault::BadCertificate(shortened(&other.to_string())),
    }
}

/// What the peer has against us.
fn alert_fault(alert: AlertDescription, showed_certificate: bool) -> TlsFault {
    let refused = match alert {
        AlertDescription::CertificateRequired => return TlsFault::CertificateRequired,
        AlertDescription::CertificateExpired => "it has expired",
        AlertDescription::CertificateRevoked => "it was revoked",
        AlertDescription::UnknownCA => "it comes from an authority unknown there",
        AlertDescription::AccessDenied => "it has no access there",
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::DecryptError => "it is not accepted there",
        // Before TLS 1.3 there was no word of its own for a missing certificate.
        AlertDescription::HandshakeFailure if !showed_certificate => {
            return TlsFault::Other(
                "the peer broke off the handshake (it may require a client certificate, and none is configured)"
                    .to_owned(),
            );
        }
        other => return TlsFault::Other(format!("the peer broke off: {other:?}")),
    };
    TlsFault::CertificateRefused(refused)
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_SHOWN).collect()
}
