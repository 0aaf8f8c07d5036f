//! The terminal's socket and what arrived on it.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use codec::frame::{FrameError, FrameFormat};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::key::{Key, Keys};

/// Telegrams that arrived and nobody asked for yet, at most; the oldest are dropped.
const MAX_ARRIVED: usize = 10_000;

pub(super) struct Line {
    to: SocketAddr,
    frame: FrameFormat,
    stream: Option<TcpStream>,
    input: BytesMut,
    arrived: VecDeque<Arrived>,
}

pub(super) struct Arrived {
    pub(super) telegram: Bytes,
    pub(super) at: Instant,
}

/// How waiting for something ended.
pub(super) enum Waited {
    Arrived(Arrived),
    Closed,
    Silence,
    /// Something that has no place there.
    Other(&'static str),
}

/// Why a telegram did not leave.
pub(super) enum NotSent {
    Connect(io::Error),
    /// The switch did not ask for it with ENQ; what it did instead.
    NotInvited(&'static str),
}

impl Line {
    pub(super) fn new(to: SocketAddr, frame: FrameFormat) -> Self {
        Self { to, frame, stream: None, input: BytesMut::new(), arrived: VecDeque::new() }
    }

    /// Puts bytes on the wire, connecting first where that is needed.
    pub(super) async fn send(&mut self, framed: &[u8]) -> Result<(), NotSent> {
        if let Some(stream) = &mut self.stream
            && stream.write_all(framed).await.is_ok()
        {
            return Ok(());
        }
        self.connect_and_send(framed).await.map_err(NotSent::Connect)
    }

    async fn connect_and_send(&mut self, framed: &[u8]) -> io::Result<()> {
        let mut stream = TcpStream::connect(self.to).await?;
        stream.set_nodelay(true)?;
        self.input.clear();
        stream.write_all(framed).await?;
        self.stream = Some(stream);
        Ok(())
    }

    /// Waits for the telegram with that key; without a key, for any.
    pub(super) async fn answer(&mut self, keys: &Keys, key: Option<&Key>, time: Duration) -> Waited {
        let deadline = Instant::now() + time;
        loop {
            let wanted = |arrived: &Arrived| key.is_none() || keys.of(&arrived.telegram).as_ref() == key;
            if let Some(arrived) =
                self.arrived.iter().position(wanted).and_then(|index| self.arrived.remove(index))
            {
                return Waited::Arrived(arrived);
            }
            match timeout_at(deadline, self.read()).await {
                Ok(true) => {}
                Ok(false) => return Waited::Closed,
                Err(_) => return Waited::Silence,
            }
        }
    }

    /// Waits until the peer closes the socket.
    pub(super) async fn closed(&mut self, time: Duration) -> Waited {
        let deadline = Instant::now() + time;
        loop {
            match timeout_at(deadline, self.read()).await {
                Ok(true) => {}
                Ok(false) => return Waited::Closed,
                Err(_) => return Waited::Silence,
            }
        }
    }

    /// Closes the socket; what arrived on it and nobody asked for is lost.
    pub(super) fn close(&mut self) {
        self.stream = None;
        self.input.clear();
        self.arrived.clear();
    }

    /// Reads once; false when the socket has ended or speaks another framing.
    async fn read(&mut self) -> bool {
        let Some(stream) = &mut self.stream else { return false };
        let read = stream.read_buf(&mut self.input).await;
        let mut open = matches!(read, Ok(1..));
        while open {
            match self.frame.decode(&mut self.input) {
                Ok(Some(telegram)) => {
                    if self.arrived.len() == MAX_ARRIVED {
                        self.arrived.pop_front();
                    }
                    self.arrived.push_back(Arrived { telegram, at: Instant::now() });
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "broken frame");
                    open = false;
                }
            }
        }
        if !open {
            self.stream = None;
        }
        open
    }
}

/// The telegram in its frame.
pub(super) fn framed(frame: FrameFormat, telegram: &[u8]) -> Result<Vec<u8>, FrameError> {
    let mut bytes = BytesMut::new();
    frame.encode(telegram, &mut bytes)?;
    Ok(bytes.to_vec())
}
