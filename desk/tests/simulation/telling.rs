//! The checker's part about what terminals were told: of their withdrawals, acknowledgements, inquiries, duplicates and totals.

use std::collections::{BTreeMap, BTreeSet};

use payment::{
    Closed, Debt, DebtState, Delivery, Event, Finding, PaymentId, PaymentState, Phase, Question,
    ResponseCode, Sum, TelegramKey, TerminalAnswer, TerminalId, Totals,
};
use store::Lookup;

use crate::{
    acquirer::Given,
    cancelling,
    checker::{Happened, Invariant, given},
    flaw::Flaw,
    sample::since_start,
    terminals::{Asked, What},
    world::World,
};

/// How much later than its time-out an acknowledgement may be taken, for a store that stalls, in ms.
const ACKNOWLEDGEMENT_SLACK_MS: u64 = 10_000;
/// And for a switch that was stopped: what its socket held comes before what fell due.
const STOPPED_SLACK_MS: u64 = 130_000;

/// What the told and the settled world say against each other.
pub(crate) fn check(world: &mut World) {
    let live = live(world);
    let mut broken = Vec::new();
    cancelling::told(world, &mut broken);
    withdrawals(world, &live, &mut broken);
    acknowledgements(world, &live, &mut broken);
    late_acknowledgements(world, &mut broken);
    inquiries(world, &live, &mut broken);
    duplicates(world, &live, &mut broken);
    totals(world, &mut broken);
    for (invariant, what) in broken {
        world.violated(invariant, what);
    }
}

/// Approvals somebody still pays for, but for those a person knows of.
fn live(world: &mut World) -> BTreeMap<TelegramKey, Given> {
    let mut live = BTreeMap::new();
    for (serial, given) in given(world).into_iter().filter(|(_, given)| given.is_live()) {
        let stuck = world.storage.read(Lookup::Serial(serial)).is_some_and(|stored| {
            let mut attempts = stored.payment().attempts().iter();
            let attempt = attempts.find(|attempt| attempt.route().serial == serial);
            let debt = attempt.and_then(|attempt| attempt.debt()).map(Debt::state);
            let stands = Closed::ByPerson(Finding::Stands);
            match debt {
                Some(DebtState::Done { how, .. }) => how == stands,
                Some(DebtState::Stuck { .. }) => true,
                Some(DebtState::Due { .. } | DebtState::Trying { .. }) | None => false,
            }
        });
        if !stuck {
            live.insert(given.key, given);
        }
    }
    live
}

fn withdrawals(
    world: &mut World,
    live: &BTreeMap<TelegramKey, Given>,
    broken: &mut Vec<(Invariant, String)>,
) {
    for asked in world.terminals.all() {
        let told = matches!(asked.ask.what, What::NetCancel { .. }) && asked.is_done();
        if let (true, Some(given)) = (told, live.get(&asked.key())) {
            let what = format!("{} was told to be withdrawn, {given:?}", asked.key());
            broken.push((Invariant::WithdrawnStaysWithdrawn, what));
        }
    }
    for stored in world.storage.all().into_iter().filter(|stored| stored.payment().is_tombstone()) {
        let key = stored.payment().request().key;
        if given(world).iter().any(|(_, given)| given.key == key) {
            broken.push((Invariant::WithdrawnStaysWithdrawn, format!("{key} is buried and was approved")));
        }
    }
}

