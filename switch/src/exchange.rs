//! The loop around the desk: everything that happens comes in here, everything to be done leaves from here. One task; what a turn of the loop saves goes to
//! the store as one batch.

mod act;
mod alarms;
mod beat;
mod clocks;
mod counting;
mod happenings;
mod held_back;
mod line;
mod lines;
mod message;
mod orders;

use std::{collections::VecDeque, sync::Arc};

use acquirer_links::LinkId;
use desk::{Ask, Asker, Desk, Duplicate, Input, Output, Referral};
use jiff::Timestamp;
use payment::{PaymentId, Question, Serial, Terms};
use rustc_hash::FxHashMap;
use store::{Batch, Completion, Note, Saved, Store, StoreError};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use self::{alarms::Alarms, clocks::Clocks, held_back::HeldBack, orders::Ordered};
pub use self::{
    line::{Line, LineError, LineNo, Material, Sent, Tag},
    lines::{Lines, TooManyLines},
    message::{Message, TotalsRequest},
    orders::{Order, Waiting},
};
use crate::{
    admission::{Load, Turn},
    clock::Clock,
    config::Config,
    lease::Lease,
    meters,
    route::Turns,
    session,
    vault::Vault,
};

/// Messages taken in one turn of the loop at most, so that none waits for long.
const TURN: usize = 1024;
/// Rows that may wait for the disk before no more messages are taken.
const BACKLOG: usize = 50_000;

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
    pub lines: Lines,
    /// How much there is to do, told to those who let in.
    pub load: Load,
    lease: Lease,
    /// What came while the lease was not held.
    held_back: HeldBack,
    clocks: Clocks,
    alarms: Alarms,
    next_beat: std::time::Instant,
    turns: Turns,
    /// What keeps further answers waiting that nobody waits for, by the serial that is being looked up.
    strays: FxHashMap<Serial, Vec<OwnedSemaphorePermit>>,
    sessions: FxHashMap<Asker, mpsc::Sender<Box<session::Outgoing>>>,
    followed: FxHashMap<(PaymentId, u8), (LineNo, LinkId)>,
    /// Who waits for totals, by the token of the lookup.
    counting: FxHashMap<u64, (Asker, TotalsRequest)>,
    /// Who waits for what he ordered, by token.
    ordered: FxHashMap<u64, Ordered>,
    last_token: u64,
    inputs: VecDeque<Input>,
    out: Vec<Output>,
    batch: Batch,
}

/// What an exchange is made of.
pub struct Parts {
    /// The configuration.
    pub config: Arc<Config>,
    /// Opens cards.
    pub vault: Arc<Vault>,
    /// What time it is.
    pub clock: Clock,
    /// All payments in flight.
    pub desk: Desk,
    /// Where they are durable.
    pub store: Store,
    /// The lines to all acquirers.
    pub lines: Lines,
    /// The right to send.
    pub lease: Lease,
}

impl Exchange {
    /// An exchange with nobody connected.
    pub fn new(parts: Parts) -> Self {
        let Parts { config, vault, clock, desk, store, lines, lease } = parts;
        Self {
            config,
            vault,
            clock,
            desk,
            store,
            lines,
            load: Load::default(),
            lease,
            held_back: HeldBack::default(),
            clocks: Clocks::default(),
            alarms: Alarms::default(),
            next_beat: std::time::Instant::now(),
            turns: Turns::default(),
            strays: FxHashMap::default(),
            sessions: FxHashMap::default(),
            followed: FxHashMap::default(),
            counting: FxHashMap::default(),
            ordered: FxHashMap::default(),
            last_token: 0,
            inputs: VecDeque::new(),
            out: Vec::new(),
            batch: Batch::default(),
        }
    }

    /// Takes up the payments that were open when the switch last stopped. No byte of anything left after `last_byte_by`.
    /// Their alarms are told together by [`Exchange::recovered`].
    pub fn recover(&mut self, open: Vec<store::Stored>, last_byte_by: Timestamp) {
        let now = self.clock.now();
        self.alarms.gather();
        self.desk.recover(open, last_byte_by, now, &mut self.out);
        self.act(now);
        self.submit();
    }

