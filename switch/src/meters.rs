//! Metrics, by their names. Labels are names of the configuration and codes, never anything of a card.

use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use payment::{AcquirerName, ResponseCode};

const ANSWERS: &str = "switch_answers_total";
const SENT: &str = "switch_acquirer_requests_total";
const NET_CANCELS: &str = "switch_net_cancels_total";
const CANCELS: &str = "switch_cancels_total";
const UNOPENED: &str = "switch_unopened_cards_total";
const ALARMS: &str = "switch_alarms_total";
const SESSIONS: &str = "switch_sessions";
const PAYMENTS: &str = "switch_payments_at_desk";
const LINKS: &str = "switch_links_up";
const COMMIT_ROWS: &str = "switch_commit_rows";
const ANSWER_SECONDS: &str = "switch_answer_seconds";

/// Tells what each metric means.
pub fn describe() {
    describe_counter!(ANSWERS, "Answers to terminals, by response code");
    describe_counter!(SENT, "Outcomes of approval requests at acquirers, by acquirer and outcome");
    describe_counter!(NET_CANCELS, "Outcomes of net-cancel tries, by acquirer and outcome");
    describe_counter!(CANCELS, "Outcomes of cancel tries, by acquirer and outcome");
    describe_counter!(UNOPENED, "Cards of payments that no key opened when a telegram was written");
    describe_counter!(ALARMS, "Alarms, by kind");
    describe_gauge!(SESSIONS, "Terminals' sockets");
    describe_gauge!(PAYMENTS, "Payments at the desk, those that owe a net-cancel among them");
    describe_gauge!(
        LINKS,
        "Links to acquirers that are up, by acquirer: sockets connected, or those that a reachable acquirer with a socket per request may have"
    );
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
    counter!(SENT, "acquirer" => acquirer.as_str().to_owned(), "outcome" => outcome).increment(1);
}

pub(crate) fn net_cancel_outcome(acquirer: &AcquirerName, outcome: &'static str) {
    counter!(NET_CANCELS, "acquirer" => acquirer.as_str().to_owned(), "outcome" => outcome).increment(1);
}

pub(crate) fn cancel_outcome(acquirer: &AcquirerName, outcome: &'static str) {
    counter!(CANCELS, "acquirer" => acquirer.as_str().to_owned(), "outcome" => outcome).increment(1);
}

pub(crate) fn alarm(kind: &'static str) {
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

pub(crate) fn links(acquirer: &AcquirerName, up: usize) {
    gauge!(LINKS, "acquirer" => acquirer.as_str().to_owned()).set(u32::try_from(up).unwrap_or(u32::MAX));
}
