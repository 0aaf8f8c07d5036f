//! The loop around the desk: everything that happens comes in here, everything to be done leaves from here. One task; what a turn of the loop saves goes to
//! the store as one batch.

mod line;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use acquirer_links::{LinkEvent, LinkId, Outcome};
use bytes::Bytes;
use desk::{Ask, Asker, Desk, Input, Output, Stray};
use dialects::{ReplyKind, terminal};
use jiff::Timestamp;
use payment::{
    AcquirerName, Alarm, Event, NetCancelOrder, NotSent, PaymentId, Request, RequestOrder, SealedCard,
    TerminalAnswer,
};
use rustc_hash::FxHashMap;
use store::{Batch, Completion, Note, Store, StoreError};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

pub use self::line::{Line, Sent, Tag};
use crate::{
    clock::{Clock, korea, korea_now},
    config::Config,
    meters,
    route::Turns,
    session,
    vault::Vault,
};

/// Messages taken in one turn of the loop at most, so that none waits for long.
const TURN: usize = 1024;
/// Rows that may wait for the disk before no more messages are taken.
const BACKLOG: usize = 50_000;
/// Links remembered for net-cancels to follow their original on.
const FOLLOWED: usize = 100_000;

/// What comes to the exchange from sessions and lines.
#[derive(Debug)]
pub enum Message {
    /// A terminal's socket was opened.
    Opened {
        /// Its name here.
        asker: Asker,
        /// Where its answers go.
        replies: mpsc::Sender<session::Outgoing>,
    },
    /// A terminal's socket has ended; all its replies were reported.
    Closed {
        /// Its name here.
        asker: Asker,
    },
    /// A terminal asks for an approval.
    Ask {
        /// Who asks.
        asker: Asker,
        /// For what.
        request: Arc<Request>,
        /// With which card, sealed.
        card: Option<SealedCard>,
    },
    /// A telegram was refused before it was a request.
    Refused(Note),
    /// What became of a reply.
    Delivery {
        /// Of which payment.
        payment: PaymentId,
        /// Whether a byte of it was written.
        written: bool,
    },
    /// Something happened on the links to an acquirer.
    Line {
        /// Which acquirer.
        acquirer: AcquirerName,
        /// What, in order.
        events: Vec<LinkEvent<Tag>>,
    },
}

/// The loop's state.
pub struct Exchange {
    /// The configuration.
    pub config: Arc<Config>,
    /// Opens cards for the telegrams to acquirers.
    pub vault: Arc<Vault>,
    /// What time it is.
    pub clock: Clock,
    /// All payments in flight.
    pub desk: Desk,
    /// Where they are durable.
    pub store: Store,
    /// The lines to all acquirers.
    pub lines: BTreeMap<AcquirerName, Line>,
    turns: Turns,
    sessions: FxHashMap<Asker, mpsc::Sender<session::Outgoing>>,
    followed: FxHashMap<(PaymentId, u8), LinkId>,
    inputs: VecDeque<Input>,
    out: Vec<Output>,
    batch: Batch,
}

impl Exchange {
    /// An exchange with nobody connected.
    pub fn new(
        config: Arc<Config>,
        vault: Arc<Vault>,
        clock: Clock,
        desk: Desk,
        store: Store,
        lines: BTreeMap<AcquirerName, Line>,
    ) -> Self {
        Self {
            config,
            vault,
            clock,
            desk,
            store,
            lines,
            turns: Turns::default(),
            sessions: FxHashMap::default(),
            followed: FxHashMap::default(),
            inputs: VecDeque::new(),
            out: Vec::new(),
            batch: Batch::default(),
        }
    }

    /// Takes up the payments that were open when the switch last stopped. No byte of anything left after `last_byte_by`.
    pub fn recover(&mut self, open: Vec<store::Stored>, last_byte_by: Timestamp) {
        let now = self.clock.now();
        self.desk.recover(open, last_byte_by, now, &mut self.out);
        self.act(now);
        self.submit();
    }

