//! One socket of the load.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::report::Counts;
use super::template::Template;
use super::{Cards, Settings, Share};
use crate::clock;

/// How long to wait before connecting again.
const RECONNECT_AFTER: Duration = Duration::from_millis(100);

pub(super) struct Line {
    to: SocketAddr,
    share: Share,
    template: Rc<Template>,
    counts: Rc<RefCell<Counts>>,
    cards: Cards,
    connections: u64,
    pipeline: usize,
    between: Option<Duration>,
    next_due: Instant,
    room_since: Instant,
    until: Instant,
    answer_timeout: Duration,
    sent: u64,
    under_way: VecDeque<UnderWay>,
    seconds: Seconds,
}

struct UnderWay {
    terminal: u64,
    trace: u32,
    since: Instant,
}

impl Line {
    pub(super) fn new(
        settings: &Settings,
        share: Share,
        template: Rc<Template>,
        counts: Rc<RefCell<Counts>>,
        start: Instant,
    ) -> Self {
        // The lines of a paced load take turns instead of sending all at once.
        let apart = settings.rate.map(|rate| Duration::from_secs_f64(1.0 / rate));
        Self {
            to: settings.to,
            share,
            template,
            counts,
            cards: settings.cards.clone(),
            connections: u64::from(settings.connections),
            pipeline: usize::try_from(settings.pipeline).expect("a usize has 32 bits at least"),
            between: apart.map(|apart| apart * settings.connections),
            next_due: start + apart.unwrap_or_default() * share.index,
            room_since: start,
            until: start + settings.time,
            answer_timeout: settings.answer_timeout,
            sent: 0,
            under_way: VecDeque::new(),
            seconds: Seconds::new(),
        }
    }

    /// Sends until the time is over, then waits for the last answers; a lost socket is opened again.
    pub(super) async fn run(mut self) {
        while Instant::now() < self.until {
            let ended = self.one_socket().await;
            let lost = self.under_way.len() as u64 + u64::from(ended.is_err());
            self.under_way.clear();
            self.counts.borrow_mut().errors += lost;
            if let Err(error) = ended {
                tracing::debug!(%error, "socket lost");
                sleep_until(self.until.min(Instant::now() + RECONNECT_AFTER)).await;
            }
        }
    }

    async fn one_socket(&mut self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(self.to).await?;
        stream.set_nodelay(true)?;
        self.room_since = Instant::now();
        let mut input = BytesMut::with_capacity(64 * 1024);
        let mut output = BytesMut::with_capacity(64 * 1024);
        loop {
            let now = Instant::now();
            self.write_due(now, &mut output);
            stream.write_all_buf(&mut output).await?;
            let sending = now < self.until;
            if !sending && self.under_way.is_empty() {
                return Ok(());
            }
            let room = self.under_way.len() < self.pipeline;
            let wake = match self.oldest() {
                Some(oldest) if !(sending && room) => oldest + self.answer_timeout,
                Some(_) | None => self.next_due.min(self.until),
            };
            if let Ok(read) = timeout_at(wake, stream.read_buf(&mut input)).await {
                if read? == 0 {
                    return Err(std::io::ErrorKind::UnexpectedEof.into());
                }
                self.take_answers(&mut input)?;
            } else if self.oldest().is_some_and(|oldest| oldest + self.answer_timeout <= Instant::now()) {
                return Err(std::io::ErrorKind::TimedOut.into());
            }
        }
    }

    /// When the telegram was sent, or due, that has waited longest for its answer.
    fn oldest(&self) -> Option<Instant> {
        self.under_way.front().map(|sent| sent.since)
    }

    fn write_due(&mut self, now: Instant, output: &mut BytesMut) {
        let before = self.under_way.len();
        while now < self.until && self.under_way.len() < self.pipeline {
            let since = match self.between {
                Some(_) if self.next_due > now => break,
                Some(between) => {
                    let due = self.next_due;
                    self.next_due += between;
                    // What made it wait: the switch, or only this tool's timer, which is no latency of the switch.
                    if due < self.room_since { due } else { now }
                }
                None => now,
            };
            let (terminal, trace) = self.share.nth(self.sent);
            let card = self.cards.nth(self.sent * self.connections + u64::from(self.share.index));
            self.template.write(output, (terminal, trace), self.seconds.at(now), &card);
            self.under_way.push_back(UnderWay { terminal, trace, since });
            self.sent += 1;
        }
        self.counts.borrow_mut().sent += (self.under_way.len() - before) as u64;
    }

    fn take_answers(&mut self, input: &mut BytesMut) -> std::io::Result<()> {
        let mut counts = self.counts.borrow_mut();
        let now = Instant::now();
        while let Some(telegram) = self.template.frame.decode(input).map_err(std::io::Error::other)? {
            let answer = self.template.read(&telegram);
            let sent = answer.and_then(|answer| {
                let is_it = |sent: &UnderWay| sent.trace == answer.trace && sent.terminal == answer.terminal;
                let index = self.under_way.iter().position(is_it)?;
                if self.under_way.len() == self.pipeline {
                    self.room_since = now;
                }
                self.under_way.remove(index)
            });
            match (answer, sent) {
                (Some(answer), Some(sent)) => counts.answer(answer.outcome, now.duration_since(sent.since)),
                (Some(_) | None, _) => counts.errors += 1,
            }
        }
        Ok(())
    }
}

/// The present as 14 digits, written anew once a second.
struct Seconds {
    digits: String,
    until: Instant,
}

impl Seconds {
    fn new() -> Self {
        Self { digits: String::new(), until: Instant::now() }
    }

    fn at(&mut self, now: Instant) -> &[u8] {
        if self.digits.is_empty() || now >= self.until {
            let present = clock::kst_now();
            self.digits = present.strftime("%Y%m%d%H%M%S").to_string();
            let left = 1_000_000_000 - u64::try_from(present.subsec_nanosecond()).unwrap_or(0);
            self.until = now + Duration::from_nanos(left);
        }
        self.digits.as_bytes()
    }
}
