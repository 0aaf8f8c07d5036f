//! Failover after silence: `never`, `after-net-cancel` (the default) and `at-once`.

use payment::Failover::{AtOnce, Never};
use payment::NetCancelVerdict::{AlreadyAcquired, TryAgain};

use super::{by, check, falls_due, on};
use crate::{
    fixture::{M, S},
    happening::{
        accepted, already_cancelled, approved, declined, lost, net_cancel, net_cancel_not_sent,
        net_cancel_silent, no_original, not_sent, timed_out,
    },
};

#[test]
fn never_tells_9022_at_once_and_owes_the_net_cancel() {
    check(
        &by(&["card450", "kovan"]).failover(Never),
        "send #0 card450 until 10s",
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022"),
            on(11 * S, accepted(0), ""),
        ],
        "refused 9022 | #0 timed out → done 11s: accepted | card dropped",
    );
}

#[test]
fn never_still_goes_on_after_what_was_not_sent() {
    check(
        &by(&["card450", "kovan"]).failover(Never),
        "send #0 card450 until 10s",
        &[on(S, not_sent(0), "send #1 kovan until 11s")],
        "trying | #0 not sent: not connected | #1 in flight",
    );
}

#[test]
fn after_net_cancel_tries_the_next_acquirer_once_the_net_cancel_is_accepted() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
            on(10 * S + 300, accepted(0), "send #1 kovan until 20.3s"),
            on(12 * S, approved(1), "reply 0000 kovan"),
        ],
        "approved #1 released | #0 timed out → done 10.3s: accepted | #1 approved",
    );
}

#[test]
fn already_cancelled_counts_as_accepted() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
            on(11 * S, already_cancelled(0), "send #1 kovan until 21s"),
        ],
        "trying | #0 timed out → done 11s: already cancelled | #1 in flight",
    );
}

#[test]
fn a_lost_connection_after_the_first_byte_is_silence() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[on(S, lost(0, S), "net-cancel #0 card450"), on(2 * S, accepted(0), "send #1 kovan until 12s")],
        "trying | #0 lost → done 2s: accepted | #1 in flight",
    );
}

#[test]
fn the_second_tries_of_a_net_cancel_may_still_open_the_way() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
            on(10 * S + 100, net_cancel_not_sent(0), ""),
            falls_due(11 * S + 100, "net-cancel #0 card450"),
            on(12 * S, accepted(0), "send #1 kovan until 22s"),
        ],
        "trying | #0 timed out → done 12s: accepted | #1 in flight",
    );
}

#[test]
fn after_net_cancel_tells_9022_at_once_when_there_is_no_other_acquirer() {
    check(
        &by(&["card450"]),
        "send #0 card450 until 10s",
        &[on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022")],
        "refused 9022 | #0 timed out → owed, trying since 10s",
    );
}

#[test]
fn after_net_cancel_tells_9022_when_no_time_is_left_and_the_debt_goes_on() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
            falls_due(18 * S, "reply 9022, alarm 9022"),
            on(19 * S, accepted(0), ""),
        ],
        "refused 9022 | #0 timed out → done 19s: accepted | card dropped",
    );
}

#[test]
fn a_net_cancel_accepted_too_late_for_another_acquirer_ends_in_9022() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
            on(18 * S + 1, accepted(0), "reply 9022, alarm 9022"),
        ],
        "refused 9022 | #0 timed out → done 18.001s: accepted | card dropped",
    );
}

#[test]
fn after_net_cancel_tells_9022_at_once_when_silence_took_all_the_time() {
    check(
        &by(&["card450", "kovan"]).terms(|terms| terms.terminal_deadline_ms = 19_000),
        "send #0 card450 until 10s",
        &[on(10 * S, timed_out(0, 0), "net-cancel #0 card450, reply 9022, alarm 9022")],
        "refused 9022 | #0 timed out → owed, trying since 10s",
    );
}

#[test]
fn a_net_cancel_that_needs_a_person_ends_the_wait_for_it() {
    check(
        &by(&["card450", "kovan"]),
        "send #0 card450 until 10s",
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450"),
            on(
                11 * S,
                net_cancel(0, AlreadyAcquired),
                "alarm #0 stuck: already acquired, reply 9022, alarm 9022",
            ),
        ],
        "refused 9022 | #0 timed out → stuck 11s: already acquired",
    );
}