    /// Turns until the store fails, or until `done` says so and no message waits.
    ///
    /// # Errors
    /// The store failed: nothing may be answered any more.
    pub async fn run(
        &mut self,
        messages: &mut mpsc::Receiver<Message>,
        completions: &mut mpsc::UnboundedReceiver<Completion>,
        wake: &CancellationToken,
        mut done: impl FnMut(&Self) -> bool,
    ) -> Result<(), StoreError> {
        let mut received = Vec::with_capacity(TURN);
        let mut completed = Vec::with_capacity(64);
        while !(done(self) && messages.is_empty()) {
            let due = self.desk.next_due().map(|due| Instant::from_std(self.clock.instant(due)));
            // A disk that stands still must not fill the memory: those who send wait, too.
            let takes_more = self.store.backlog() < BACKLOG;
            tokio::select! {
                biased;
                // First, or a load that never pauses would put it off for ever.
                () = wake.cancelled() => return Ok(()),
                _ = completions.recv_many(&mut completed, 64) => {}
                _ = messages.recv_many(&mut received, TURN), if takes_more => {}
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
            }
            // What came meanwhile goes into the same turn, and so into the same commit.
            while let Ok(completion) = completions.try_recv() {
                completed.push(completion);
            }
            while takes_more
                && received.len() < TURN
                && let Ok(message) = messages.try_recv()
            {
                received.push(message);
            }
            for completion in completed.drain(..) {
                self.completed(completion)?;
            }
            for message in received.drain(..) {
                self.receive(message);
            }
            self.turn();
        }
        Ok(())
    }

    fn turn(&mut self) {
        let now = self.clock.now();
        loop {
            while let Some(input) = self.inputs.pop_front() {
                self.desk.handle(input, now, &mut self.out);
                self.act(now);
            }
            if self.desk.next_due().is_none_or(|due| due > now) {
                break;
            }
            self.inputs.push_back(Input::Time);
        }
        meters::at_desk(self.desk.payments());
        self.submit();
    }

    fn submit(&mut self) {
        if !self.batch.is_empty() {
            self.store.submit(std::mem::take(&mut self.batch));
        }
    }

    fn completed(&mut self, completion: Completion) -> Result<(), StoreError> {
        match completion {
            Completion::Saved(saved) => {
                meters::committed(saved.len());
                self.inputs.extend(saved.into_iter().map(Input::Saved));
            }
            Completion::Found(lookup, stored) => self.inputs.push_back(Input::Found(lookup, stored)),
            Completion::Serials { first, count } => {
                if first > payment::Serial::PER_INSTANCE / 10 * 9 {
                    meters::alarm("serials-run-out");
                    tracing::error!(
                        used = first,
                        "ALARM serials run out: give the switch another store.instance soon"
                    );
                }
                self.inputs.push_back(Input::Serials { first, count });
            }
            Completion::Failed(error) => return Err(error),
        }
        Ok(())
    }

    fn receive(&mut self, message: Message) {
        match message {
            Message::Opened { asker, replies } => {
                self.sessions.insert(asker, replies);
            }
            Message::Closed { asker } => {
                self.sessions.remove(&asker);
            }
            Message::Ask { asker, request, card } => {
                let ways = self.turns.plan(&self.config, &request);
                let terms = self.config.terms;
                self.inputs.push_back(Input::Ask(Ask { asker, request, card, ways, terms }));
            }
            Message::Refused(note) => {
                if let Note::Refused { code, .. } = &note {
                    meters::refused(*code);
                }
                self.batch.notes.push(note);
            }
            Message::Delivery { payment, written } => {
                self.inputs.push_back(Input::Delivery { payment, written });
            }
            Message::Line { acquirer, events } => {
                for event in events {
                    self.line_event(&acquirer, event);
                }
            }
        }
    }

