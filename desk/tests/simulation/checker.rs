//! The checker: when the dust has settled it compares the logs of the terminals, the store and the acquirers.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use desk::Desk;
use payment::{
    Buried, Closed, Debt, DebtState, Event, Finding, Payment, PaymentId, Phase, Started, TelegramKey,
    TerminalAnswer,
};
use serde::Deserialize;
use store::Lookup;

use crate::{
    acquirer::Given, agreeing, cancelling, flaw::Flaw, sample::since_start, storage::replay, telling,
    world::World,
};

/// How much longer than configured anything may take, for all the delays and crashes there are, in ms.
const SLACK_MS: u64 = 120_000;

/// For how long a switch is stopped at most, as often as the settings say, in ms.
const LONGEST_STOPS_MS: u64 = 240_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invariant {
    /// Every approval an acquirer gave is delivered, left to its terminal by a crash, net-cancelled, or stuck with an alarm.
    I1EveryApprovalIsAccountedFor,
    /// No approval that a terminal read is net-cancelled.
    I2NeverDeliveredAndNetCancelled,
    /// At most one live approval per key.
    I3OneLiveApprovalPerKey,
    /// All answers for a key agree until it is net-cancelled, and never return to 0000 after.
    I3AnswersAgree,
    /// Every telegram ends in a final state, and nothing is open for longer than its budget.
    I4NothingStaysOpen,
    /// Replaying the events of a payment gives its stored state.
    I6EventsGiveTheState,
    /// A net-cancel is durable before its first try, and every try has the same identity.
    I7NetCancelsKeepTheirIdentity,
    /// No answer reaches another terminal or another request.
    I8AnswersGoToTheirAsker,
    /// Nothing leaves before what it rests on is durable.
    DurableFirst,
    /// After silence another acquirer is tried only once the net-cancel is accepted, where that is the rule.
    FailoverAfterTheNetCancel,
    /// No more net-cancels are out to one acquirer at a time than the limit says.
    NetCancelsArePaced,
    /// Nothing is written by a start whose instance another has taken over, or which was started again.
    AFencedInstanceWritesNothing,
    /// What is in flight or owed of a payment is its owner's: nobody else steps it.
    OnlyItsOwnerStepsABoundPayment,
    /// Each telegram of a terminal gets exactly one answer, in time, unless the switch dies.
    OneAnswerEach,
    /// No request is sent twice.
    SentOnce,
    /// Every try of a cancel has one serial, which is nobody else's, and only what may be repeated is.
    CancelsKeepTheirIdentity,
    /// What acquirers cancelled of an approval is never more than it, and nothing that is cancelled is net-cancelled.
    CancelsNeverExceedTheApproval,
    /// What a terminal was told to be cancelled is, and what it was told not to be is not.
    WhatIsToldOfCancelsIsSo,
    /// What a terminal was told to be withdrawn has no live approval, and never gets one.
    WithdrawnStaysWithdrawn,
    /// On a listener that asks for it an approval stands only if its terminal acknowledged it in time.
    AcknowledgedOrUndone,
    /// What a terminal was told to be acknowledged stands, unless the terminal itself undid it.
    AcknowledgedStands,
    /// An inquiry is told what is so.
    InquiriesNeverLie,
    /// What is refused as a duplicate reaches no acquirer, and of two alike within the window one stands.
    DuplicatesReachNobody,
    /// The totals are what the terminals were told.
    TotalsAreWhatWasTold,
}

#[derive(Debug)]
pub(crate) struct Violation {
    pub(crate) invariant: Invariant,
    pub(crate) what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.invariant, self.what)
    }
}

/// Reports every invariant the settled world breaks, asks once more for everything, and looks at the answers.
pub(crate) fn check(world: &mut World) {
    world.finish_undoing();
    desk_is_empty(world);
    approvals(world);
    deliveries(world);
    budgets(world);
    net_cancels(world);
    requests(world);
    events(world);
    cancelling::check(world);
    world.final_read();
    desk_is_empty(world);
    askers(world);
    agreeing::check(world);
    telling::check(world);
}

fn desk_is_empty(world: &mut World) {
    for at in 0..world.switches.len() {
        let left = world.switches[at].desk.as_ref().map(Desk::payments);
        if left != Some(0) {
            let what = format!("{left:?} payments are left at the desk of switch {at}");
            world.violated(Invariant::I4NothingStaysOpen, what);
        }
    }
}

