//! What may be counted is there from the start, at 0: a counter that came with its first event would show no increase at that event, and whoever watches
//! it would miss it.

use metrics::{counter, gauge};
use payment::{AcquirerName, RESPONSES};

use super::{
    ALARMS, ANSWERS, CANCELS, FLOODS, HELD, NET_CANCELS, OPERATED, OWED, OWED_SECONDS, RELOADS, SENT,
    SESSIONS, UNOPENED, door,
};

/// Kinds of alarms.
pub(super) const ALARM_KINDS: [&str; 11] = [
    "every-route-failed",
    "net-cancel-overdue",
    "net-cancel-stuck",
    "cancel-overdue",
    "cancel-stuck",
    "needs-person",
    "overdue-at-start",
    "acquirer-not-configured",
    "lease-lapsed",
    "clocks-parted",
    "serials-run-out",
];
/// What may become of a telegram to an acquirer.
pub(super) const OUTCOMES: [&str; 3] = ["answered", "not-sent", "unanswered"];
/// What may become of something ordered.
const ORDERED: [&str; 2] = ["done", "refused"];

/// What does not wait for an acquirer's name.
pub(super) fn start() {
    for response in RESPONSES {
        counter!(ANSWERS, "code" => response.code.as_str().to_owned()).increment(0);
    }
    for kind in ALARM_KINDS {
        counter!(ALARMS, "kind" => kind).increment(0);
    }
    for outcome in ORDERED {
        counter!(OPERATED, "outcome" => outcome).increment(0);
        counter!(RELOADS, "outcome" => outcome).increment(0);
    }
    counter!(UNOPENED).increment(0);
    gauge!(SESSIONS).increment(0.0);
    door::start();
}

/// What is measured of each acquirer; what was measured of it before stays.
pub(crate) fn acquirer(name: &AcquirerName) {
    for counted in [SENT, NET_CANCELS, CANCELS] {
        for outcome in OUTCOMES {
            counter!(counted, "acquirer" => name.as_str().to_owned(), "outcome" => outcome).increment(0);
        }
    }
    counter!(FLOODS, "acquirer" => name.as_str().to_owned()).increment(0);
    for measured in [HELD, OWED, OWED_SECONDS] {
        gauge!(measured, "acquirer" => name.as_str().to_owned()).increment(0.0);
    }
}
