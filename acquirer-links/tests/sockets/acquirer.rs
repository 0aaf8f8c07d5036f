use std::collections::HashSet;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::*;

/// The acquirer's listening socket.
pub(crate) struct Acquirer {
    listener: TcpListener,
}

impl Acquirer {
    pub(crate) async fn listen() -> Self {
        Self::listen_at("127.0.0.1:0").await
    }

    pub(crate) async fn listen_at(address: &str) -> Self {
        Self { listener: TcpListener::bind(address).await.unwrap() }
    }

    pub(crate) fn address(&self) -> String {
        self.listener.local_addr().unwrap().to_string()
    }

    pub(crate) async fn accept(&self) -> Socket {
        let (stream, _) = timeout(TOO_LONG, self.listener.accept()).await.expect("a link in time").unwrap();
        stream.set_nodelay(true).unwrap();
        Socket { stream, inbox: BytesMut::new() }
    }
}

/// An address nobody listens on.
pub(crate) async fn dead_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().to_string()
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
    stream: TcpStream,
    inbox: BytesMut,
}

impl Socket {
    /// The serial of the next request; `None` when the link is closed.
    pub(crate) async fn request(&mut self) -> Option<(u32, u64)> {
        loop {
            if let Some(telegram) = format().decode(&mut self.inbox).unwrap() {
                let key = key_of(&telegram).unwrap();
                return Some((key.kind, key.serial));
            }
            let read = timeout(TOO_LONG, self.stream.read_buf(&mut self.inbox)).await.expect("bytes in time");
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
        let _ = self.stream.write_all(bytes).await;
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

    /// Closes the link so that its peer sees an error.
    pub(crate) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }
}