/// Every approval an acquirer gave, by the serial of its request.
pub(crate) fn given(world: &World) -> Vec<(payment::Serial, Given)> {
    let all = world.acquirers.values().flat_map(|acquirer| &acquirer.truth);
    all.flat_map(|(serial, given)| given.iter().map(|given| (*serial, given.clone()))).collect()
}

fn approvals(world: &mut World) {
    let mut live: BTreeMap<TelegramKey, u32> = BTreeMap::new();
    for (serial, given) in given(world).into_iter().filter(|(_, given)| given.is_live()) {
        match account_for(world, serial, &given) {
            Ok(IsStuck::No) => *live.entry(given.key).or_default() += 1,
            Ok(IsStuck::Yes) => {}
            Err(why) => {
                *live.entry(given.key).or_default() += 1;
                let what = format!("{} of serial {serial}, {}: {why}", given.approval_no, given.payment);
                world.violated(Invariant::I1EveryApprovalIsAccountedFor, what);
            }
        }
    }
    for (key, count) in live.into_iter().filter(|(_, count)| *count > 1) {
        let what = format!("{key} has {count} live approvals");
        world.violated(Invariant::I3OneLiveApprovalPerKey, what);
    }
}

enum IsStuck {
    Yes,
    No,
}

fn account_for(world: &mut World, serial: payment::Serial, given: &Given) -> Result<IsStuck, &'static str> {
    let Some(stored) = world.storage.read(Lookup::Serial(serial)) else {
        return Err("no payment has the serial");
    };
    let (id, payment) = (stored.id(), stored.payment());
    let position = payment.attempts().iter().position(|attempt| attempt.route().serial == serial);
    let Some(position) = position else { return Err("no attempt has the serial") };
    let number = u8::try_from(position).unwrap();
    match payment.attempts()[position].debt().map(Debt::state) {
        None => {
            let Phase::Approved { attempt, .. } = payment.phase() else {
                return Err("the payment is not approved and nothing is owed");
            };
            if *attempt != number {
                return Err("another attempt is the approved one and nothing is owed");
            }
            let known = world.terminals.knows_approval(given.key) || world.left_to_terminal.contains(&id);
            if known { Ok(IsStuck::No) } else { Err("no terminal read it and nothing is owed") }
        }
        Some(DebtState::Stuck { .. }) => {
            let said = world.alarms.contains(&(id, number)) || world.storage.unheard.contains(&id);
            if said { Ok(IsStuck::Yes) } else { Err("it is stuck without an alarm") }
        }
        Some(DebtState::Done { how: Closed::ByPerson(Finding::Stands), .. }) => Ok(IsStuck::Yes),
        Some(DebtState::Done { .. }) => Err("its net-cancel counts as done"),
        Some(DebtState::Due { .. } | DebtState::Trying { .. }) => Err("its net-cancel is still owed"),
    }
}

fn deliveries(world: &mut World) {
    let given = given(world);
    let mut broken = Vec::new();
    for asked in world.terminals.all() {
        for answer in &asked.read {
            let TerminalAnswer::Approved { approval, .. } = answer else { continue };
            let key = asked.key();
            let Some((serial, given)) =
                given.iter().find(|(_, given)| given.approval_no == approval.approval_no)
            else {
                broken.push((Invariant::I8AnswersGoToTheirAsker, format!("{answer:?} was never given")));
                continue;
            };
            if given.key != key {
                broken.push((Invariant::I8AnswersGoToTheirAsker, format!("{answer:?} is of another key")));
            }
            // On a listener that asks for acknowledgements what is read is not yet delivered.
            let is_delivered = world.settings.terms.acknowledged_within_ms.is_none();
            if given.cancelled && is_delivered && !world.terminals.withdrew(key) {
                let what = format!("{} of serial {serial}, {}", given.approval_no, given.payment);
                broken.push((Invariant::I2NeverDeliveredAndNetCancelled, what));
            }
        }
    }
    for (invariant, what) in broken {
        world.violated(invariant, what);
    }
}

