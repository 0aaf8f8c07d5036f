//! The line to one acquirer: its sockets and its language.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use acquirer_links::{
    BadSettings, BreakerSettings, BreakerState, LinkEvent, LinkId, Outgoing, Pool, PoolSettings, PoolState,
    Purpose, Tls, UnansweredWhy,
};
use dialects::{CannotExpress, Dialect, Written};
use payment::{AcquirerName, NotSent, PaymentId, Unanswered};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::Message;
use crate::config::{Acquirer, Params};

/// Link events that may wait for the exchange.
const EVENTS: usize = 1024;
/// Answers nobody waits for that the exchange may have of one line, until it has looked them up; further ones wait, and in the end their acquirer.
/// Few beside the 4,096 queries the store has room for, also when many lines bring as many: the loop does not wait for that room.
const STRAYS: usize = 128;

/// Which line: a reload may give an acquirer a new one while the old one still has something under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineNo(pub u64);

/// What a telegram was sent for; its outcome comes back with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Which payment.
    pub payment: PaymentId,
    /// Which attempt of it, or which cancel.
    pub number: u8,
    /// What was sent.
    pub sent: Sent,
}

/// What was sent to an acquirer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// An approval request.
    Request,
    /// A net-cancel.
    NetCancel,
    /// A cancel.
    Cancel,
}

/// Why there can be no line with the settings of an acquirer.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The links could carry nothing.
    #[error(transparent)]
    Settings(#[from] BadSettings),
}

/// What the links to an acquirer are made of, its certificates as they were read with its configuration. What is equal needs no new line.
#[derive(Clone, Debug, PartialEq)]
pub struct Material {
    params: Params,
    addresses: Vec<String>,
    links: usize,
    max_in_flight: usize,
    connect_timeout: Duration,
    late_window: Duration,
    heartbeat: Option<Duration>,
    sign_on: bool,
    breaker: BreakerSettings,
    tls: Option<Tls>,
}

impl Material {
    /// That of a configured acquirer. No file is read for it.
    ///
    /// # Errors
    /// Its breaker's settings cannot be used.
    pub fn of(acquirer: &Acquirer) -> Result<Self, LineError> {
        acquirer.breaker.check()?;
        Ok(Self {
            params: acquirer.params.clone(),
            addresses: acquirer.addresses.clone(),
            links: acquirer.links,
            max_in_flight: acquirer.max_in_flight,
            connect_timeout: acquirer.connect_timeout,
            late_window: acquirer.settle_after.max(Duration::from_secs(1)),
            heartbeat: acquirer.heartbeat,
            sign_on: acquirer.sign_on,
            breaker: acquirer.breaker,
            tls: acquirer.tls.as_ref().map(|tls| tls.read.clone()),
        })
    }

    /// Whether they differ at most in what a line can change while it is up.
    pub(super) fn is_but_for_tuning(&self, other: &Self) -> bool {
        Self { breaker: other.breaker, ..self.clone() } == *other
    }

    fn settings(&self, name: &AcquirerName) -> PoolSettings {
        PoolSettings {
            links: self.links,
            max_in_flight: self.max_in_flight,
            queue: self.max_in_flight,
            connect_timeout: self.connect_timeout,
            late_window: self.late_window,
            heartbeat: self.heartbeat,
            sign_on: self.sign_on,
            breaker: self.breaker,
            tls: self.tls.clone(),
            ..PoolSettings::new(name.as_str(), self.addresses.clone())
        }
    }
}

/// The line to one acquirer.
pub struct Line {
    pub(super) no: LineNo,
    pub(super) name: AcquirerName,
    pub(super) dialect: Arc<Dialect>,
    pub(super) material: Material,
    pub(super) breaker: BreakerState,
    pool: Arc<Pool<Tag>>,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("no", &self.no).field("name", &self.name).finish_non_exhaustive()
    }
}

/// A telegram to send, and until when.
pub(super) struct Sending {
    pub(super) tag: Tag,
    pub(super) written: Written,
    /// Until when its answer is waited for.
    pub(super) deadline: Instant,
    /// After this instant no byte of it leaves.
    pub(super) not_after: Instant,
    /// The link its original went by.
    pub(super) follow: Option<(LineNo, LinkId)>,
}

