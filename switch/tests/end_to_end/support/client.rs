use std::{io, net::SocketAddr, time::Duration};

use bytes::{Bytes, BytesMut};
use codec::frame::{FrameFormat, Framing};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{Answer, Said, noted::Noted};

const PATIENCE: Duration = Duration::from_secs(40);
const FRAME: FrameFormat = FrameFormat::new(Framing::Ascii4, 1, 9999);

/// A terminal's socket.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    input: BytesMut,
    noted: Noted,
}

impl Client {
    pub(crate) async fn connect(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).await.expect("the switch listens");
        stream.set_nodelay(true).unwrap();
        Self { stream, input: BytesMut::new(), noted: Noted::to(to, FRAME, false) }
    }

    /// Sends telegrams, each in its frame, without waiting for answers.
    pub(crate) async fn send(&mut self, telegrams: &[impl Said]) {
        let mut bytes = BytesMut::new();
        for telegram in telegrams {
            FRAME.encode(&telegram.bytes(), &mut bytes).unwrap();
        }
        self.raw(&bytes).await;
    }

    pub(crate) async fn raw(&mut self, bytes: &[u8]) {
        self.try_raw(bytes).await.expect("the switch reads");
    }

    /// The same to a switch that may have closed.
    pub(crate) async fn try_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.noted.sending(bytes);
        self.stream.write_all(bytes).await
    }

    /// The next answer; `None` once the switch has closed the socket.
    pub(crate) async fn receive(&mut self) -> Option<Answer> {
        timeout(PATIENCE, self.next()).await.expect("an answer or the end in time")
    }

    /// So many answers, in the order of their trace numbers.
    pub(crate) async fn receive_all(&mut self, count: usize) -> Vec<Answer> {
        let mut answers = Vec::new();
        while answers.len() < count {
            answers.push(self.receive().await.expect("an open socket"));
        }
        answers.sort_by_key(Answer::trace);
        answers
    }

    pub(crate) async fn ask(&mut self, telegram: &impl Said) -> Answer {
        self.ask_bytes(&telegram.bytes()).await
    }

    pub(crate) async fn ask_bytes(&mut self, telegram: &[u8]) -> Answer {
        self.raw(&framed(telegram)).await;
        self.receive().await.expect("an answer")
    }

    /// What has arrived by now, without waiting.
    pub(crate) fn arrived(&mut self) -> bool {
        !self.input.is_empty() || self.stream.try_read_buf(&mut self.input).is_ok()
    }

    /// Sends no more, but still reads.
    pub(crate) async fn finish(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Goes without a word: the switch gets a reset.
    pub(crate) fn vanish(self) {
        socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }

    async fn next(&mut self) -> Option<Answer> {
        loop {
            if let Some(telegram) = FRAME.decode(&mut self.input).unwrap() {
                self.noted.heard(&telegram);
                return Some(Answer(telegram));
            }
            if !matches!(self.stream.read_buf(&mut self.input).await, Ok(1..)) {
                self.noted.closed();
                return None;
            }
        }
    }
}

pub(crate) fn framed(telegram: &[u8]) -> Bytes {
    let mut bytes = BytesMut::new();
    FRAME.encode(telegram, &mut bytes).unwrap();
    bytes.freeze()
}
