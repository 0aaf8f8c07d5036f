//! The socket of one terminal, which outlives the switch it leads to.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::BytesMut;
use codec::frame::{FrameFormat, Framing};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::watch,
    time::timeout,
};

use super::telegram::{Answer, Telegram};
use crate::support::Noted;

const FRAME: FrameFormat = FrameFormat::new(Framing::Ascii4, 1, 9999);
const PATIENCE: Duration = Duration::from_secs(50);

/// Where the switch listens, as long as it runs.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) plain: SocketAddr,
    pub(super) acknowledged: SocketAddr,
}

/// A connection, what came of the next answer, and what is noted for the check of the run.
pub(super) type Socket = (TcpStream, BytesMut, Noted);

/// A socket of a terminal.
pub(super) struct Line {
    pub(super) places: watch::Receiver<Option<Place>>,
    pub(super) is_acknowledged: bool,
    /// Answers that any terminal has.
    pub(super) answers: Arc<AtomicUsize>,
    pub(super) socket: Option<Socket>,
}

impl Line {
    /// Sends these at once and waits for all answers. Where the switch dies, what has no answer is sent again to the next one.
    pub(super) async fn exchange(&mut self, telegrams: &[&Telegram]) -> Vec<Answer> {
        let exchanged = timeout(PATIENCE, self.exchange_without_end(telegrams)).await;
        exchanged.unwrap_or_else(|_| panic!("no answers to {telegrams:?}"))
    }

    /// Sends it and is gone before an answer can be read.
    pub(super) async fn vanish(&mut self, telegram: &Telegram) {
        let (mut stream, _, mut noted) = self.connected().await;
        noted.sending(&telegram.frame);
        // Whether it arrives is the switch's luck.
        let _ = stream.write_all(&telegram.frame).await;
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    }

    async fn exchange_without_end(&mut self, telegrams: &[&Telegram]) -> Vec<Answer> {
        let mut answers: Vec<Option<Answer>> = vec![None; telegrams.len()];
        while answers.iter().any(Option::is_none) {
            let mut socket = self.connected().await;
            let open = telegrams.iter().zip(&answers).filter(|(_, answer)| answer.is_none());
            let bytes: Vec<u8> = open.flat_map(|(telegram, _)| telegram.frame.iter().copied()).collect();
            socket.2.sending(&bytes);
            if socket.0.write_all(&bytes).await.is_err() {
                continue;
            }
            while answers.iter().any(Option::is_none) {
                let Some(answer) = next(&mut socket).await else { break };
                let which = telegrams.iter().position(|telegram| telegram.is_answered_by(&answer));
                let which = which.unwrap_or_else(|| panic!("{answer:?} answers none of {telegrams:?}"));
                let earlier = answers[which].replace(answer);
                assert!(earlier.is_none(), "{earlier:?} and then {:?}", answers[which]);
                self.answers.fetch_add(1, Ordering::Relaxed);
            }
            if answers.iter().all(Option::is_some) {
                self.socket = Some(socket);
            }
        }
        answers.into_iter().flatten().collect()
    }

    /// The socket there is, or one to whatever switch runs next.
    async fn connected(&mut self) -> Socket {
        if let Some(socket) = self.socket.take() {
            return socket;
        }
        loop {
            let place = *self.places.wait_for(Option::is_some).await.expect("the run outlives its terminals");
            let place = place.expect("waited for");
            let address = if self.is_acknowledged { place.acknowledged } else { place.plain };
            if let Ok(stream) = TcpStream::connect(address).await {
                stream.set_nodelay(true).unwrap();
                return (stream, BytesMut::new(), Noted::to(address, FRAME, false));
            }
        }
    }
}

async fn next((stream, input, noted): &mut Socket) -> Option<Answer> {
    loop {
        if let Some(telegram) = FRAME.decode(input).unwrap() {
            noted.heard(&telegram);
            return Some(Answer::read(telegram));
        }
        if !matches!(stream.read_buf(input).await, Ok(1..)) {
            noted.closed();
            return None;
        }
    }
}
