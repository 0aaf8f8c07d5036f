//! The line to one acquirer: its sockets and its language.

use std::{sync::Arc, time::Duration};

use acquirer_links::{BadSettings, LinkId, Outgoing, Pool, PoolSettings, PoolState, UnansweredWhy};
use dialects::{CannotExpress, Dialect, Written};
use payment::{AcquirerName, NotSent, PaymentId, Unanswered};
use tokio::sync::mpsc;

use super::Message;
use crate::config::Acquirer;

/// Link events that may wait for the exchange.
const EVENTS: usize = 1024;

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

/// The line to one acquirer.
pub struct Line {
    pub(super) dialect: Arc<Dialect>,
    pool: Pool<Tag>,
}

impl Line {
    /// Starts the links; what happens on them goes to the exchange.
    ///
    /// # Errors
    /// The settings leave the links unable to carry anything.
    pub fn start(
        name: &AcquirerName,
        acquirer: &Acquirer,
        exchange: mpsc::Sender<Message>,
    ) -> Result<Self, BadSettings> {
        let settings = PoolSettings {
            links: acquirer.links,
            max_in_flight: acquirer.max_in_flight,
            queue: acquirer.max_in_flight,
            connect_timeout: acquirer.connect_timeout,
            late_window: acquirer.settle_after.max(Duration::from_secs(1)),
            ..PoolSettings::new(name.as_str(), acquirer.addresses.clone())
        };
        let (events, mut told) = mpsc::channel(EVENTS);
        let pool = Pool::start(acquirer.dialect.profile(), settings, events)?;
        let acquirer_name = name.clone();
        tokio::spawn(async move {
            let mut events = Vec::with_capacity(EVENTS);
            while told.recv_many(&mut events, EVENTS).await > 0 {
                let message =
                    Message::Line { acquirer: acquirer_name.clone(), events: std::mem::take(&mut events) };
                if exchange.send(message).await.is_err() {
                    return;
                }
            }
        });
        Ok(Self { dialect: acquirer.dialect.clone(), pool })
    }

    /// What the links carry at this moment.
    pub fn state(&self) -> PoolState {
        self.pool.state()
    }

    pub(super) fn send(
        &self,
        tag: Tag,
        written: Written,
        deadline: std::time::Instant,
        follow: Option<LinkId>,
    ) -> Result<(), NotSent> {
        let Written { telegram, key } = written;
        self.pool
            .send(Outgoing { tag, key, telegram, deadline, not_after: deadline, follow })
            .map_err(not_sent)
    }
}

pub(super) fn not_sent(why: acquirer_links::NotSent) -> NotSent {
    use acquirer_links::NotSent as Link;
    match why {
        Link::NoLink => NotSent::NotConnected,
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
