//! The terminal's end of a connection with handshake: ENQ, the telegram, its answer, ACK, EOT.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use codec::frame::FrameFormat;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::key::{Key, Keys};
use super::line::{Arrived, NotSent, Waited};
use crate::capture::Quirk;

/// The end: both may close.
const EOT: u8 = 0x04;
/// Send your telegram.
const ENQ: u8 = 0x05;
/// Received well.
const ACK: u8 = 0x06;
/// Received with a wrong LRC: send it again.
const NAK: u8 = 0x15;

/// How long a terminal waits for ENQ.
const ENQ_TIME: Duration = Duration::from_secs(15);
/// How long it waits for the answer.
const ANSWER_TIME: Duration = Duration::from_secs(30);
/// How long it waits for EOT.
pub(super) const EOT_TIME: Duration = Duration::from_secs(10);

/// How often either side sends the same frame again.
const REPEATS: u8 = 3;

/// What the terminal does wrong with one telegram.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Quirks {
    wrong_lrc: WrongLrc,
    no_ack: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum WrongLrc {
    #[default]
    Never,
    First,
    Always,
}

impl Quirks {
    pub(super) fn add(&mut self, quirk: Quirk) {
        match quirk {
            Quirk::WrongLrc => self.wrong_lrc = WrongLrc::First,
            Quirk::WrongLrcAlways => self.wrong_lrc = WrongLrc::Always,
            Quirk::NoAck => self.no_ack = true,
        }
    }
}

pub(super) struct Handshake {
    to: SocketAddr,
    frame: FrameFormat,
    patience: Duration,
    stream: Option<TcpStream>,
    input: BytesMut,
    outgoing: Outgoing,
    naks_sent: u8,
    acknowledged: bool,
}

/// The frame under way, for its repeats. No `Debug`: it holds card data.
#[derive(Default)]
struct Outgoing {
    framed: Vec<u8>,
    repeatable: bool,
    repeats: u8,
    quirks: Quirks,
}

/// What came on the socket.
enum Came {
    Control(u8),
    Telegram(Bytes),
    WrongLrc,
    Nonsense,
    Closed,
}

impl Handshake {
    /// `patience` is how long anything may take at most, besides the limits of the handshake.
    pub(super) fn new(to: SocketAddr, frame: FrameFormat, patience: Duration) -> Self {
        Self {
            to,
            frame,
            patience,
            stream: None,
            input: BytesMut::new(),
            outgoing: Outgoing::default(),
            naks_sent: 0,
            acknowledged: false,
        }
    }

    /// Opens a connection, waits for ENQ and puts the bytes on the wire; only a frame is repeatable at NAK.
    pub(super) async fn send(
        &mut self,
        framed: Vec<u8>,
        repeatable: bool,
        quirks: Quirks,
    ) -> Result<(), NotSent> {
        self.close();
        let stream = TcpStream::connect(self.to).await.map_err(NotSent::Connect)?;
        stream.set_nodelay(true).map_err(NotSent::Connect)?;
        self.stream = Some(stream);
        (self.naks_sent, self.acknowledged) = (0, false);
        self.outgoing = Outgoing { framed, repeatable, repeats: 0, quirks };
        match timeout(ENQ_TIME.min(self.patience), self.came()).await {
            Ok(Came::Control(ENQ)) => {}
            Ok(came) => return Err(NotSent::NotInvited(name(&came))),
            Err(_) => return Err(NotSent::NotInvited("nothing in time")),
        }
        // A switch that closes right behind its ENQ is found out when the answer is waited for.
        let _ = self.write_frame().await;
        Ok(())
    }

    /// Waits for the answer and acknowledges it; repeats the telegram at NAK, and asks for a spoilt answer again.
    pub(super) async fn answer(&mut self, keys: &Keys, key: Option<&Key>, time: Duration) -> Waited {
        let answer = async {
            loop {
                match self.came().await {
                    Came::Telegram(_) if self.is_spoilt() => {
                        return Waited::Other("an answer to a frame with a wrong LRC");
                    }
                    Came::Telegram(telegram) if key.is_some() && keys.of(&telegram).as_ref() != key => {
                        return Waited::Other("an answer to another telegram");
                    }
                    Came::Telegram(telegram) => {
                        let at = Instant::now();
                        if !self.outgoing.quirks.no_ack {
                            self.acknowledged = true;
                            // A switch that is gone shows when EOT is waited for.
                            let _ = self.write(&[ACK]).await;
                        }
                        return Waited::Arrived(Arrived { telegram, at });
                    }
                    Came::Control(NAK) => {
                        if !self.repeat().await {
                            return Waited::Other("NAK to the last repeat");
                        }
                    }
                    Came::WrongLrc if self.naks_sent < REPEATS => {
                        self.naks_sent += 1;
                        let _ = self.write(&[NAK]).await;
                    }
                    Came::Closed => return Waited::Closed,
                    came @ (Came::Control(_) | Came::WrongLrc | Came::Nonsense) => {
                        return Waited::Other(name(&came));
                    }
                }
            }
        };
        timeout(ANSWER_TIME.min(time), answer).await.unwrap_or(Waited::Silence)
    }

