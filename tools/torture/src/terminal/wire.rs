//! A persistent socket that one terminal has to itself, or several share: telegrams are pipelined and answers may come in any order.

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::{
    book::Book,
    chance::Chance,
    telegram::{ASCII4, Answer, Key, Telegram},
};

/// Telegrams that may wait for the socket.
const QUEUE: usize = 64;
/// How long connecting or writing may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// A way to a socket.
#[derive(Clone, Debug)]
pub struct Wire {
    orders: mpsc::Sender<Order>,
}

#[derive(Debug)]
enum Order {
    /// Send it; its answer goes there.
    Ask { telegram: Telegram, amount: Option<u64>, answer: oneshot::Sender<Answer> },
    /// Send it and reset the socket at once.
    Vanish { telegram: Telegram, amount: Option<u64> },
}

impl Wire {
    /// A socket to this address; it is made when it is needed, and again.
    pub fn start(to: SocketAddr, book: Arc<Book>, chance: Chance) -> Self {
        let (orders, received) = mpsc::channel(QUEUE);
        let wire = Served { to, book, chance, socket: None, waiting: HashMap::new(), asked: HashMap::new() };
        tokio::spawn(wire.run(received));
        Self { orders }
    }

    /// Asks and waits for so long. `None`: no answer, for whatever reason.
    pub async fn ask(&self, telegram: &Telegram, amount: Option<u64>, patience: Duration) -> Option<Answer> {
        let (answer, come) = oneshot::channel();
        self.orders.send(Order::Ask { telegram: telegram.clone(), amount, answer }).await.ok()?;
        timeout(patience, come).await.ok()?.ok()
    }

    /// Says it and is gone before an answer can be read.
    pub async fn vanish(&self, telegram: &Telegram, amount: Option<u64>) {
        // A wire that ended has vanished already.
        let _ = self.orders.send(Order::Vanish { telegram: telegram.clone(), amount }).await;
    }
}

struct Served {
    to: SocketAddr,
    book: Arc<Book>,
    chance: Chance,
    socket: Option<(TcpStream, BytesMut)>,
    waiting: HashMap<Key, Vec<oneshot::Sender<Answer>>>,
    /// How often each was asked on this connection and not answered on it.
    asked: HashMap<Key, u32>,
}

impl Served {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Order::Ask { telegram, amount, answer }) => self.ask(telegram, amount, answer).await,
                    Some(Order::Vanish { telegram, amount }) => self.vanish(&telegram, amount).await,
                    None => return,
                },
                open = read(&mut self.socket) => if open { self.take() } else { self.lose() },
            }
        }
    }

    async fn ask(&mut self, telegram: Telegram, amount: Option<u64>, answer: oneshot::Sender<Answer>) {
        if !self.connect().await {
            return;
        }
        // A patience that ended leaves its sender behind.
        self.waiting.retain(|_, waiting| {
            waiting.retain(|answer| !answer.is_closed());
            !waiting.is_empty()
        });
        self.book.sending(&telegram.key, amount);
        *self.asked.entry(telegram.key.clone()).or_default() += 1;
        self.waiting.entry(telegram.key.clone()).or_default().push(answer);
        if !self.write(&telegram).await {
            self.lose();
        }
    }

    async fn vanish(&mut self, telegram: &Telegram, amount: Option<u64>) {
        if self.connect().await {
            self.book.sending(&telegram.key, amount);
            self.write(telegram).await;
            if let Some((stream, _)) = &self.socket {
                // One that is reset already cannot be reset again.
                let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
            }
            self.lose();
        }
    }

    async fn connect(&mut self) -> bool {
        if self.socket.is_none() {
            let connected = timeout(PATIENCE, TcpStream::connect(self.to)).await;
            let Ok(Ok(stream)) = connected else { return false };
            // Without it small pieces wait for one another.
            let _ = stream.set_nodelay(true);
            self.socket = Some((stream, BytesMut::new()));
        }
        true
    }

    /// Writes it, now and then in pieces.
    async fn write(&mut self, telegram: &Telegram) -> bool {
        let Some((stream, _)) = &mut self.socket else { return false };
        let framed = telegram.framed(&ASCII4);
        let at = if self.chance.one_in(5) { self.chance.index(framed.len()) } else { 0 };
        let written = async {
            if at > 0 {
                stream.write_all(&framed[..at]).await?;
                tokio::task::yield_now().await;
            }
            stream.write_all(&framed[at..]).await
        };
        matches!(timeout(PATIENCE, written).await, Ok(Ok(())))
    }

    fn take(&mut self) {
        while let Some((_, input)) = &mut self.socket {
            match ASCII4.decode(input) {
                Ok(Some(telegram)) => self.answered(telegram),
                Ok(None) => return,
                Err(error) => {
                    self.book.stray(format!("the switch sent a broken frame: {error}"));
                    self.lose();
                }
            }
        }
    }

    fn answered(&mut self, telegram: Bytes) {
        let answer = match Answer::read(telegram) {
            Ok(answer) => answer,
            Err(why) => return self.book.stray(format!("the switch sent an unreadable answer: {why}")),
        };
        match self.asked.get_mut(&answer.key) {
            Some(asked) if *asked > 0 => *asked -= 1,
            Some(_) => self.book.stray(format!("{answer:?}: more answers than questions")),
            None => self.book.stray(format!("{answer:?}: not asked on this connection")),
        }
        self.book.heard(&answer);
        for waiting in self.waiting.remove(&answer.key).unwrap_or_default() {
            // Whoever asked may have given up.
            let _ = waiting.send(answer.clone());
        }
    }

    fn lose(&mut self) {
        self.socket = None;
        self.waiting.clear();
        self.asked.clear();
    }
}

/// Whether more came; never where there is no socket.
async fn read(socket: &mut Option<(TcpStream, BytesMut)>) -> bool {
    match socket {
        Some((stream, input)) => matches!(stream.read_buf(input).await, Ok(1..)),
        None => std::future::pending().await,
    }
}
