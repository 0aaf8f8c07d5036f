use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::ResolvesClientCert;
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{ProtocolVersion, SignatureScheme};

use super::Tls;
use super::fault::explained;
use crate::stream::AtOnce;

/// How long a peer that asked for our certificate is listened to, for whether it took it.
const VERDICT: Duration = Duration::from_millis(500);

impl Tls {
    /// Makes a TLS session of a connected socket; errors say in words of their own what is wrong.
    pub(crate) async fn shake_hands(
        &self,
        socket: TcpStream,
        until: Instant,
    ) -> io::Result<TlsStream<TcpStream>> {
        let shown = Arc::new(Shown { identity: self.identity.clone(), asked: AtomicBool::new(false) });
        let mut config = self.config.clone();
        config.client_auth_cert_resolver = Arc::<Shown>::clone(&shown);
        let connector = TlsConnector::from(Arc::new(config));
        let shaken = connector.connect(self.server_name.clone(), socket).await;
        let mut stream = shaken.map_err(|error| explained(error, self.identity.is_some()))?;
        let is_13 = stream.get_ref().1.protocol_version() == Some(ProtocolVersion::TLSv1_3);
        if is_13 && shown.asked.load(Ordering::Relaxed) {
            // In TLS 1.3 our side of the handshake ends before the peer has judged our certificate. A request sent into a
            // refusal would be unanswered, and owe its net-cancel, for nothing.
            let verdict = timeout_at(until.min(Instant::now() + VERDICT), first_word(&mut stream)).await;
            verdict.unwrap_or(Ok(())).map_err(|error| explained(error, self.identity.is_some()))?;
        }
        Ok(stream)
    }
}

/// Waits for the first record behind the handshake: of a peer that is content a session ticket, otherwise an alert.
async fn first_word(stream: &mut TlsStream<TcpStream>) -> io::Result<()> {
    loop {
        let (socket, session) = stream.get_mut();
        socket.readable().await?;
        match session.read_tls(&mut AtOnce(socket)) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => return session.process_new_packets().map(|_| ()).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

/// Our certificate, and whether the peer of this one socket asked for it.
#[derive(Debug)]
struct Shown {
    identity: Option<Arc<CertifiedKey>>,
    asked: AtomicBool,
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _authorities: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.identity.clone()
    }

    fn has_certs(&self) -> bool {
        self.identity.is_some()
    }
}