fn acknowledgements(
    world: &mut World,
    live: &BTreeMap<TelegramKey, Given>,
    broken: &mut Vec<(Invariant, String)>,
) {
    let asks_for_them = world.settings.terms.acknowledged_within_ms.is_some();
    for (key, given) in live.iter().filter(|_| asks_for_them) {
        let said = world
            .terminals
            .about(*key)
            .any(|asked| matches!(asked.ask.what, What::Acknowledgement { of_another: false }));
        let stored = world.storage.read(Lookup::Id(given.payment));
        let acknowledged = stored.is_some_and(|stored| {
            matches!(stored.payment().phase(), Phase::Approved { delivery: Delivery::Acknowledged, .. })
        });
        if !(said && acknowledged) {
            let what = format!("{key} stands: said {said}, acknowledged {acknowledged}");
            broken.push((Invariant::AcknowledgedOrUndone, what));
        }
    }
    for asked in world.terminals.all() {
        let told = matches!(asked.ask.what, What::Acknowledgement { .. }) && asked.is_done();
        let key = asked.key();
        let mut all = given(world).into_iter().filter(|(_, given)| given.key == key);
        let stands = live.contains_key(&key) || all.any(|(_, given)| given.cancelled_sum() > 0);
        if told && !stands && !world.terminals.withdrew(key) {
            broken.push((Invariant::AcknowledgedStands, format!("{key} was told to be acknowledged")));
        }
    }
}

/// No acknowledgement is durable after its time-out, by the events.
fn late_acknowledgements(world: &mut World, broken: &mut Vec<(Invariant, String)>) {
    let Some(within_ms) = world.settings.terms.acknowledged_within_ms else { return };
    let slack_ms = if world.settings.stops == 0 { ACKNOWLEDGEMENT_SLACK_MS } else { STOPPED_SLACK_MS };
    let mut approved_at: BTreeMap<PaymentId, u64> = BTreeMap::new();
    for row in world.storage.memory().events() {
        let Some(id) = row.payment.map(PaymentId::from_number) else { continue };
        let at_ms = since_start(row.at);
        let Ok(Happened::Event(event)) = serde_json::from_str(&row.event) else { continue };
        if let Event::Answered { .. } = event {
            // The last answer is the one that approved.
            approved_at.insert(id, at_ms);
        }
        if let (Event::Acknowledged, Some(approved_ms)) = (&event, approved_at.get(&id))
            && at_ms > approved_ms + within_ms + slack_ms
        {
            let stood = world.storage.all().iter().any(|stored| {
                stored.id() == id
                    && matches!(
                        stored.payment().phase(),
                        Phase::Approved { delivery: Delivery::Acknowledged, .. }
                    )
            });
            // One that was acknowledged in time may say so again.
            let again = world.storage.memory().events().iter().any(|earlier| {
                earlier.payment == row.payment
                    && earlier.version < row.version
                    && matches!(
                        serde_json::from_str(&earlier.event),
                        Ok(Happened::Event(Event::Acknowledged))
                    )
            });
            if stood && !again {
                broken.push((Invariant::AcknowledgedOrUndone, format!("{id} was acknowledged too late")));
            }
        }
    }
}

fn inquiries(world: &World, live: &BTreeMap<TelegramKey, Given>, broken: &mut Vec<(Invariant, String)>) {
    for asked in world.terminals.all() {
        let key = asked.key();
        for answer in &asked.read {
            let TerminalAnswer::Standing(standing) = answer else { continue };
            let undid =
                |asked: &Asked| matches!(asked.ask.what, What::NetCancel { .. } | What::Cancel { .. });
            let undid_itself = world.terminals.about(key).any(undid);
            let mut given = given(world).into_iter().filter(|(_, given)| given.key == key);
            let is_live = live.contains_key(&key);
            let is_so = match standing.state {
                PaymentState::Unknown | PaymentState::InProgress | PaymentState::NeedsPerson => true,
                PaymentState::Approved => is_live || undid_itself,
                PaymentState::PartlyCancelled => {
                    given.any(|(_, given)| given.cancelled_sum() > 0 && !given.cancelled)
                }
                PaymentState::Cancelled => given.any(|(_, given)| given.cancelled_sum() == given.total.get()),
                PaymentState::Declined | PaymentState::NetCancelUnderWay | PaymentState::NetCancelled => {
                    !is_live
                }
            };
            if !is_so {
                let what = format!("{key} was told {:?}, live: {is_live}", standing.state);
                broken.push((Invariant::InquiriesNeverLie, what));
            }
        }
    }
}

