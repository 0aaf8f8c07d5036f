//! The corners the simulation must reach, so that it cannot quietly come to prove nothing.

use std::collections::BTreeSet;

use desk::{Input, Output};
use payment::{
    AttemptState, CancelState, Cause, Closed, DebtState, Event, InstanceNo, NotSent, StuckWhy,
    TerminalAnswer, Unanswered,
};
use store::{Lookup, Note, Saved, Stored};

use crate::{checker::Happened, world::World};

/// Something that happened and is seen in no log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Incident {
    DiedWhileRecovering,
    LostRace,
    Claimed,
    StrayOfNobody,
    StrayFoundItsPayment,
    ReservedSerials,
    Stopped,
    TookOver,
    TookOverWhatIsWaitedFor,
    ReadAnothers,
    WokeFenced,
    CommitFailed,
    CommitUnknown,
    OrderCarriedOut,
    ClockSetForward,
    ClockSetBack,
}

impl Incident {
    pub(crate) fn of_input(input: &Input) -> Option<Self> {
        match input {
            Input::Saved(Saved::LostRace(_)) => Some(Self::LostRace),
            Input::Saved(Saved::Claimed { .. }) => Some(Self::Claimed),
            Input::Found(Lookup::Serial(_), Some(_)) => Some(Self::StrayFoundItsPayment),
            Input::Serials { .. } => Some(Self::ReservedSerials),
            Input::Ask(_)
            | Input::Refer(_)
            | Input::Happened { .. }
            | Input::Stray { .. }
            | Input::Delivery { .. }
            | Input::Saved(Saved::Done(..))
            | Input::Found(..)
            | Input::Gate { .. }
            | Input::Operate { .. }
            | Input::Time => None,
        }
    }

    /// A payment that another instance has in hand is read.
    pub(crate) fn of_read(found: Option<&Stored>, reader: InstanceNo) -> Option<Self> {
        let is_anothers = |stored: &&Stored| stored.is_bound() && stored.owner() != reader;
        found.filter(is_anothers).map(|_| Self::ReadAnothers)
    }

    pub(crate) fn of_output(output: &Output) -> Option<Self> {
        matches!(output, Output::Note(Note::UnknownAnswer { .. })).then_some(Self::StrayOfNobody)
    }
}

/// What a run must reach, or another one.
pub(crate) fn all() -> BTreeSet<String> {
    let codes = [
        "0000", "8035", "8420", "9010", "9011", "9012", "9013", "9020", "9021", "9022", "9023", "9030",
        "9031", "9032", "9033", "9034", "9040",
    ];
    let incidents = [
        Incident::DiedWhileRecovering,
        Incident::LostRace,
        Incident::Claimed,
        Incident::StrayOfNobody,
        Incident::StrayFoundItsPayment,
        Incident::ReservedSerials,
        Incident::Stopped,
        Incident::TookOver,
        Incident::TookOverWhatIsWaitedFor,
        Incident::ReadAnothers,
        Incident::WokeFenced,
        Incident::CommitFailed,
        Incident::CommitUnknown,
        Incident::OrderCarriedOut,
        Incident::ClockSetForward,
        Incident::ClockSetBack,
    ];
    let closed = [Closed::Accepted, Closed::AlreadyCancelled, Closed::NoSuchOriginal, Closed::Declined];
    let stuck = [StuckWhy::AlreadyAcquired, StuckWhy::AmountDiffers, StuckWhy::GivenUp];
    let causes = [Cause::Unanswered, Cause::Undelivered, Cause::Unacknowledged, Cause::Terminal];
    let events = [
        "answered",
        "not sent",
        "unanswered",
        "late",
        "net-cancel answered",
        "net-cancel not sent",
        "net-cancel unanswered",
        "undelivered",
        "repeated",
        "due",
        "restarted",
        "too late",
        "lost after the first byte",
        "another acquirer tried",
        "left to the terminal",
        "cancel asked",
        "cancel answered",
        "cancel not sent",
        "cancel unanswered",
        "net-cancel asked",
        "acknowledged",
        "withdrawn before it came",
        "withdrawn before it was sent",
        "cancelled in several parts",
        "a cancel done at a later try",
        "a cancel that needs a person",
    ];
    let states = ["00", "01", "02", "03", "04", "05", "06", "07", "08"];
    let mut all: BTreeSet<String> = codes.iter().map(|code| format!("answer {code}")).collect();
    all.extend(states.iter().map(|state| format!("state {state}")));
    all.extend(incidents.iter().map(|incident| format!("{incident:?}")));
    all.extend(closed.iter().map(|how| format!("{how:?}")));
    all.extend(stuck.iter().map(|why| format!("{why:?}")));
    all.extend(causes.iter().map(|cause| format!("{cause:?}")));
    all.extend(events.iter().map(|event| (*event).to_owned()));
    all
}

