use std::collections::HashSet;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::*;

/// The acquirer's listening socket.
pub(crate) struct Acquirer {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Acquirer {
    pub(crate) async fn listen() -> Self {
        Self::listen_at("127.0.0.1:0").await
    }

    pub(crate) async fn listen_at(address: &str) -> Self {
        Self { listener: TcpListener::bind(address).await.unwrap(), tls: None }
    }

    pub(crate) async fn listen_with(tls: TlsAcceptor) -> Self {
        Self { tls: Some(tls), ..Self::listen().await }
    }

    pub(crate) fn address(&self) -> String {
        self.listener.local_addr().unwrap().to_string()
    }

    pub(crate) async fn accept(&self) -> Socket {
        self.try_accept().await.unwrap()
    }

    /// The link may be given up while it shakes hands.
    pub(crate) async fn try_accept(&self) -> std::io::Result<Socket> {
        let stream = self.accept_plain().await;
        let wire = match &self.tls {
            None => Wire::Plain(stream),
            Some(tls) => {
                let shaken = timeout(TOO_LONG, tls.accept(stream)).await.expect("a handshake in time");
                Wire::Tls(Box::new(shaken?))
            }
        };
        Ok(Socket { wire, inbox: BytesMut::new() })
    }

    /// The handshake of a socket accepted without.
    pub(crate) async fn shake_hands(&self, stream: TcpStream) -> std::io::Result<()> {
        let tls = self.tls.as_ref().expect("it speaks TLS");
        timeout(TOO_LONG, tls.accept(stream)).await.expect("a handshake in time").map(|_| ())
    }

    /// Without the handshake, if there is to be one.
    pub(crate) async fn accept_plain(&self) -> TcpStream {
        let (stream, _) = timeout(TOO_LONG, self.listener.accept()).await.expect("a link in time").unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }
}

/// An address nobody listens on.
pub(crate) async fn dead_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().to_string()
}

/// An address nobody listens on yet, and nobody else can take.
pub(crate) struct Dead {
    socket: TcpSocket,
}

impl Dead {
    pub(crate) fn bind() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self { socket }
    }

    pub(crate) fn address(&self) -> String {
        self.socket.local_addr().unwrap().to_string()
    }

    pub(crate) fn revive(self) -> Acquirer {
        Acquirer { listener: self.socket.listen(128).unwrap(), tls: None }
    }
}

/// A listening socket whose queue is full: it answers no attempt to connect.
pub(crate) struct Unaccepting {
    listener: TcpListener,
    _fillers: Vec<TcpStream>,
}

impl Unaccepting {
    pub(crate) async fn listen() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let full = listener.local_addr().unwrap();
        let mut fillers = Vec::new();
        while let Ok(Ok(filler)) = timeout(SHORT, TcpStream::connect(full)).await {
            fillers.push(filler);
        }
        Self { listener, _fillers: fillers }
    }

    pub(crate) fn address(&self) -> String {
        self.listener.local_addr().unwrap().to_string()
    }
}

/// The acquirer's end of one link.
pub(crate) struct Socket {
    wire: Wire,
    inbox: BytesMut,
}

enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    async fn read(&mut self, inbox: &mut BytesMut) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read_buf(inbox).await,
            Self::Tls(stream) => stream.read_buf(inbox).await,
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes).await,
            Self::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }
}

impl Socket {
    /// The serial of the next request; `None` when the link is closed.
    pub(crate) async fn request(&mut self) -> Option<(u32, u64)> {
        loop {
            if let Some(telegram) = format().decode(&mut self.inbox).unwrap() {
                let key = key_of(&telegram).unwrap();
                return Some((key.kind, key.serial));
            }
            let read = timeout(TOO_LONG, self.wire.read(&mut self.inbox)).await.expect("bytes in time");
            if matches!(read, Ok(0) | Err(_)) {
                return None;
            }
        }
    }

    pub(crate) async fn expect(&mut self, kind: u32, serial: u64) {
        assert_eq!(self.request().await, Some((kind, serial)));
    }

    pub(crate) async fn answer(&mut self, kind: u32, serial: u64) {
        self.answer_all(kind, &[serial]).await;
    }

    /// Says that telegram, whatever was asked.
    pub(crate) async fn reply(&mut self, kind: u32, serial: u64) {
        let mut out = BytesMut::new();
        format().encode(&telegram(kind, serial), &mut out).unwrap();
        self.write(&out).await;
    }

    /// Answers several requests in one segment.
    pub(crate) async fn answer_all(&mut self, kind: u32, serials: &[u64]) {
        let mut out = BytesMut::new();
        for serial in serials {
            format().encode(&telegram(kind + 1, *serial), &mut out).unwrap();
        }
        self.write(&out).await;
    }

    pub(crate) async fn answer_byte_by_byte(&mut self, kind: u32, serial: u64) {
        let mut out = BytesMut::new();
        format().encode(&telegram(kind + 1, serial), &mut out).unwrap();
        for byte in out {
            self.write(&[byte]).await;
            tokio::task::yield_now().await;
        }
    }

    /// The link may be gone already; then nothing can be written.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        let _ = self.try_write(bytes).await;
    }

    pub(crate) async fn try_write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.wire.write(bytes).await
    }

    pub(crate) async fn is_closed(&mut self) -> bool {
        self.request().await.is_none()
    }

    /// Everything that still comes until the link is closed: the serials of whole requests, and whether
    /// a part of another follows.
    pub(crate) async fn rest(mut self) -> (HashSet<u64>, bool) {
        let mut serials = HashSet::new();
        while let Some((_, serial)) = self.request().await {
            serials.insert(serial);
        }
        (serials, !self.inbox.is_empty())
    }

    /// Closes the link as TLS wants it, with a farewell.
    pub(crate) async fn close(self) {
        match self.wire {
            Wire::Plain(mut stream) => stream.shutdown().await.unwrap(),
            Wire::Tls(mut stream) => stream.shutdown().await.unwrap(),
        }
    }

    /// Closes the link so that its peer sees an error.
    pub(crate) fn reset(self) {
        match self.wire {
            Wire::Plain(stream) => stream.set_zero_linger().unwrap(),
            Wire::Tls(stream) => stream.get_ref().0.set_zero_linger().unwrap(),
        }
    }
}
