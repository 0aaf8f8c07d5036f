//! How many net-cancels and repeated cancels go to one acquirer at a time: few while it is silent, more with each answer that settles one. What
//! finds no room waits its turn, first come, first served; one that failed comes again at the back.

mod lane;

use std::collections::BTreeMap;

use jiff::Timestamp;
use payment::{AcquirerName, CancelOrder, NetCancelOrder, PaymentId, Undo};
use rustc_hash::FxHashMap;

use self::lane::Lane;
use crate::{Gate, Output};

/// One try: of what of which payment.
pub(crate) type Try = (PaymentId, Undo);

/// What waits its turn.
#[derive(Debug)]
pub(crate) enum Held {
    /// A payment that is to take its step, and with it the try, when there is room.
    Turn,
    /// A try whose step is durable already.
    Order(Undoing),
}

/// What undoes something at an acquirer.
#[derive(Debug)]
pub(crate) enum Undoing {
    NetCancel(NetCancelOrder),
    Cancel(Box<CancelOrder>),
}

impl Undoing {
    pub(crate) fn undo(&self) -> Undo {
        match self {
            Self::NetCancel(order) => Undo::NetCancel { attempt: order.attempt },
            Self::Cancel(order) => Undo::Cancel { cancel: order.cancel },
        }
    }

    pub(crate) fn acquirer(&self) -> &AcquirerName {
        match self {
            Self::NetCancel(order) => &order.route.acquirer,
            Self::Cancel(order) => &order.route.acquirer,
        }
    }

    pub(crate) fn of(self, id: PaymentId) -> Output {
        match self {
            Self::NetCancel(order) => Output::NetCancel(id, order),
            Self::Cancel(order) => Output::Cancel(id, *order),
        }
    }
}

/// What became of a try that was out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// An answer settled it.
    Settled,
    /// An answer settled nothing.
    Answered,
    /// Nothing came, or no byte of it left.
    Failed,
    /// It was not for the acquirer to answer.
    Untold,
}

/// A try that is out, or whose step is on its way to the store.
#[derive(Debug)]
struct Out {
    acquirer: AcquirerName,
    is_sent: bool,
    /// How much its acquirer had answered when it left.
    answers: u64,
}

/// The paces of all acquirers.
#[derive(Debug)]
pub(crate) struct Pace {
    limit: usize,
    longest_pause_ms: u64,
    lanes: BTreeMap<AcquirerName, Lane>,
    out: FxHashMap<Try, Out>,
    /// Where each payment's tries wait.
    held: FxHashMap<PaymentId, Vec<(Undo, AcquirerName, u64)>>,
    turns: u64,
}

impl Pace {
    pub(crate) fn new(limit: usize, longest_pause_ms: u64) -> Self {
        Self {
            limit: limit.max(1),
            longest_pause_ms,
            lanes: BTreeMap::new(),
            out: FxHashMap::default(),
            held: FxHashMap::default(),
            turns: 0,
        }
    }

    pub(crate) fn limit(&mut self, acquirer: &AcquirerName, limit: usize) {
        let lane = self.lane(acquirer);
        lane.has_own_limit = true;
        lane.limit(limit.max(1));
    }

    /// The same for every acquirer of which nothing was said by name. What was said of one holds on: what is owed at one that a configuration does
    /// not name any more still has to go.
    pub(crate) fn limit_all(&mut self, limit: usize, longest_pause_ms: u64) {
        self.longest_pause_ms = longest_pause_ms;
        self.limit = limit.max(1);
        for lane in self.lanes.values_mut().filter(|lane| !lane.has_own_limit) {
            lane.limit(self.limit);
        }
    }

    /// What the acquirer can do is not known: one at a time, to begin with.
    pub(crate) fn begin_slowly(&mut self, acquirer: &AcquirerName) {
        self.lane(acquirer).narrow();
    }

    pub(crate) fn gate(&mut self, acquirer: &AcquirerName, gate: Gate) {
        self.lane(acquirer).goes_by(gate);
    }