fn budgets(world: &mut World) {
    let slack_ms = SLACK_MS + world.settings.terms.net_cancel_max_delay_ms + world.wrong.apart_ms();
    let allowed_ms = world.settings.terms.net_cancel_give_up_after_ms + slack_ms;
    for id in world.storage.payments() {
        let Some(stored) = world.storage.read(Lookup::Id(id)) else { continue };
        if stored.payment().is_open() {
            world.violated(Invariant::I4NothingStaysOpen, format!("{id} is open"));
        }
        for debt in stored.payment().attempts().iter().filter_map(|attempt| attempt.debt()) {
            let (DebtState::Done { at, .. } | DebtState::Stuck { at, .. }) = debt.state() else { continue };
            let by_person = matches!(debt.state(), DebtState::Done { how: Closed::ByPerson(_), .. });
            if !by_person && since_start(at) > since_start(debt.owed_since()) + allowed_ms {
                world.violated(Invariant::I4NothingStaysOpen, format!("{id} owed for too long"));
            }
        }
    }
}

fn net_cancels(world: &mut World) {
    let heard: BTreeSet<_> = world.acquirers.values().flat_map(|it| it.net_cancels.iter().copied()).collect();
    for (serial, key, amount) in heard {
        let stored = world.storage.read(Lookup::Serial(serial));
        let is_owed = stored.is_some_and(|stored| {
            let payment = stored.payment();
            let mut attempts = payment.attempts().iter();
            payment.request().key == key
                && payment.request().amounts.total() == amount
                && attempts.any(|it| it.route().serial.of_net_cancel() == serial && it.debt().is_some())
        });
        if !is_owed {
            let what = format!("net-cancel {serial} of {key} is owed by no attempt");
            world.violated(Invariant::I7NetCancelsKeepTheirIdentity, what);
        }
    }
}

fn requests(world: &mut World) {
    let mut heard = BTreeSet::new();
    let all: Vec<_> = world.acquirers.values().flat_map(|it| it.requests.iter().copied()).collect();
    for serial in all {
        if !heard.insert(serial) {
            world.violated(Invariant::SentOnce, format!("serial {serial} came twice"));
        }
    }
}

/// A row of the event table.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Happened {
    Started { started: Started },
    Buried { buried: Buried },
    Event(Event),
}

fn events(world: &mut World) {
    let mut replayed: BTreeMap<PaymentId, (u32, Payment)> = BTreeMap::new();
    let mut broken = Vec::new();
    let loses_events = world.settings.flaw == Some(Flaw::LosesEvents);
    for (index, row) in world.storage.memory().events().iter().enumerate() {
        let Some(id) = row.payment.map(PaymentId::from_number) else { continue };
        if loses_events && index % 3 == 2 {
            continue;
        }
        let before = replayed.remove(&id);
        let follows = row.version == before.as_ref().map_or(0, |(version, _)| *version) + 1;
        match replay(row, before.map(|(_, payment)| payment)).filter(|_| follows) {
            Some(payment) => drop(replayed.insert(id, (row.version, payment))),
            None => broken.push(format!("{id} cannot come to version {} so", row.version)),
        }
    }
    for id in world.storage.payments() {
        let stored = world.storage.read(Lookup::Id(id));
        let same = match (&stored, replayed.get(&id)) {
            (Some(stored), Some((version, payment))) => {
                stored.version() == *version && stored.payment() == payment
            }
            (None | Some(_), None) | (None, Some(_)) => false,
        };
        if !same {
            broken.push(format!("the events of {id} give another state"));
        }
    }
    for what in broken {
        world.violated(Invariant::I6EventsGiveTheState, what);
    }
}

fn askers(world: &mut World) {
    let terms = world.settings.terms;
    let stopped_ms = u64::from(world.settings.stops) * LONGEST_STOPS_MS;
    let mut broken = Vec::new();
    for (index, asked) in world.terminals.all().iter().enumerate() {
        let (answers, read) = (asked.released.len(), asked.read.len());
        let who = format!("asker {}, {:?} of {}", index + 1, asked.ask.what, asked.key());
        if answers > 1 || read > 1 || (answers == 0 && !asked.cut_off) {
            broken.push(format!("{who} got {answers} answers and read {read}"));
        }
        let latest_ms = asked.at_ms + terms.terminal_deadline_ms + SLACK_MS + stopped_ms;
        if asked.released.iter().any(|(at_ms, _)| *at_ms > latest_ms) {
            broken.push(format!("{who} waited for too long"));
        }
    }
    for what in broken {
        world.violated(Invariant::OneAnswerEach, what);
    }
}
