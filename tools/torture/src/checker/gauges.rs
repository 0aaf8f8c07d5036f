//! I11: nothing waits on any line once nothing is open.

use super::{Evidence, Violation};

/// What waits or is under way at an acquirer, each by acquirer: of an open payment, or of none.
const AT_ACQUIRERS: [&str; 3] =
    ["switch_undoing_held", "switch_acquirer_queued", "switch_acquirer_in_flight"];

/// At every acquirer no more waits than there are open payments.
pub(super) fn lines_hold_what_is_open(evidence: &Evidence) -> Vec<Violation> {
    let open = evidence.journal.payments.iter().filter(|record| record.open).count();
    #[allow(clippy::cast_precision_loss, reason = "a gauge is a float, and payments are few")]
    let most = open as f64 + 0.5;
    let is_one = |sample: &str| {
        AT_ACQUIRERS.iter().any(|name| sample.strip_prefix(name).is_some_and(|rest| rest.starts_with('{')))
    };
    let held = evidence.metrics.iter().filter(|(sample, held)| is_one(sample) && **held > most);
    held.map(|(sample, held)| Violation::new(format!("{sample} is {held} when {open} payments are open")))
        .collect()
}