#[test]
fn no_such_original_does_not_open_the_way_to_another_acquirer() {
    check(
        &by_fast_settling(),
        "send #0 card450 until 1s",
        &[
            on(S, timed_out(0, 0), "net-cancel #0 card450"),
            on(S + 100, net_cancel(0, TryAgain), ""),
            falls_due(2 * S + 100, "net-cancel #0 card450"),
            on(2 * S + 200, no_original(0), "reply 9022, alarm 9022"),
        ],
        "refused 9022 | #0 timed out → done 2.2s: no such original",
    );
}

fn by_fast_settling() -> super::Given {
    let mut given = super::by_timed(&[("card450", 1_000), ("kovan", 1_000)]);
    for route in &mut given.routes {
        let mut fast = payment::Route::clone(route);
        fast.settle_after_ms = 1_000;
        *route = fast.into();
    }
    given
}

#[test]
fn at_once_tries_the_next_acquirer_beside_the_net_cancel() {
    check(
        &by(&["card450", "kovan"]).failover(AtOnce),
        "send #0 card450 until 10s",
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, send #1 kovan until 20s"),
            on(11 * S, approved(1), "reply 0000 kovan"),
            on(20 * S, net_cancel_silent(0), ""),
            falls_due(21 * S, "net-cancel #0 card450"),
            on(22 * S, accepted(0), ""),
        ],
        "approved #1 released | #0 timed out → done 22s: accepted | #1 approved",
    );
}

#[test]
fn at_once_tells_9022_when_the_last_acquirer_failed_after_a_silent_one() {
    check(
        &by(&["card450", "kovan"]).failover(AtOnce),
        "send #0 card450 until 10s",
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, send #1 kovan until 20s"),
            on(10 * S + 5, not_sent(1), "reply 9022, alarm 9022"),
        ],
        "refused 9022 | #0 timed out → owed, trying since 10s | #1 not sent: not connected",
    );
}

#[test]
fn at_once_a_decline_by_the_next_acquirer_is_the_outcome() {
    check(
        &by(&["card450", "kovan"]).failover(AtOnce),
        "send #0 card450 until 10s",
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, send #1 kovan until 20s"),
            on(11 * S, declined(1), "reply 8035 kovan"),
            on(12 * S, accepted(0), ""),
        ],
        "declined #1 8035 | #0 timed out → done 12s: accepted | #1 declined | card dropped",
    );
}

#[test]
fn each_silent_attempt_owes_a_net_cancel_of_its_own() {
    check(
        &by(&["card450", "kovan"]).failover(AtOnce),
        "send #0 card450 until 10s",
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, send #1 kovan until 20s"),
            on(20 * S, timed_out(1, 10 * S), "net-cancel #1 kovan, reply 9022, alarm 9022"),
            on(20 * S, net_cancel_silent(0), ""),
            on(21 * S, accepted(1), ""),
            falls_due(21 * S, "net-cancel #0 card450"),
            on(M, accepted(0), ""),
        ],
        "refused 9022 | #0 timed out → done 60s: accepted | #1 timed out → done 21s: accepted | card dropped",
    );
}

#[test]
fn a_poisoned_debt_holds_back_no_other() {
    check(
        &by(&["card450", "kovan"]).failover(AtOnce),
        "send #0 card450 until 10s",
        &[
            on(10 * S, timed_out(0, 0), "net-cancel #0 card450, send #1 kovan until 20s"),
            on(11 * S, net_cancel(0, AlreadyAcquired), "alarm #0 stuck: already acquired"),
            on(20 * S, timed_out(1, 10 * S), "net-cancel #1 kovan, reply 9022, alarm 9022"),
            on(30 * S, net_cancel_silent(1), ""),
            falls_due(31 * S, "net-cancel #1 kovan"),
            on(32 * S, accepted(1), ""),
        ],
        "refused 9022 | #0 timed out → stuck 11s: already acquired | #1 timed out → done 32s: accepted",
    );
}
