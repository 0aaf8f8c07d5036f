//! Metrics, by their names. Labels are names of the configuration and codes, never anything of a card.

pub(crate) mod door;
mod known;

use std::time::Duration;

use acquirer_links::{AddressState, BreakerState, PoolState};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use payment::{AcquirerName, ResponseCode};

pub(crate) use self::known::acquirer;
use self::known::{ALARM_KINDS, OUTCOMES};

const ANSWERS: &str = "switch_answers_total";
const SENT: &str = "switch_acquirer_requests_total";
const NET_CANCELS: &str = "switch_net_cancels_total";
const CANCELS: &str = "switch_cancels_total";
const UNOPENED: &str = "switch_unopened_cards_total";
const ALARMS: &str = "switch_alarms_total";
const WALL_AHEAD: &str = "switch_wall_clock_ahead_seconds";
const SESSIONS: &str = "switch_sessions";
const PAYMENTS: &str = "switch_payments_at_desk";
const LINKS: &str = "switch_links_up";
const IN_FLIGHT: &str = "switch_acquirer_in_flight";
const QUEUED: &str = "switch_acquirer_queued";
const HELD: &str = "switch_undoing_held";
const BREAKER: &str = "switch_acquirer_breaker";
const FLOODS: &str = "switch_acquirer_floods_total";
const ADDRESS_LINKS: &str = "switch_acquirer_address_links";
const OPERATED: &str = "switch_operator_steps_total";
const RELOADS: &str = "switch_reloads_total";
const OPEN_AT_START: &str = "switch_open_payments_at_start";
const OWED_AT_START: &str = "switch_payments_owing_at_start";
const NEEDING_PERSON_AT_START: &str = "switch_payments_needing_a_person_at_start";
const OWED: &str = "switch_net_cancels_owed";
const OWED_SECONDS: &str = "switch_net_cancels_oldest_seconds";
const NEEDING_PERSON: &str = "switch_payments_needing_a_person";
const COMMIT_ROWS: &str = "switch_commit_rows";
const ANSWER_SECONDS: &str = "switch_answer_seconds";

/// Tells what each metric means, and begins those whose labels are known at 0.
pub fn describe() {
    known::start();
    door::describe();
    describe_counter!(ANSWERS, "Answers to terminals, by response code");
    describe_counter!(SENT, "Outcomes of approval requests at acquirers, by acquirer and outcome");
    describe_counter!(NET_CANCELS, "Outcomes of net-cancel tries, by acquirer and outcome");
    describe_counter!(CANCELS, "Outcomes of cancel tries, by acquirer and outcome");
    describe_counter!(UNOPENED, "Cards of payments that no key opened when a telegram was written");
    describe_counter!(ALARMS, "Alarms, by kind");
    describe_gauge!(SESSIONS, "Terminals' sockets");
    describe_gauge!(PAYMENTS, "Payments at the desk, those that owe a net-cancel among them");
    describe_gauge!(
        WALL_AHEAD,
        Unit::Seconds,
        "By how much the wall clock has parted from the clock the switch runs by; 0 below a second"
    );
    describe_gauge!(
        LINKS,
        "Links to acquirers that are up, by acquirer: sockets connected, or those that a reachable acquirer with a socket per request may have"
    );
    describe_gauge!(
        IN_FLIGHT,
        "Telegrams at an acquirer of which a byte may have left and that have no outcome yet"
    );
    describe_gauge!(QUEUED, "Telegrams that wait for a socket to an acquirer");
    describe_gauge!(HELD, "Net-cancels and repeated cancels that wait for their turn at an acquirer");
    describe_gauge!(
        BREAKER,
        "Whether requests go to an address: 0 they do, 1 it is left alone, 2 it is being tried"
    );
    describe_gauge!(ADDRESS_LINKS, "Connections to an address of an acquirer");
    describe_counter!(
        FLOODS,
        "How often a link began to be read slowly for bringing too much that nobody waits for, by acquirer"
    );
    describe_counter!(OPERATED, "Steps that a person ordered on net-cancels and cancels, by outcome");
    describe_counter!(RELOADS, "Reloads of the configuration, by outcome");
    describe_gauge!(OPEN_AT_START, "Payments that were open when the switch started");
    describe_gauge!(OWED_AT_START, "Payments that owed a net-cancel when the switch started");
    describe_gauge!(NEEDING_PERSON_AT_START, "Payments in the manual queue when the switch started");
    describe_gauge!(OWED, "Net-cancels that are owed and tried by themselves, by acquirer");
    describe_gauge!(OWED_SECONDS, Unit::Seconds, "How long the oldest of them has been owed, by acquirer");
    describe_gauge!(NEEDING_PERSON, "Payments in the manual queue");
    describe_histogram!(COMMIT_ROWS, "Saves a commit made durable");
    describe_histogram!(ANSWER_SECONDS, Unit::Seconds, "From a request read to its answer released");
}

/// One terminal's socket, counted while it lives.
pub struct SessionGauge(());

impl SessionGauge {
    /// One more.
    pub fn up() -> Self {
        gauge!(SESSIONS).increment(1.0);
        Self(())
    }
}

impl Drop for SessionGauge {
    fn drop(&mut self) {
        gauge!(SESSIONS).decrement(1.0);
    }
}

pub(crate) fn unopened_card() {
    counter!(UNOPENED).increment(1);
}

pub(crate) fn answered(code: ResponseCode, after: Duration) {
    refused(code);
    histogram!(ANSWER_SECONDS).record(after.as_secs_f64());
}

/// A telegram refused before it was a request counts, but took no time worth a place in the histogram.
pub(crate) fn refused(code: ResponseCode) {
    counter!(ANSWERS, "code" => code.as_str().to_owned()).increment(1);
}