    /// Whether the latest answer was acknowledged.
    pub(super) fn acknowledged(&self) -> bool {
        self.acknowledged
    }

    /// Waits for EOT.
    ///
    /// # Errors
    /// What came instead.
    pub(super) async fn eot(&mut self, time: Duration) -> Result<(), &'static str> {
        match timeout(time, self.came()).await {
            Ok(Came::Control(EOT)) => Ok(()),
            Ok(came) => Err(name(&came)),
            Err(_) => Err("nothing in time"),
        }
    }

    /// Waits until the switch closes the socket; NAKs are obeyed meanwhile as long as there are repeats.
    pub(super) async fn closed(&mut self, time: Duration) -> Waited {
        let closed = async {
            loop {
                match self.came().await {
                    Came::Closed => return Waited::Closed,
                    Came::Control(NAK) => {
                        self.repeat().await;
                    }
                    came @ (Came::Control(_) | Came::Telegram(_) | Came::WrongLrc | Came::Nonsense) => {
                        return Waited::Other(name(&came));
                    }
                }
            }
        };
        timeout(time, closed).await.unwrap_or(Waited::Silence)
    }

    /// Whatever comes within the time.
    pub(super) async fn nothing(&mut self, time: Duration) -> Waited {
        match timeout(time, self.came()).await {
            Ok(Came::Closed) => Waited::Closed,
            Ok(came) => Waited::Other(name(&came)),
            Err(_) => Waited::Silence,
        }
    }

    /// Closes the socket.
    pub(super) fn close(&mut self) {
        self.stream = None;
        self.input.clear();
    }

    /// The next thing on the socket. Given up while it waits, nothing is lost.
    async fn came(&mut self) -> Came {
        loop {
            if let Some(came) = self.next() {
                return came;
            }
            let Some(stream) = &mut self.stream else { return Came::Closed };
            if !matches!(stream.read_buf(&mut self.input).await, Ok(1..)) {
                self.stream = None;
            }
        }
    }

    fn next(&mut self) -> Option<Came> {
        let first = *self.input.first()?;
        if matches!(first, ENQ | ACK | NAK | EOT) {
            self.input.advance(1);
            return Some(Came::Control(first));
        }
        match self.frame.decode(&mut self.input) {
            Ok(Some(telegram)) => Some(Came::Telegram(telegram)),
            Ok(None) => None,
            Err(error) if error.is_recoverable() => Some(Came::WrongLrc),
            Err(error) => {
                tracing::warn!(%error, "broken frame");
                self.close();
                Some(Came::Nonsense)
            }
        }
    }

    /// Sends the frame once more, unless it may not be or was often enough.
    async fn repeat(&mut self) -> bool {
        let Outgoing { repeatable, repeats, .. } = self.outgoing;
        if !repeatable || repeats == REPEATS {
            return false;
        }
        self.outgoing.repeats += 1;
        self.write_frame().await.is_ok()
    }

    async fn write_frame(&mut self) -> io::Result<()> {
        let mut framed = self.outgoing.framed.clone();
        if self.is_spoilt()
            && let Some(lrc) = framed.last_mut()
        {
            *lrc ^= 0xFF;
        }
        self.write(&framed).await
    }

    /// Whether the frame that was sent last has a wrong LRC.
    fn is_spoilt(&self) -> bool {
        let Outgoing { repeatable, repeats, quirks, .. } = &self.outgoing;
        *repeatable
            && match quirks.wrong_lrc {
                WrongLrc::Never => false,
                WrongLrc::First => *repeats == 0,
                WrongLrc::Always => true,
            }
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stream {
            Some(stream) => timeout(self.patience, stream.write_all(bytes)).await.map_err(io::Error::from)?,
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

/// What came, in words.
fn name(came: &Came) -> &'static str {
    match came {
        Came::Control(ENQ) => "ENQ",
        Came::Control(ACK) => "ACK",
        Came::Control(NAK) => "NAK",
        Came::Control(EOT) => "EOT",
        Came::Control(_) | Came::Nonsense => "bytes without meaning",
        Came::Telegram(_) => "an answer",
        Came::WrongLrc => "a frame with a wrong LRC",
        Came::Closed => "a closed connection",
    }
}
