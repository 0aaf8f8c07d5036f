//! One socket of a session between a terminal and an exchange that the tests play.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use bytes::{Bytes, BytesMut};
use codec::frame::{FrameFormat, Framing};
use desk::Asker;
use payment::{
    MerchantNo, PaymentId, Question, ResponseCode, TelegramKey, TelegramKind, TerminalId, TraceNo,
};
use switch::{
    admission::{Load, Turn},
    clock::Clock,
    config::{Config, Confirm, Listener},
    exchange::Message,
    listener::{
        seats::{Seats, Taken},
        shares::SHARE,
    },
    session::{self, Approved, Context, Outgoing},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::sample::{SAMPLE, config, key, vault};

/// Longer than anything here takes, but for what never comes.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Sockets {
    /// The terminal's end.
    pub(crate) terminal: TcpStream,
    /// What the session tells the exchange.
    pub(crate) told: mpsc::Receiver<Message>,
    /// Where the exchange answers.
    pub(crate) replies: mpsc::Sender<Box<Outgoing>>,
    /// Whose turn it is to make room.
    pub(crate) seats: Arc<Seats>,
    /// What the switch has to do.
    pub(crate) load: Load,
    /// The switch closes once it is cancelled.
    pub(crate) closing: CancellationToken,
    config: Arc<ArcSwap<Config>>,
    frame: FrameFormat,
    input: BytesMut,
}

impl Sockets {
    /// A session on a listener that has its approvals confirmed so.
    pub(crate) async fn open(framing: Framing, confirm: Confirm) -> Self {
        Self::of(|listener| (listener.framing, listener.confirm) = (framing, confirm)).await
    }

    /// A session on a listener with other settings.
    pub(crate) async fn of(change: impl FnOnce(&mut Listener)) -> Self {
        let mut config = config(SAMPLE);
        let listener = config.listeners.get_mut("terminals").unwrap();
        listener.confirm = Confirm::None;
        change(listener);
        let (listener, framing) = (listener.clone(), listener.framing);
        let config = Arc::new(ArcSwap::from_pointee(config));
        let seats = Seats::new();
        let taken = seats.take(1);
        let (exchange, mut told) = mpsc::channel(100);
        let closing = CancellationToken::new();
        let load = Load::default();
        let (_folder, vault) = vault();
        let context = Context {
            config: config.clone(),
            listener,
            admission: load.admission(),
            vault,
            clock: Clock::start(),
            exchange,
            closing: closing.clone(),
        };
        let bound = switch::listener::open("127.0.0.1:0".parse().unwrap()).unwrap();
        let terminal = TcpSocket::new_v4().unwrap();
        terminal.set_recv_buffer_size(16 * 1024).unwrap();
        let terminal = terminal.connect(bound.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = bound.accept().await.unwrap();
        tokio::spawn(async move {
            session::run(stream, peer, Asker(1), taken.seat.clone(), "terminals".into(), context).await;
            drop(taken);
        });
        let opened = timeout(PATIENCE, told.recv()).await.unwrap();
        let Some(Message::Opened { replies, asker: Asker(1) }) = opened else {
            panic!("expected a session that opens, found {opened:?}")
        };
        let frame = FrameFormat::new(framing, 60, 2048);
        Self { terminal, told, replies, seats, load, closing, config, frame, input: BytesMut::new() }
    }

    /// A reload: the listener has these settings now, or is gone.
    pub(crate) fn reload(&self, change: impl FnOnce(&mut Listener) -> bool) {
        let mut config = config(SAMPLE);
        let mut listener = self.config.load().listeners["terminals"].clone();
        config.listeners.clear();
        if change(&mut listener) {
            config.listeners.insert("terminals".to_owned(), listener);
        }
        self.config.store(Arc::new(config));
    }

    /// The switch has too much to do from now on.
    pub(crate) fn overload(&mut self) {
        let (now, limit) = (Clock::start().now(), Duration::from_millis(200));
        self.load.turn(Turn { now, undecided: usize::MAX, waiting: 0, backlog: 0, limit });
    }

    /// What the session tells next.
    pub(crate) async fn told(&mut self) -> Message {
        timeout(PATIENCE, self.told.recv()).await.expect("in time").expect("a session that is there")
    }

    /// What the session asks next, and how long an approval may wait for its acknowledgement.
    pub(crate) async fn asked(&mut self) -> (Question, Option<u64>) {
        match self.told().await {
            Message::Ask { asker: Asker(1), question, acknowledged_within_ms, .. } => {
                (question, acknowledged_within_ms)
            }
            other => panic!("expected a question, found {other:?}"),
        }
    }

    /// The session tells what became of a reply.
    pub(crate) async fn told_delivery(&mut self) -> (PaymentId, bool) {
        match self.told().await {
            Message::Delivery { payment, written } => (payment, written),
            other => panic!("expected a delivery, found {other:?}"),
        }
    }

    /// The session ends, with its terminal, and has nothing else to tell.
    pub(crate) async fn told_closed(&mut self) {
        // Of a socket that is closed already there is nothing to close.
        let _ = self.terminal.shutdown().await;
        let told = self.told().await;
        assert!(matches!(told, Message::Closed { asker: Asker(1) }), "expected the end, found {told:?}");
        assert!(self.told.recv().await.is_none());
    }

    /// The exchange answers.
    pub(crate) async fn reply(&self, outgoing: Outgoing) {
        self.replies.send(Box::new(outgoing)).await.unwrap();
    }

    /// The terminal sends bytes as they are.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.terminal.write_all(bytes).await.unwrap();
    }

