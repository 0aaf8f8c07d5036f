//! Instants are compared by a clock that is right, also where the switch's own was not.

use jiff::SignedDuration;
use telegram_replay::acquirer::Event as Did;

use super::{
    ACCEPTED, AMOUNT, DUE, Evidence, SERIAL, STARTED, UNANSWERED, at, did, hear, key, record_by, violated,
    well,
};

/// A net-cancel, by a switch whose clock was so far ahead, that was done in that second.
fn undone(ahead_s: i64, second: i64) -> Evidence {
    let mut evidence = well();
    let ahead = SignedDuration::from_secs(ahead_s);
    evidence.journal.payments = vec![record_by(ahead, &[STARTED, UNANSWERED, DUE, ACCEPTED])];
    evidence.records.exchanges.clear();
    hear(&mut evidence, &key(100, 9), "9022");
    let mut undone = did(Did::NetCancelled, SERIAL, Some(SERIAL), AMOUNT);
    undone.at = at(second);
    evidence.acquirers[0].truth.push(undone);
    evidence
}

#[test]
fn a_switch_whose_clock_was_wrong_leaves_a_history_that_is_right() {
    for ahead_s in [-600, 0, 3_600] {
        assert_eq!(violated(&undone(ahead_s, 2)), Vec::<&str>::new(), "{ahead_s} s ahead");
    }
}

#[test]
fn undoing_before_its_record_breaks_i7_although_a_clock_that_was_behind_dates_the_record_before_it() {
    assert_eq!(violated(&undone(-600, -5)), ["I7"]);
}
