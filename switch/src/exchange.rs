//! The loop around the desk: everything that happens comes in here, everything to be done leaves from here. One task; what a turn of the loop saves goes to
//! the store as one batch.

mod act;
mod line;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use acquirer_links::{LinkEvent, LinkId, Outcome};
use bytes::Bytes;
use desk::{Ask, Asker, Desk, Duplicate, Input, Output, Referral, Stray};
use dialects::{
    ReplyKind,
    terminal::{self, Envelope, Refusal},
};
use jiff::{Timestamp, civil::Date};
use payment::{
    AcquirerName, Event, PaymentId, Question, ResponseCode, SealedCard, TerminalId, Terms, Totals,
};
use rustc_hash::FxHashMap;
use store::{Batch, Completion, DuplicateKey, Note, Store, StoreError, TotalsQuery};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

pub use self::line::{Line, Sent, Tag};
use crate::{
    clock::{Clock, korea_now},
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
/// Terminals whose totals may be counted at a time; further ones get 9040.
const COUNTING: usize = 1_000;
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
    /// A terminal asks for an approval, or something of one.
    Ask {
        /// Who asks.
        asker: Asker,
        /// What.
        question: Question,
        /// With which card, sealed; of an approval.
        card: Option<SealedCard>,
        /// What makes another approval look like the same purchase.
        duplicate: Option<DuplicateKey>,
        /// How long an approval may wait for its acknowledgement, where its listener asks for one.
        acknowledged_within_ms: Option<u64>,
    },
    /// A terminal asks for the totals of a day.
    Totals {
        /// Who asks.
        asker: Asker,
        /// Which.
        request: TotalsRequest,
    },
    /// Something to keep that changes no payment: a telegram that was refused before it was a request, among others.
    Note(Note),
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

/// A terminal asks for its batch totals (마감, 0500).
#[derive(Clone, Debug)]
pub struct TotalsRequest {
    /// Whom to answer.
    pub envelope: Envelope,
    /// Which terminal.
    pub terminal: TerminalId,
    /// Which day (영업일자).
    pub business_date: Date,
    /// What the terminal counted.
    pub claimed: Totals,
    /// When the switch had read it.
    pub received_at: Timestamp,
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
    /// Who waits for totals, by the token of the lookup.
    counting: FxHashMap<u64, (Asker, TotalsRequest)>,
    next_token: u64,
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
            counting: FxHashMap::default(),
            next_token: 0,
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
            Completion::Totals(token, totals) => {
                if let Some((asker, request)) = self.counting.remove(&token) {
                    let telegram = terminal::write_totals(
                        &request.envelope,
                        request.business_date,
                        &request.claimed,
                        &totals,
                        korea_now(),
                    );
                    self.deliver(asker, telegram, ResponseCode::APPROVED, request.received_at);
                }
            }
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
            // Asked for by nobody yet.
            Completion::Work(..) | Completion::LeaseRenewed(_) => {}
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
            Message::Ask {
                asker,
                question: Question::Approval(request),
                card,
                duplicate,
                acknowledged_within_ms,
            } => {
                let ways = self.turns.plan(&self.config, &request);
                let terms = Terms { acknowledged_within_ms, ..self.config.terms };
                let duplicate = duplicate.zip(self.config.duplicates.as_ref());
                let duplicate =
                    duplicate.map(|(key, duplicates)| Duplicate { key, window_ms: duplicates.window_ms });
                self.inputs.push_back(Input::Ask(Ask { asker, request, card, ways, duplicate, terms }));
            }
            Message::Ask { asker, question, .. } => {
                self.inputs.push_back(Input::Refer(Referral { asker, question, terms: self.config.terms }));
            }
            Message::Totals { asker, request } => self.count(asker, request),
            Message::Note(note) => {
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
                meters::links(&acquirer, self.lines[&acquirer].state().links_up);
            }
        }
    }

    /// Totals are what is durable: everything a terminal was told is.
    fn count(&mut self, asker: Asker, request: TotalsRequest) {
        let is_counting = |(_, counting): &(Asker, TotalsRequest)| counting.terminal == request.terminal;
        if self.counting.values().any(is_counting) {
            let why = "the terminal's totals are being counted";
            return self.refuse_totals(asker, request, ResponseCode::IN_PROGRESS, why);
        }
        if self.counting.len() >= COUNTING {
            let why = "too many totals are being counted";
            return self.refuse_totals(asker, request, ResponseCode::OVERLOADED, why);
        }
        let query = TotalsQuery { terminal: request.terminal, business_date: request.business_date };
        self.next_token += 1;
        self.store.totals(query, self.next_token);
        self.counting.insert(self.next_token, (asker, request));
    }

    fn refuse_totals(&mut self, asker: Asker, request: TotalsRequest, code: ResponseCode, why: &str) {
        self.batch.notes.push(Note::Refused {
            at: self.clock.now(),
            code,
            telegram_type: request.envelope.telegram_type.as_str().to_owned(),
            terminal_id: request.terminal.as_str().to_owned(),
            trace_no: request.envelope.trace_no.as_str().to_owned(),
            why: why.to_owned(),
        });
        let (message, why) = (code.korean().to_owned(), why.to_owned());
        let refusal = Refusal { envelope: request.envelope, code, message, why };
        let telegram = terminal::write_refusal(&refusal, korea_now());
        self.deliver(asker, telegram, code, request.received_at);
    }

    fn line_event(&mut self, acquirer: &AcquirerName, event: LinkEvent<Tag>) {
        match event {
            LinkEvent::Outcome { tag, outcome } => self.outcome(acquirer, tag, outcome),
            LinkEvent::Late { tag, telegram } => {
                let dialect = &self.config.acquirers[acquirer].dialect;
                let attempt = tag.number;
                let event = match tag.sent {
                    Sent::Request => Event::Late { attempt, answer: dialect.answer(&telegram) },
                    Sent::NetCancel => {
                        Event::NetCancelAnswered { attempt, answer: dialect.net_cancel_answer(&telegram) }
                    }
                    Sent::Cancel => {
                        Event::CancelAnswered { cancel: tag.number, answer: dialect.cancel_answer(&telegram) }
                    }
                };
                tracing::warn!(payment = %tag.payment, %acquirer, sent = ?tag.sent, "a late answer");
                self.inputs.push_back(Input::Happened { payment: tag.payment, event });
            }
            LinkEvent::Unknown { telegram, key } => self.unknown(acquirer, &telegram, key),
            LinkEvent::Up { .. } | LinkEvent::Down { .. } => {}
        }
    }

    fn outcome(&mut self, acquirer: &AcquirerName, tag: Tag, outcome: Outcome) {
        let Tag { payment, number: attempt, sent } = tag;
        let dialect = &self.config.acquirers[acquirer].dialect;
        if let Outcome::Answered(telegram) = &outcome {
            self.unreadable(acquirer, telegram);
        }
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
            (Sent::Cancel, Outcome::Answered(telegram)) => {
                let answer = dialect.cancel_answer(&telegram);
                (Event::CancelAnswered { cancel: attempt, answer }, "answered")
            }
            (Sent::Cancel, Outcome::NotSent(why)) => {
                (Event::CancelNotSent { cancel: attempt, why: line::not_sent(why) }, "not-sent")
            }
            (Sent::Cancel, Outcome::Unanswered(unanswered)) => {
                let last_byte_by = self.clock.at(unanswered.last_byte_by);
                let why = line::unanswered(unanswered.why);
                (Event::CancelUnanswered { cancel: attempt, why, last_byte_by }, "unanswered")
            }
        };
        match sent {
            Sent::Request => meters::request_outcome(acquirer, told),
            Sent::NetCancel => meters::net_cancel_outcome(acquirer, told),
            Sent::Cancel => meters::cancel_outcome(acquirer, told),
        }
        self.inputs.push_back(Input::Happened { payment, event });
    }

    /// Says of a telegram that cannot be read which field of which layout breaks which rule, or that it names no request of ours.
    fn unreadable(&self, acquirer: &AcquirerName, telegram: &Bytes) {
        let dialect = &self.config.acquirers[acquirer].dialect;
        if let Some(error) = dialect.fault(telegram) {
            tracing::error!(%acquirer, bytes = telegram.len(), %error, "an answer cannot be read");
        } else if !dialect.is_ours(telegram) {
            tracing::error!(%acquirer, bytes = telegram.len(), "an answer names no request of ours");
        }
    }

    /// An answer nobody waits for: if it names a serial of ours, the payment is looked up.
    fn unknown(&mut self, acquirer: &AcquirerName, telegram: &Bytes, key: Option<acquirer_links::Key>) {
        let dialect = &self.config.acquirers[acquirer].dialect;
        self.unreadable(acquirer, telegram);
        tracing::warn!(%acquirer, bytes = telegram.len(), known_key = key.is_some(), "an answer nobody waits for");
        let Some((kind, serial)) = key.and_then(ReplyKind::of) else {
            let (at, acquirer) = (self.clock.now(), acquirer.as_str().to_owned());
            return self.batch.notes.push(Note::UnknownAnswer { at, acquirer, serial: None });
        };
        let stray = match kind {
            ReplyKind::Request => Stray::Request(dialect.answer(telegram)),
            ReplyKind::NetCancel | ReplyKind::Cancel => Stray::Undone {
                net_cancel: dialect.net_cancel_answer(telegram),
                cancel: dialect.cancel_answer(telegram),
            },
        };
        self.inputs.push_back(Input::Stray { acquirer: acquirer.clone(), serial, stray });
    }
}
