use std::{net::SocketAddr, time::Duration};

use bytes::{Buf as _, BytesMut};
use codec::frame::{FrameFormat, Framing};
use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{Answer, Said, noted::Noted};

const PATIENCE: Duration = Duration::from_secs(40);
const FRAME: FrameFormat = FrameFormat::new(Framing::StxLrc, 1, 9999);

pub(crate) const EOT: u8 = 0x04;
pub(crate) const ENQ: u8 = 0x05;
pub(crate) const ACK: u8 = 0x06;
pub(crate) const NAK: u8 = 0x15;
const STX: u8 = 0x02;

/// A terminal's socket on a listener with handshake.
pub(crate) struct Handshake {
    stream: TcpStream,
    input: BytesMut,
    noted: Noted,
}

/// What the switch sends.
#[derive(Debug)]
pub(crate) enum Heard {
    Control(u8),
    Answer(Answer),
    Closed,
}

impl Handshake {
    /// Connected and invited.
    pub(crate) async fn connect(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).await.expect("the switch listens");
        stream.set_nodelay(true).unwrap();
        let mut line = Self { stream, input: BytesMut::new(), noted: Noted::to(to, FRAME, true) };
        line.expect(ENQ).await;
        line
    }

    pub(crate) async fn send(&mut self, telegram: &impl Said) {
        self.raw(&in_stx_lrc(telegram)).await;
    }

    /// Its last byte, the LRC, is wrong.
    pub(crate) async fn send_with_wrong_lrc(&mut self, telegram: &impl Said) {
        let mut framed = in_stx_lrc(telegram);
        *framed.last_mut().expect("an LRC") ^= 0x01;
        self.raw(&framed).await;
    }

    pub(crate) async fn ask(&mut self, telegram: &impl Said) -> Answer {
        self.send(telegram).await;
        self.answer().await
    }

    /// The whole exchange, which must end with EOT.
    pub(crate) async fn exchange(to: SocketAddr, telegram: &impl Said) -> Answer {
        let mut line = Self::connect(to).await;
        let answer = line.ask(telegram).await;
        line.say(ACK).await;
        line.expect(EOT).await;
        line.expect_end().await;
        answer
    }

    pub(crate) async fn say(&mut self, control: u8) {
        self.raw(&[control]).await;
    }

    pub(crate) async fn raw(&mut self, bytes: &[u8]) {
        self.noted.sending(bytes);
        self.stream.write_all(bytes).await.expect("the switch reads");
    }

    pub(crate) async fn expect(&mut self, control: u8) {
        let heard = self.hear().await;
        assert!(
            matches!(heard, Heard::Control(byte) if byte == control),
            "expected {control:#04x}: {heard:?}"
        );
    }

    pub(crate) async fn answer(&mut self) -> Answer {
        match self.hear().await {
            Heard::Answer(answer) => answer,
            heard @ (Heard::Control(_) | Heard::Closed) => panic!("expected an answer: {heard:?}"),
        }
    }

    /// The switch closes, and says nothing before that.
    pub(crate) async fn expect_end(&mut self) {
        let heard = self.hear().await;
        assert!(matches!(heard, Heard::Closed), "expected the end: {heard:?}");
    }

    /// What has arrived by now, without waiting.
    pub(crate) fn arrived(&mut self) -> bool {
        !self.input.is_empty() || self.stream.try_read_buf(&mut self.input).is_ok()
    }

    /// Goes without a word: the switch gets a reset.
    pub(crate) fn vanish(self) {
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }

    async fn hear(&mut self) -> Heard {
        timeout(PATIENCE, self.next()).await.expect("a word or the end in time")
    }

    async fn next(&mut self) -> Heard {
        loop {
            match self.input.first() {
                Some(&STX) => {
                    if let Some(telegram) = FRAME.decode(&mut self.input).unwrap() {
                        self.noted.heard(&telegram);
                        return Heard::Answer(Answer(telegram));
                    }
                }
                Some(&control) => {
                    self.input.advance(1);
                    if control == EOT {
                        self.noted.ended();
                    }
                    return Heard::Control(control);
                }
                None => {}
            }
            if !matches!(self.stream.read_buf(&mut self.input).await, Ok(1..)) {
                self.noted.closed();
                return Heard::Closed;
            }
        }
    }
}

fn in_stx_lrc(telegram: &impl Said) -> BytesMut {
    let mut bytes = BytesMut::new();
    FRAME.encode(&telegram.bytes(), &mut bytes).unwrap();
    bytes
}