    /// Notes the alarms that stand of a payment that was found: a crash may have come between them and what led to them.
    pub fn note_standing(&mut self, stored: &store::Stored) {
        let now = self.clock.now();
        let standing = stored.payment().standing_alarms(now);
        self.batch.notes.extend(standing.into_iter().map(|alarm| alarms::note(stored.id(), alarm, now)));
    }

    /// Every payment has been taken up.
    pub fn recovered(&mut self) {
        self.alarms.tell_all();
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
        while !(done(self) && messages.is_empty() && self.held_back.is_empty()) {
            let may_act = self.lease.is_held(std::time::Instant::now());
            let due = self.desk.next_due().filter(|_| may_act).map(|due| self.clock.instant(due));
            let due = due.map_or(self.next_beat, |due| due.min(self.next_beat));
            // A disk that stands still must not fill the memory: those who send wait, too.
            let takes_more = may_act && self.store.backlog() < BACKLOG;
            tokio::select! {
                biased;
                // First, or a load that never pauses would put it off for ever.
                () = wake.cancelled() => return Ok(()),
                _ = completions.recv_many(&mut completed, 64) => {}
                _ = messages.recv_many(&mut received, TURN), if takes_more => {}
                () = sleep_until(Instant::from_std(due)) => {}
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
            self.renewed(&mut completed);
            // First, for a switch that was stopped wakes here.
            self.watch_clocks();
            self.beat();
            if self.lease.is_held(std::time::Instant::now()) {
                self.held_back.give_back(&mut completed, &mut received);
                for completion in completed.drain(..) {
                    self.completed(completion)?;
                }
                for message in received.drain(..) {
                    self.load.took(&message);
                    self.receive(message);
                }
                self.turn();
            } else {
                self.held_back.take(&mut completed, &mut received)?;
            }
            self.load.turn(Turn {
                now: self.clock.now(),
                undecided: self.desk.undecided(),
                waiting: messages.len() + self.held_back.messages(),
                backlog: self.store.backlog(),
                limit: self.config.limits.queue,
            });
        }
        Ok(())
    }

    /// Nothing is sent from here on; what is queued becomes durable, and the lease is given back.
    pub fn close(self) {
        let Self { lines, store, clock, .. } = self;
        drop(lines);
        store.renew_lease(clock.wall_at(std::time::Instant::now()));
        store.close();
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

    /// Whether the lease is held decides about everything else that is completed.
    fn renewed(&mut self, completed: &mut Vec<Completion>) {
        completed.retain(|completion| {
            let Completion::LeaseRenewed(until) = completion else { return true };
            self.lease.renewed(*until);
            false
        });
    }

    fn submit(&mut self) {
        if !self.batch.is_empty() {
            self.load.submitted(self.batch.saves.len() + self.batch.notes.len());
            self.store.submit(std::mem::take(&mut self.batch));
        }
    }

    fn completed(&mut self, completion: Completion) -> Result<(), StoreError> {
        match completion {
            Completion::Saved(saved) => {
                meters::committed(saved.len());
                for saved in &saved {
                    if let Saved::Done(stored, _) = saved {
                        self.turns.started(stored.payment().request());
                    }
                }
                self.inputs.extend(saved.into_iter().map(Input::Saved));
            }
            Completion::Found(lookup, stored) => {
                self.looked_up(&lookup);
                self.inputs.push_back(Input::Found(lookup, stored));
            }
            Completion::Totals(token, totals) => self.counted(token, &totals),
            Completion::Serials { first, count } => {
                if first > Serial::PER_INSTANCE / 10 * 9 {
                    meters::alarm("serials-run-out");
                    tracing::error!(
                        used = first,
                        "ALARM serials run out: give the switch another store.instance soon"
                    );
                }
                self.inputs.push_back(Input::Serials { first, count });
            }
            Completion::Work(token, page) => self.page(token, page),
            Completion::LeaseRenewed(until) => self.lease.renewed(until),
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
                let ways = self.turns.plan(&self.config, &request, |acquirer| self.lines.standing(acquirer));
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
            Message::Line { line, events, room } => self.line_events(line, events, room),
            Message::LineClosed { line } => self.lines.closed(line),
            Message::Order(order) => self.order(order),
        }
    }

    fn next_token(&mut self) -> u64 {
        self.last_token += 1;
        self.last_token
    }
}