/// What a settled run reached.
pub(crate) fn reached(world: &World) -> BTreeSet<String> {
    let mut reached: BTreeSet<String> =
        world.incidents.iter().map(|incident| format!("{incident:?}")).collect();
    for asked in world.terminals.all() {
        reached.extend(asked.released.iter().map(|(_, answer)| match answer {
            TerminalAnswer::Standing(standing) => format!("state {}", standing.state.code()),
            answer => format!("answer {}", answer.code()),
        }));
    }
    for row in world.storage.memory().events().iter().filter(|row| row.payment.is_some()) {
        if let Ok(Happened::Event(event)) = serde_json::from_str(&row.event) {
            reached.insert(name(&event).to_owned());
        }
    }
    for stored in world.storage.all() {
        reached.extend(of_undoing(world, &stored).into_iter().map(str::to_owned));
        let attempts = stored.payment().attempts();
        if attempts.len() > 1 {
            reached.insert("another acquirer tried".to_owned());
        }
        for debt in attempts.iter().filter_map(|attempt| attempt.debt()) {
            reached.insert(format!("{:?}", debt.cause()));
            match debt.state() {
                DebtState::Done { how, .. } => drop(reached.insert(format!("{how:?}"))),
                DebtState::Stuck { why, .. } => drop(reached.insert(format!("{why:?}"))),
                DebtState::Due { .. } | DebtState::Trying { .. } => {}
            }
        }
    }
    if !world.left_to_terminal.is_empty() {
        reached.insert("left to the terminal".to_owned());
    }
    reached
}

fn of_undoing(world: &World, stored: &Stored) -> Vec<&'static str> {
    let payment = stored.payment();
    let mut reached = Vec::new();
    if payment.is_tombstone() {
        reached.push("withdrawn before it came");
    }
    let withheld = AttemptState::NotSent(NotSent::Withdrawn);
    if payment.attempts().iter().any(|attempt| *attempt.state() == withheld) {
        reached.push("withdrawn before it was sent");
    }
    if payment.cancels().iter().filter(|cancel| cancel.is_done()).count() > 1 {
        reached.push("cancelled in several parts");
    }
    for cancel in payment.cancels() {
        let tries = world.acquirers.values().flat_map(|it| &it.cancels);
        let tries = tries.filter(|(serial, ..)| *serial == cancel.serial()).count();
        match cancel.state() {
            CancelState::Done { .. } if tries > 1 => reached.push("a cancel done at a later try"),
            CancelState::Stuck { .. } => reached.push("a cancel that needs a person"),
            CancelState::Done { .. }
            | CancelState::InFlight
            | CancelState::Unconfirmed(_)
            | CancelState::Declined { .. }
            | CancelState::Refused { .. } => {}
        }
    }
    reached
}

fn name(event: &Event) -> &'static str {
    match event {
        Event::NotSent { why: NotSent::TooLate, .. } => "too late",
        Event::Unanswered { why: Unanswered::ConnectionLost, .. } => "lost after the first byte",
        Event::Answered { .. } => "answered",
        Event::NotSent { .. } => "not sent",
        Event::Unanswered { .. } => "unanswered",
        Event::Late { .. } => "late",
        Event::NetCancelAnswered { .. } => "net-cancel answered",
        Event::NetCancelNotSent { .. } => "net-cancel not sent",
        Event::NetCancelUnanswered { .. } => "net-cancel unanswered",
        Event::CancelAsked { .. } => "cancel asked",
        Event::CancelAnswered { .. } => "cancel answered",
        Event::CancelNotSent { .. } => "cancel not sent",
        Event::CancelUnanswered { .. } => "cancel unanswered",
        Event::NetCancelRetried { .. } => "net-cancel retried",
        Event::NetCancelResolved { .. } => "net-cancel resolved",
        Event::CancelRetried { .. } => "cancel retried",
        Event::CancelResolved { .. } => "cancel resolved",
        Event::NetCancelAsked { .. } => "net-cancel asked",
        Event::Acknowledged => "acknowledged",
        Event::Undelivered => "undelivered",
        Event::Repeated => "repeated",
        Event::Due => "due",
        Event::Restarted { .. } => "restarted",
    }
}