pub(crate) fn request_outcome(acquirer: &AcquirerName, outcome: &'static str) {
    debug_assert!(OUTCOMES.contains(&outcome), "{outcome} begins at 0 too");
    counter!(SENT, "acquirer" => acquirer.as_str().to_owned(), "outcome" => outcome).increment(1);
}

pub(crate) fn net_cancel_outcome(acquirer: &AcquirerName, outcome: &'static str) {
    debug_assert!(OUTCOMES.contains(&outcome), "{outcome} begins at 0 too");
    counter!(NET_CANCELS, "acquirer" => acquirer.as_str().to_owned(), "outcome" => outcome).increment(1);
}

pub(crate) fn cancel_outcome(acquirer: &AcquirerName, outcome: &'static str) {
    debug_assert!(OUTCOMES.contains(&outcome), "{outcome} begins at 0 too");
    counter!(CANCELS, "acquirer" => acquirer.as_str().to_owned(), "outcome" => outcome).increment(1);
}

pub(crate) fn wall_ahead(ahead: jiff::SignedDuration) {
    gauge!(WALL_AHEAD).set(ahead.as_secs_f64());
}

pub(crate) fn alarm(kind: &'static str) {
    debug_assert!(ALARM_KINDS.contains(&kind), "{kind} begins at 0 too");
    counter!(ALARMS, "kind" => kind).increment(1);
}

#[allow(clippy::cast_precision_loss, reason = "a gauge is a float; counts of payments stay far below 2^52")]
pub(crate) fn at_desk(payments: usize) {
    gauge!(PAYMENTS).set(payments as f64);
}

#[allow(clippy::cast_precision_loss, reason = "a histogram takes floats; a batch stays far below 2^52")]
pub(crate) fn committed(saves: usize) {
    histogram!(COMMIT_ROWS).record(saves as f64);
}

/// What the line to an acquirer carries at this moment.
pub(crate) fn line(acquirer: &AcquirerName, state: &PoolState) {
    let set = |name: &'static str, value: usize| {
        gauge!(name, "acquirer" => acquirer.as_str().to_owned())
            .set(u32::try_from(value).unwrap_or(u32::MAX));
    };
    set(LINKS, state.links_up);
    set(IN_FLIGHT, state.in_flight);
    set(QUEUED, state.queued);
    for address in &state.addresses {
        let labels =
            [("acquirer", acquirer.as_str().to_owned()), ("address", address.address.as_ref().to_owned())];
        gauge!(BREAKER, &labels).set(breaker(address.breaker));
        gauge!(ADDRESS_LINKS, &labels).set(u32::try_from(address.links).unwrap_or(u32::MAX));
    }
}

/// Net-cancels and repeated cancels that wait for their turn at an acquirer.
pub(crate) fn held(acquirer: &AcquirerName, count: usize) {
    gauge!(HELD, "acquirer" => acquirer.as_str().to_owned()).set(u32::try_from(count).unwrap_or(u32::MAX));
}

/// A link brings too much that nobody waits for, from now on.
pub(crate) fn flooded(acquirer: &AcquirerName) {
    counter!(FLOODS, "acquirer" => acquirer.as_str().to_owned()).increment(1);
}

/// The line does not serve any more: what it was measured by reads 0 until another one is.
pub(crate) fn line_gone(acquirer: &AcquirerName, last: &PoolState) {
    let address = |address: &AddressState| AddressState {
        address: address.address.clone(),
        links: 0,
        breaker: BreakerState::Passing,
    };
    let nothing = PoolState {
        links_up: 0,
        in_flight: 0,
        queued: 0,
        breaker: BreakerState::Passing,
        addresses: last.addresses.iter().map(address).collect(),
    };
    line(acquirer, &nothing);
}

fn breaker(state: BreakerState) -> f64 {
    match state {
        BreakerState::Passing => 0.0,
        BreakerState::Blocked => 1.0,
        BreakerState::Probing => 2.0,
    }
}

/// A person's step, carried out or not.
pub(crate) fn operated(is_done: bool) {
    let outcome = if is_done { "done" } else { "refused" };
    counter!(OPERATED, "outcome" => outcome).increment(1);
}

/// A reload of the configuration, carried out or not.
pub(crate) fn reloaded(is_done: bool) {
    let outcome = if is_done { "done" } else { "refused" };
    counter!(RELOADS, "outcome" => outcome).increment(1);
}

/// What the last start left to this one.
#[allow(clippy::cast_precision_loss, reason = "a gauge is a float; counts of payments stay far below 2^52")]
pub(crate) fn left_by_the_last_start(open: usize, owed: usize, needing_person: u64) {
    gauge!(OPEN_AT_START).set(open as f64);
    gauge!(OWED_AT_START).set(owed as f64);
    gauge!(NEEDING_PERSON_AT_START).set(needing_person as f64);
}

/// Net-cancels that an acquirer has yet to settle, and how long the oldest has been owed.
pub(crate) fn net_cancels_owed(acquirer: &AcquirerName, count: usize, oldest: Duration) {
    let acquirer = acquirer.as_str();
    gauge!(OWED, "acquirer" => acquirer.to_owned()).set(u32::try_from(count).unwrap_or(u32::MAX));
    gauge!(OWED_SECONDS, "acquirer" => acquirer.to_owned()).set(oldest.as_secs_f64());
}

/// Payments in the manual queue.
#[allow(clippy::cast_precision_loss, reason = "a gauge is a float; counts of payments stay far below 2^52")]
pub(crate) fn needing_person(payments: u64) {
    gauge!(NEEDING_PERSON).set(payments as f64);
}