impl Line {
    /// Starts the links; what happens on them goes to the exchange.
    ///
    /// # Errors
    /// The settings leave the links unable to carry anything.
    pub fn start(
        no: LineNo,
        name: &AcquirerName,
        dialect: Arc<Dialect>,
        material: Material,
        exchange: mpsc::Sender<Message>,
    ) -> Result<Self, LineError> {
        let (events, told) = mpsc::channel(EVENTS);
        let pool = Pool::start(dialect.profile(), material.settings(name), events)?;
        tokio::spawn(pass_on(no, told, exchange, Arc::new(Semaphore::new(STRAYS))));
        Ok(Self {
            no,
            name: name.clone(),
            dialect,
            material,
            breaker: BreakerState::Passing,
            pool: Arc::new(pool),
        })
    }

    /// To whom.
    pub fn name(&self) -> &AcquirerName {
        &self.name
    }

    /// The language that is spoken there.
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// What the links carry at this moment.
    pub fn state(&self) -> PoolState {
        self.pool.state()
    }

    pub(super) fn tune(&mut self, breaker: BreakerSettings) {
        match self.pool.tune(breaker) {
            Ok(()) => self.material.breaker = breaker,
            Err(error) => tracing::error!(acquirer = %self.name, %error, "the breaker stays as it was"),
        }
    }

    pub(super) fn send(&self, sending: Sending) -> Result<(), NotSent> {
        let Sending { tag, written: Written { telegram, key }, deadline, not_after, follow } = sending;
        // The links of an earlier line are none of this one.
        let follow = follow.filter(|(line, _)| *line == self.no).map(|(_, link)| link);
        let not_after = not_after.min(deadline);
        let purpose = match tag.sent {
            Sent::Request => Purpose::Request,
            Sent::NetCancel | Sent::Cancel => Purpose::Undo,
        };
        let outgoing = Outgoing { tag, key, telegram, deadline, not_after, follow, purpose };
        self.pool.send(outgoing).map_err(not_sent)
    }

    /// Takes no more; what is under way until then may be answered by `deadline`, and late for a late window. It all ends when that is
    /// cancelled. Its last message is [`Message::LineClosed`].
    pub(super) fn close(self, deadline: Instant, ended: CancellationToken) {
        let pool = self.pool;
        tokio::spawn(async move {
            // Cut short or not, it is over.
            let _ = ended.run_until_cancelled(pool.close(deadline)).await;
        });
    }
}

async fn pass_on(
    line: LineNo,
    mut told: mpsc::Receiver<LinkEvent<Tag>>,
    exchange: mpsc::Sender<Message>,
    strays: Arc<Semaphore>,
) {
    let mut events = Vec::with_capacity(STRAYS);
    while told.recv_many(&mut events, STRAYS).await > 0 {
        let unknown = events.iter().filter(|event| matches!(event, LinkEvent::Unknown { .. })).count();
        let unknown = u32::try_from(unknown).expect("no more than were received");
        let room = strays.clone().acquire_many_owned(unknown).await.expect("nobody closes it");
        let message = Message::Line { line, events: std::mem::take(&mut events), room };
        if exchange.send(message).await.is_err() {
            return;
        }
    }
    // The exchange is gone only when the switch is.
    let _ = exchange.send(Message::LineClosed { line }).await;
}

pub(super) fn not_sent(why: acquirer_links::NotSent) -> NotSent {
    use acquirer_links::NotSent as Link;
    match why {
        Link::NoLink | Link::Blocked => NotSent::NotConnected,
        Link::TooManyInFlight | Link::QueueFull | Link::DuplicateKey => NotSent::Full,
        Link::DeadlinePassed | Link::NotAfterPassed => NotSent::TooLate,
        Link::ConnectionLost => NotSent::ConnectionLost,
        Link::DoesNotFit => NotSent::CannotExpress,
        Link::Closing => NotSent::Unavailable,
    }
}

pub(super) fn unanswered(why: UnansweredWhy) -> Unanswered {
    match why {
        UnansweredWhy::TimedOut => Unanswered::TimedOut,
        UnansweredWhy::ConnectionLost | UnansweredWhy::Closed => Unanswered::ConnectionLost,
    }
}

pub(super) fn cannot_express(payment: PaymentId) -> impl Fn(CannotExpress) -> NotSent {
    move |error| {
        tracing::error!(%payment, %error, "a telegram cannot be expressed");
        NotSent::CannotExpress
    }
}

#[cfg(test)]
mod tests;