    /// The terminal sends a telegram.
    pub(crate) async fn send_framed(&mut self, telegram: &[u8]) {
        let framed = self.framed(telegram);
        self.send(&framed).await;
    }

    pub(crate) fn framed(&self, telegram: &[u8]) -> BytesMut {
        let mut framed = BytesMut::new();
        self.frame.encode(telegram, &mut framed).unwrap();
        framed
    }

    /// The next byte that comes to the terminal outside a frame.
    pub(crate) async fn byte(&mut self) -> u8 {
        if self.input.is_empty() {
            self.read().await;
        }
        self.input.split_to(1)[0]
    }

    /// The next telegram that comes to the terminal.
    pub(crate) async fn telegram(&mut self) -> Bytes {
        loop {
            if let Some(telegram) = self.frame.decode(&mut self.input).unwrap() {
                return telegram;
            }
            self.read().await;
        }
    }

    async fn read(&mut self) {
        let read = timeout(PATIENCE, self.terminal.read_buf(&mut self.input)).await;
        assert_ne!(read.expect("in time").unwrap(), 0, "a connection that is open");
    }

    /// Other connections have the whole share of the sample's terminal, for as long as these are there.
    pub(crate) fn others_have_its_share(&self) -> Vec<Taken> {
        let others: Vec<_> = (100..100 + u64::from(SHARE)).map(|number| self.seats.take(number)).collect();
        for other in &others {
            other.seat.is_used(original().terminal, true);
        }
        others
    }

    /// The switch closes the connection and has sent nothing else.
    pub(crate) async fn closed(&mut self) {
        let read = timeout(PATIENCE, self.terminal.read_buf(&mut self.input)).await.expect("in time");
        assert_eq!((read.unwrap(), &self.input[..]), (0, &b""[..]));
    }
}

/// That much later, without waiting for it.
pub(crate) async fn later(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

pub(crate) fn payment() -> PaymentId {
    PaymentId::from_number(77)
}

/// An answer of that code which nobody has to acknowledge or hear of.
pub(crate) fn answer(code: ResponseCode) -> Outgoing {
    let mut telegram = b"0110".to_vec();
    telegram.resize(49, b'0');
    telegram.extend_from_slice(code.as_str().as_bytes());
    telegram.resize(100, b' ');
    Outgoing { telegram: telegram.into(), code, report: None, approved: None }
}

/// An approval of the sample's terminal.
pub(crate) fn approval() -> Outgoing {
    let approved = Approved {
        original: original(),
        merchant: MerchantNo::new("1208800001").unwrap(),
        trace_no: TraceNo::new(1).unwrap(),
    };
    Outgoing { report: Some(payment()), approved: Some(approved), ..answer(ResponseCode::APPROVED) }
}

pub(crate) fn original() -> TelegramKey {
    TelegramKey { kind: TelegramKind::Approval, terminal: TerminalId::new("1000000001").unwrap(), ..key(1) }
}
