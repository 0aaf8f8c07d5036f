//! Terminals that connect while others are at work: each asks once, on a socket of its own, and goes.

use std::{
    net::SocketAddr,
    ops::Range,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use switch::clock::korea_now;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::interval,
};
use tokio_util::sync::CancellationToken;

use crate::{
    layouts::{FRAME, build, framed, layout},
    party::Party,
    world::{NEWCOMERS, ONE},
};

/// From one to the next.
const EVERY: Duration = Duration::from_millis(10);
/// One that has no answer by then is told as having waited for so long.
const GIVES_UP: Duration = Duration::from_secs(10);

/// They come until this is dropped.
pub(crate) struct Newcomers {
    party: Party,
    told: std::sync::mpsc::Receiver<Vec<Duration>>,
}

impl Newcomers {
    /// They come to this switch. `first` counts on from those that came before, of whom each had a telegram of its own.
    pub(crate) fn come(to: SocketAddr, first: u32) -> Self {
        let (tell_waits, told) = std::sync::mpsc::channel();
        let party = Party::start("newcomers", async move |tell, stop| {
            tell.send(to).expect("its starter waits for it");
            // Whoever is gone wants to hear nothing.
            let _ = tell_waits.send(waits(to, first, stop).await);
        });
        Self { party, told }
    }

    /// They come no longer: how long each waited from its first packet to its approval.
    pub(crate) fn gone(self) -> Vec<Duration> {
        drop(self.party);
        self.told.recv().expect("it tells before it ends")
    }
}

/// One comes and is answered: so is everybody accepted who connected before.
pub(crate) async fn visit(to: SocketAddr, number: u32) {
    let telegram = Telegram::new();
    let asked = ask(to, telegram.written(number), telegram.reply).await;
    assert!(asked.is_ok(), "a newcomer is approved");
}

async fn waits(to: SocketAddr, first: u32, stop: CancellationToken) -> Vec<Duration> {
    let telegram = Telegram::new();
    let (mut every, mut under_way, mut waits) = (interval(EVERY), JoinSet::new(), Vec::new());
    let mut number = first;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(wait) = under_way.join_next() => waits.push(wait.expect("it ends without a panic")),
            _ = every.tick() => {
                let (request, reply) = (telegram.written(number), telegram.reply);
                under_way.spawn(async move {
                    let since = Instant::now();
                    let asked = tokio::time::timeout(GIVES_UP, ask(to, request, reply)).await;
                    if matches!(asked, Ok(Ok(()))) { since.elapsed() } else { GIVES_UP }
                });
                number += 1;
            }
        }
    }
    while let Some(wait) = under_way.join_next().await {
        waits.push(wait.expect("it ends without a panic"));
    }
    waits
}

async fn ask(to: SocketAddr, request: BytesMut, reply: Reply) -> Result<(), NotApproved> {
    let mut stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    stream.write_all(&request).await?;
    let mut answer = vec![0; reply.length];
    stream.read_exact(&mut answer).await?;
    if &answer[reply.code.0..reply.code.1] == b"0000" { Ok(()) } else { Err(NotApproved) }
}

/// Its socket was lost, or it was refused.
struct NotApproved;

impl From<std::io::Error> for NotApproved {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

/// Where an answer in its frame has its code.
#[derive(Clone, Copy)]
struct Reply {
    length: usize,
    code: (usize, usize),
}

/// The 0100 of a newcomer in its frame, written anew in these places.
struct Telegram {
    framed: BytesMut,
    terminal_id: Range<usize>,
    trace_no: Range<usize>,
    sent_at: Range<usize>,
    card: Range<usize>,
    reply: Reply,
}

impl Telegram {
    fn new() -> Self {
        let (layout, reply) = (layout("terminal-0100"), layout("terminal-0110"));
        let telegram = build(
            &layout,
            &[
                ("telegram_type", "0100"),
                ("version", "01"),
                ("merchant_no", ONE.no),
                ("security", "0"),
                ("entry_mode", "I"),
                ("card_track", "5412300000000000=3012"),
                ("currency", "410"),
                ("total_amount", "11000"),
            ],
        );
        let mut request = BytesMut::new();
        FRAME.encode(&telegram, &mut request).expect("a layout of ours fits a length of four digits");
        let head = request.len() - telegram.len();
        // The issuer's six digits stay; nobody on the way asks for a check digit.
        let card = framed(&layout, "card_track", head).start + 6;
        let code = framed(&reply, "response_code", head);
        Self {
            terminal_id: framed(&layout, "terminal_id", head),
            trace_no: framed(&layout, "trace_no", head),
            sent_at: framed(&layout, "sent_at", head),
            card: card..card + 10,
            reply: Reply { length: head + reply.length(), code: (code.start, code.end) },
            framed: request,
        }
    }

    /// No two of them have a terminal and a trace number in common, or a card.
    fn written(&self, number: u32) -> BytesMut {
        let mut telegram = self.framed.clone();
        let terminal = NEWCOMERS.start + u64::from(number) % (NEWCOMERS.end - NEWCOMERS.start);
        let trace_no = 1 + u64::from(number) / (NEWCOMERS.end - NEWCOMERS.start);
        let mut put = |at: &Range<usize>, text: String| telegram[at.clone()].copy_from_slice(text.as_bytes());
        put(&self.terminal_id, format!("{terminal:010}"));
        put(&self.trace_no, format!("{trace_no:06}"));
        put(&self.sent_at, korea_now().strftime("%Y%m%d%H%M%S").to_string());
        put(&self.card, format!("{number:010}"));
        telegram
    }
}