fn duplicates(world: &mut World, live: &BTreeMap<TelegramKey, Given>, broken: &mut Vec<(Invariant, String)>) {
    let Some((_, window_ms)) = world.settings.duplicates else { return };
    let stands: Vec<_> = live
        .values()
        .filter_map(|given| world.storage.read(Lookup::Id(given.payment)))
        .map(|stored| stored.payment().request().clone())
        .collect();
    let reached: BTreeSet<_> = given(world).into_iter().map(|(_, given)| given.key).collect();
    for first in &stands {
        for second in &stands {
            let (first_ms, second_ms) = (since_start(first.received_at), since_start(second.received_at));
            let alike = world.settings.duplicate(&first.key) == world.settings.duplicate(&second.key);
            let within = second_ms >= first_ms && second_ms < first_ms + window_ms;
            if first.key != second.key && alike && within {
                let what = format!("{} and {} are alike and stand", first.key, second.key);
                broken.push((Invariant::DuplicatesReachNobody, what));
            }
        }
    }
    // Who was told 9012 and nothing else has reached nobody.
    let mut told: BTreeMap<TelegramKey, BTreeSet<bool>> = BTreeMap::new();
    for asked in world.terminals.all() {
        let What::Approval { .. } = asked.ask.what else { continue };
        let refused = asked.released.iter().all(|(_, answer)| answer.code() == ResponseCode::DUPLICATE);
        told.entry(asked.key()).or_default().insert(refused && !asked.cut_off);
    }
    for (key, told) in told {
        if !told.contains(&false) && reached.contains(&key) {
            broken.push((Invariant::DuplicatesReachNobody, format!("{key} was refused and was approved")));
        }
    }
}

/// What each terminal would add up from its last answers, against the store's totals.
fn totals(world: &mut World, broken: &mut Vec<(Invariant, String)>) {
    let mut expected: BTreeMap<TerminalId, Totals> = BTreeMap::new();
    let mut keys = BTreeSet::new();
    let mut cancels = BTreeSet::new();
    for asked in world.terminals.all() {
        expected.entry(asked.key().terminal).or_default();
        keys.insert(asked.key());
        if let (Question::Cancel(request), Some(TerminalAnswer::Cancelled { .. })) =
            (&asked.question, asked.answer())
            && cancels.insert(request.key)
        {
            let totals = expected.entry(request.key.terminal).or_default();
            totals.cancels.add(request.amounts.total);
        }
    }
    for key in keys {
        let withdrawn = world.terminals.about(key).find_map(|asked| match &asked.question {
            Question::NetCancel(request) if asked.is_done() => Some(request.total),
            Question::NetCancel(_)
            | Question::Approval(_)
            | Question::Cancel(_)
            | Question::Acknowledgement(_)
            | Question::Inquiry(_) => None,
        });
        let answered = world.terminals.about(key).filter_map(|asked| match &asked.question {
            Question::Approval(request) => Some((request.amounts.total(), asked.answer()?.code())),
            Question::NetCancel(_)
            | Question::Cancel(_)
            | Question::Acknowledgement(_)
            | Question::Inquiry(_) => None,
        });
        let totals = expected.entry(key.terminal).or_default();
        let refusals = [
            ResponseCode::OTHER_CONTENT,
            ResponseCode::DUPLICATE,
            ResponseCode::OVERLOADED,
            ResponseCode::IN_PROGRESS,
        ];
        if let Some(total) = withdrawn {
            totals.net_cancels.add(total);
        } else if let Some((total, code)) = answered.filter(|(_, code)| !refusals.contains(code)).last() {
            match code {
                ResponseCode::APPROVED | ResponseCode::ALREADY_CANCELLED => totals.approvals.add(total),
                ResponseCode::NET_CANCELLED | ResponseCode::ACQUIRER_SILENT => totals.net_cancels.add(total),
                _ => {}
            }
        }
    }
    for (terminal, expected) in expected {
        let mut counted = world.storage.totals(terminal);
        if world.settings.flaw == Some(Flaw::ForgetsCancelsInTotals) {
            counted.cancels = Sum::default();
        }
        if counted != expected {
            let what = format!("{terminal:?} adds up {expected:?}, the store {counted:?}");
            broken.push((Invariant::TotalsAreWhatWasTold, what));
        }
    }
}
