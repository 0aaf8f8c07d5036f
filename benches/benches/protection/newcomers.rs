//! Terminals that connect while others are at work: each asks once, on a socket of its own, and goes.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use switch::clock::korea_now;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::interval,
};
use tokio_util::sync::CancellationToken;

use crate::{
    approval::Approval,
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
    let asked = ask(to, numbered(&Approval::of(ONE.no), number)).await;
    assert!(asked.is_ok(), "a newcomer is approved");
}

async fn waits(to: SocketAddr, first: u32, stop: CancellationToken) -> Vec<Duration> {
    let approval = Approval::of(ONE.no);
    let (mut every, mut under_way, mut waits) = (interval(EVERY), JoinSet::new(), Vec::new());
    let mut number = first;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(wait) = under_way.join_next() => waits.push(wait.expect("it ends without a panic")),
            _ = every.tick() => {
                let approval = numbered(&approval, number);
                under_way.spawn(async move {
                    let since = Instant::now();
                    let asked = tokio::time::timeout(GIVES_UP, ask(to, approval)).await;
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

async fn ask(to: SocketAddr, approval: Approval) -> Result<(), NotApproved> {
    let mut stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    stream.write_all(approval.written()).await?;
    let mut answer = vec![0; approval.reply_length()];
    stream.read_exact(&mut answer).await?;
    if approval.code_in(&answer) == Some(b"0000") { Ok(()) } else { Err(NotApproved) }
}

/// Its socket was lost, or it was refused.
struct NotApproved;

impl From<std::io::Error> for NotApproved {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

/// No two of them have a terminal and a trace number in common, or a card.
fn numbered(approval: &Approval, number: u32) -> Approval {
    let (mut approval, number) = (approval.clone(), u64::from(number));
    let terminals = NEWCOMERS.end - NEWCOMERS.start;
    let terminal_id = NEWCOMERS.start + number % terminals;
    let sent_at = korea_now().strftime("%Y%m%d%H%M%S").to_string();
    approval.write(terminal_id, 1 + number / terminals, number, &sent_at);
    approval
}