    fn line_event(&mut self, acquirer: &AcquirerName, event: LinkEvent<Tag>) {
        match event {
            LinkEvent::Outcome { tag, outcome } => self.outcome(acquirer, tag, outcome),
            LinkEvent::Late { tag, telegram } => {
                let dialect = &self.config.acquirers[acquirer].dialect;
                let attempt = tag.attempt;
                let event = match tag.sent {
                    Sent::Request => Event::Late { attempt, answer: dialect.answer(&telegram) },
                    Sent::NetCancel => {
                        Event::NetCancelAnswered { attempt, answer: dialect.net_cancel_answer(&telegram) }
                    }
                };
                tracing::warn!(payment = %tag.payment, %acquirer, sent = ?tag.sent, "a late answer");
                self.inputs.push_back(Input::Happened { payment: tag.payment, event });
            }
            LinkEvent::Unknown { telegram, key } => self.unknown(acquirer, &telegram, key),
            LinkEvent::Up { .. } => meters::link(acquirer, true),
            LinkEvent::Down { .. } => meters::link(acquirer, false),
        }
    }

    fn outcome(&mut self, acquirer: &AcquirerName, tag: Tag, outcome: Outcome) {
        let Tag { payment, attempt, sent } = tag;
        let dialect = &self.config.acquirers[acquirer].dialect;
        let (event, told) = match (sent, outcome) {
            (Sent::Request, Outcome::Answered(telegram)) => {
                (Event::Answered { attempt, answer: dialect.answer(&telegram) }, "answered")
            }
            (Sent::Request, Outcome::NotSent(why)) => {
                (Event::NotSent { attempt, why: line::not_sent(why) }, "not-sent")
            }
            (Sent::Request, Outcome::Unanswered(unanswered)) => {
                if self.followed.len() >= FOLLOWED {
                    self.followed.clear();
                }
                self.followed.insert((payment, attempt), unanswered.link);
                let last_byte_by = self.clock.at(unanswered.last_byte_by);
                (
                    Event::Unanswered { attempt, why: line::unanswered(unanswered.why), last_byte_by },
                    "unanswered",
                )
            }
            (Sent::NetCancel, Outcome::Answered(telegram)) => {
                self.followed.remove(&(payment, attempt));
                (
                    Event::NetCancelAnswered { attempt, answer: dialect.net_cancel_answer(&telegram) },
                    "answered",
                )
            }
            (Sent::NetCancel, Outcome::NotSent(why)) => {
                (Event::NetCancelNotSent { attempt, why: line::not_sent(why) }, "not-sent")
            }
            (Sent::NetCancel, Outcome::Unanswered(_)) => {
                (Event::NetCancelUnanswered { attempt }, "unanswered")
            }
        };
        match sent {
            Sent::Request => meters::request_outcome(acquirer, told),
            Sent::NetCancel => meters::net_cancel_outcome(acquirer, told),
        }
        self.inputs.push_back(Input::Happened { payment, event });
    }

    /// An answer nobody waits for: if it names a serial of ours, the payment is looked up.
    fn unknown(&mut self, acquirer: &AcquirerName, telegram: &Bytes, key: Option<acquirer_links::Key>) {
        let dialect = &self.config.acquirers[acquirer].dialect;
        tracing::warn!(%acquirer, bytes = telegram.len(), known_key = key.is_some(), "an answer nobody waits for");
        let Some((kind, serial)) = key.and_then(ReplyKind::of) else {
            let (at, acquirer) = (self.clock.now(), acquirer.as_str().to_owned());
            return self.batch.notes.push(Note::UnknownAnswer { at, acquirer, serial: None });
        };
        let stray = match kind {
            ReplyKind::Request => Stray::Request(dialect.answer(telegram)),
            ReplyKind::NetCancel => Stray::NetCancel(dialect.net_cancel_answer(telegram)),
        };
        self.inputs.push_back(Input::Stray { acquirer: acquirer.clone(), serial, stray });
    }

    fn act(&mut self, now: Timestamp) {
        for output in std::mem::take(&mut self.out) {
            match output {
                Output::Save(unsaved) => self.batch.saves.push(unsaved),
                Output::Note(note) => self.batch.notes.push(note),
                Output::LookUp(lookup) => self.store.look_up(lookup),
                Output::ReserveSerials(count) => self.store.reserve_serials(count),
                Output::Send(payment, order) => self.send(payment, &order, now),
                Output::NetCancel(payment, order) => self.net_cancel(payment, &order, now),
                Output::Reply { asker, request, answer, report } => {
                    self.reply(asker, &request, &answer, report, now);
                }
                Output::Alarm(payment, alarm) => raise(payment, alarm),
            }
        }
    }