    /// How many wait, acquirer by acquirer.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = (&AcquirerName, usize)> {
        self.lanes.iter().map(|(acquirer, lane)| (acquirer, lane.queue.len()))
    }

    pub(crate) fn is_held(&self, (id, undo): Try) -> bool {
        self.held.get(&id).is_some_and(|held| held.iter().any(|(of, ..)| *of == undo))
    }

    /// The tries of a payment that wait.
    pub(crate) fn held_of(&self, id: PaymentId) -> impl Iterator<Item = (Undo, &Held)> {
        self.held.get(&id).into_iter().flatten().filter_map(|(undo, acquirer, turn)| {
            let (_, held) = self.lanes.get(acquirer)?.queue.get(turn)?;
            Some((*undo, held))
        })
    }

    /// A payment wants to take a step for this try: whether it may now; if not, it waits its turn.
    pub(crate) fn may_step(
        &mut self,
        id: PaymentId,
        undo: Undo,
        acquirer: &AcquirerName,
        now: Timestamp,
    ) -> bool {
        if self.has_room(acquirer, now) {
            self.goes_out((id, undo), acquirer, false);
            return true;
        }
        self.wait((id, undo), acquirer, Held::Turn);
        false
    }

    /// The order of a durable try: given back where it may leave now; if not, it waits its turn.
    pub(crate) fn may_leave(&mut self, id: PaymentId, order: Undoing, now: Timestamp) -> Option<Undoing> {
        let (undo, acquirer) = (order.undo(), order.acquirer().clone());
        if let Some(out) = self.out.get_mut(&(id, undo)) {
            out.is_sent = true;
            return Some(order);
        }
        let place = self.held.get(&id).and_then(|held| held.iter().find(|(of, ..)| *of == undo));
        if let Some((_, at, turn)) = place
            && let Some((_, held)) = self.lanes.get_mut(at).and_then(|lane| lane.queue.get_mut(turn))
        {
            // It keeps its place.
            *held = Held::Order(order);
            return None;
        }
        if self.has_room(&acquirer, now) {
            self.goes_out((id, undo), &acquirer, true);
            return Some(order);
        }
        self.wait((id, undo), &acquirer, Held::Order(order));
        None
    }

    /// Nobody overtakes those who wait.
    fn has_room(&self, acquirer: &AcquirerName, now: Timestamp) -> bool {
        self.lanes.get(acquirer).is_none_or(|lane| lane.queue.is_empty() && lane.has_room(&self.out, now))
    }

    fn wait(&mut self, waits: Try, acquirer: &AcquirerName, held: Held) {
        self.turns += 1;
        let turn = self.turns;
        self.lane(acquirer).queue.insert(turn, (waits, held));
        self.held.entry(waits.0).or_default().push((waits.1, acquirer.clone(), turn));
    }

    /// The next one whose turn has come; it counts as out. The order of a payment that is being saved may be settled by that: it is waited for.
    pub(crate) fn next(
        &mut self,
        now: Timestamp,
        is_saved: impl Fn(PaymentId) -> bool,
    ) -> Option<(Try, Held)> {
        if self.held.is_empty() {
            return None;
        }
        let (acquirer, lane) = self
            .lanes
            .iter_mut()
            .find(|(_, lane)| lane.has_next(&is_saved) && lane.has_room(&self.out, now))?;
        let (turn, (of, held)) = lane.queue.pop_first()?;
        let acquirer = acquirer.clone();
        self.forget(of, turn);
        self.goes_out(of, &acquirer, matches!(held, Held::Order(_)));
        Some((of, held))
    }

    /// When [`Pace::next`] may give one again, if something waits for no more than time.
    pub(crate) fn next_at(&self, is_saved: impl Fn(PaymentId) -> bool) -> Option<Timestamp> {
        if self.held.is_empty() {
            return None;
        }
        let waits = self.lanes.values().filter(|lane| lane.has_next(&is_saved) && lane.has_place(&self.out));
        waits.map(|lane| lane.not_before).min()
    }

    /// It waits no more; gives what waited.
    pub(crate) fn drop_held(&mut self, of: Try) -> Option<Held> {
        let place = self.held.get(&of.0).and_then(|held| held.iter().find(|(undo, ..)| *undo == of.1));
        let (_, acquirer, turn) = place.cloned()?;
        let waited = self.lanes.get_mut(&acquirer).and_then(|lane| lane.queue.remove(&turn));
        self.forget(of, turn);
        waited.map(|(_, held)| held)
    }

    /// The payment has left: nothing of it waits any more, or is about to be sent.
    pub(crate) fn left(&mut self, id: PaymentId) {
        let held = self.held.get(&id).into_iter().flatten();
        let undos: Vec<Undo> = held.map(|(undo, ..)| *undo).collect();
        for undo in undos {
            self.drop_held((id, undo));
        }
        let kept = self.out.iter().filter(|((of, _), out)| *of == id && !out.is_sent);
        let kept: Vec<Try> = kept.map(|(of, _)| *of).collect();
        for of in kept {
            self.ended(of, Ended::Untold, Timestamp::MIN);
        }
    }

    fn forget(&mut self, of: Try, turn: u64) {
        if let Some(held) = self.held.get_mut(&of.0) {
            held.retain(|(_, _, other)| *other != turn);
            if held.is_empty() {
                self.held.remove(&of.0);
            }
        }
    }

    fn goes_out(&mut self, of: Try, acquirer: &AcquirerName, is_sent: bool) {
        let lane = self.lane(acquirer);
        lane.out += 1;
        let answers = lane.answers;
        let before = self.out.insert(of, Out { acquirer: acquirer.clone(), is_sent, answers });
        if let Some(Out { acquirer, .. }) = before {
            self.lane(&acquirer).out -= 1;
        }
    }

    /// The steps a payment took brought no try about: their room is free again.
    pub(crate) fn step_taken(&mut self, id: PaymentId, undos: impl Iterator<Item = Undo>) {
        for undo in undos {
            if self.out.get(&(id, undo)).is_some_and(|out| !out.is_sent) {
                self.ended((id, undo), Ended::Untold, Timestamp::MIN);
            }
        }
    }

    /// The acquirer answered something else.
    pub(crate) fn heard(&mut self, acquirer: &AcquirerName) {
        if let Some(lane) = self.lanes.get_mut(acquirer) {
            lane.heard();
        }
    }

    /// A try has come to its end.
    pub(crate) fn ended(&mut self, of: Try, ended: Ended, now: Timestamp) {
        let Some(out) = self.out.remove(&of) else { return };
        let longest_pause_ms = self.longest_pause_ms;
        let lane = self.lane(&out.acquirer);
        lane.out -= 1;
        match ended {
            Ended::Settled => lane.settled(),
            Ended::Answered => lane.heard(),
            // An acquirer that answers others is not silent.
            Ended::Failed if lane.answers == out.answers => lane.failed(of, longest_pause_ms, now),
            Ended::Failed | Ended::Untold => {}
        }
    }

    fn lane(&mut self, acquirer: &AcquirerName) -> &mut Lane {
        if !self.lanes.contains_key(acquirer) {
            self.lanes.insert(acquirer.clone(), Lane::new(self.limit));
        }
        self.lanes.get_mut(acquirer).expect("just inserted")
    }
}