    fn send(&mut self, payment: PaymentId, order: &RequestOrder, now: Timestamp) {
        let tag = Tag { payment, attempt: order.attempt, sent: Sent::Request };
        let sent = self.line(&order.route.acquirer).and_then(|line| {
            let card = self
                .open_card(payment, &order.request, order.card.as_ref())?
                .ok_or(NotSent::CannotExpress)?;
            let written =
                line.dialect.request(order, &card, korea(now)).map_err(line::cannot_express(payment))?;
            line.send(tag, written, self.clock.instant(order.deadline), None)
        });
        if let Err(why) = sent {
            meters::request_outcome(&order.route.acquirer, "not-sent");
            let event = Event::NotSent { attempt: order.attempt, why };
            self.inputs.push_back(Input::Happened { payment, event });
        }
    }

    fn net_cancel(&mut self, payment: PaymentId, order: &NetCancelOrder, now: Timestamp) {
        let tag = Tag { payment, attempt: order.attempt, sent: Sent::NetCancel };
        let follow = self.followed.get(&(payment, order.attempt)).copied();
        let sent = self.line(&order.route.acquirer).and_then(|line| {
            let card = self.open_card(payment, &order.request, order.card.as_ref())?;
            let written = line
                .dialect
                .net_cancel(order, card.as_ref(), korea(now))
                .map_err(line::cannot_express(payment))?;
            line.send(tag, written, self.clock.instant(order.deadline), follow)
        });
        if let Err(why) = sent {
            meters::net_cancel_outcome(&order.route.acquirer, "not-sent");
            let event = Event::NetCancelNotSent { attempt: order.attempt, why };
            self.inputs.push_back(Input::Happened { payment, event });
        }
    }

    fn line(&self, acquirer: &AcquirerName) -> Result<&Line, NotSent> {
        self.lines.get(acquirer).ok_or_else(|| {
            tracing::error!(%acquirer, "a payment is under way at an acquirer that is not configured any more");
            NotSent::Unavailable
        })
    }

    fn open_card(
        &self,
        payment: PaymentId,
        request: &Request,
        card: Option<&SealedCard>,
    ) -> Result<Option<payment::ClearCard>, NotSent> {
        let opened = card.map(|card| self.vault.open(&request.key, card)).transpose();
        opened.map_err(|error| {
            tracing::error!(%payment, %error, "cannot open the card of a payment");
            NotSent::CannotExpress
        })
    }

    fn reply(
        &mut self,
        asker: Asker,
        request: &Request,
        answer: &TerminalAnswer,
        report: Option<PaymentId>,
        now: Timestamp,
    ) {
        let waited = now.duration_since(request.received_at);
        meters::answered(answer.code(), Duration::try_from(waited).unwrap_or_default());
        let telegram = terminal::write_reply(request, answer, korea_now());
        let sent =
            self.sessions.get(&asker).map(|session| session.try_send(session::Outgoing { telegram, report }));
        // A terminal that is gone, or takes its answers so slowly that no more can wait: nothing of this one was written.
        if let (Some(payment), None | Some(Err(_))) = (report, sent) {
            self.inputs.push_back(Input::Delivery { payment, written: false });
        }
    }
}

fn raise(payment: PaymentId, alarm: Alarm) {
    match alarm {
        Alarm::EveryRouteFailed(code) => {
            meters::alarm("every-route-failed");
            tracing::error!(%payment, %code, "ALARM every route of a payment failed");
        }
        Alarm::NetCancelOverdue { attempt } => {
            meters::alarm("net-cancel-overdue");
            tracing::error!(%payment, attempt, "ALARM a net-cancel is overdue");
        }
        Alarm::NetCancelStuck { attempt, why } => {
            meters::alarm("net-cancel-stuck");
            tracing::error!(%payment, attempt, ?why, "ALARM a net-cancel needs a person");
        }
    }
}
