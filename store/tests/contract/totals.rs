//! Batch totals: what one terminal did on one business date.

use jiff::civil::Date;
use payment::{Event, Sum, TerminalId, Totals};
use store::{Engine, Stored, TotalsQuery, totals};

use crate::{
    place::Place,
    samples::{
        TOTAL, approved, bury, cancel_accepted, cancel_asked, cancel_in_doubt, cancel_key,
        cancel_not_processed, declined, net_cancel_accepted, saved, start, step, terminal, today, tomorrow,
        unanswered, withdrawn,
    },
};

fn of(engine: &mut impl Engine, business_date: Date) -> Totals {
    totals(engine, TotalsQuery { terminal: terminal(), business_date }).unwrap()
}

/// So many, of that amount altogether.
fn sum(count: u64, amount: u64) -> Sum {
    Sum { count, amount }
}

fn approval(engine: &mut impl Engine, number: u32) -> Stored {
    let stored = saved(engine, start(number));
    saved(engine, step(stored, approved(), 1))
}

pub(crate) fn nothing_is_counted_of_a_terminal_that_did_nothing<P: Place>() {
    let mut engine = P::new().open();
    assert_eq!(of(&mut engine, today()), Totals::default());
    saved(&mut engine, start(1));
    let stored = saved(&mut engine, start(2));
    saved(&mut engine, step(stored, declined(), 1));
    // Awaiting the net-cancel that must be accepted before another acquirer is tried.
    let stored = saved(&mut engine, start(3));
    saved(&mut engine, step(stored, unanswered(), 1));
    assert_eq!(of(&mut engine, today()), Totals::default());
}

pub(crate) fn each_kind_is_counted_with_its_amount<P: Place>() {
    let mut engine = P::new().open();
    let one = approval(&mut engine, 1);
    approval(&mut engine, 2);
    let asked = saved(&mut engine, step(one, cancel_asked(1, cancel_key(today(), 500), TOTAL), 10));
    saved(&mut engine, step(asked, cancel_accepted(0), 11));
    // Two routes silent: the terminal is told 9022.
    let stored = saved(&mut engine, start(3));
    let stored = saved(&mut engine, step(stored, unanswered(), 1));
    saved(&mut engine, step(stored, Event::Due, 40));
    let expected =
        Totals { approvals: sum(2, 2 * TOTAL), cancels: sum(1, TOTAL), net_cancels: sum(1, TOTAL) };
    assert_eq!(of(&mut engine, today()), expected);
}

pub(crate) fn a_net_cancelled_approval_counts_once_and_as_a_net_cancel<P: Place>() {
    let mut engine = P::new().open();
    let stored = approval(&mut engine, 1);
    assert_eq!(of(&mut engine, today()).approvals, sum(1, TOTAL));
    let stored = saved(&mut engine, step(stored, withdrawn(1, 10), 10));
    let expected = Totals { net_cancels: sum(1, TOTAL), ..Totals::default() };
    assert_eq!(of(&mut engine, today()), expected);
    saved(&mut engine, step(stored, net_cancel_accepted(), 11));
    assert_eq!(of(&mut engine, today()), expected);
}

pub(crate) fn a_tombstone_counts_as_a_net_cancel_of_its_original<P: Place>() {
    let mut engine = P::new().open();
    saved(&mut engine, bury(1, 500, 0));
    let expected = Totals { net_cancels: sum(1, TOTAL), ..Totals::default() };
    assert_eq!(of(&mut engine, today()), expected);
}

pub(crate) fn a_cancel_counts_on_its_own_day_with_its_own_amount_once_it_is_done<P: Place>() {
    let mut engine = P::new().open();
    let mut stored = approval(&mut engine, 1);
    let one = Totals { approvals: sum(1, TOTAL), ..Totals::default() };
    let cancels = |cancels| Totals { cancels, ..Totals::default() };
    let path = [
        // Asked and refused at once, asked and not processed: never counted.
        (cancel_asked(1, cancel_key(tomorrow(), 500), TOTAL + 1), cancels(sum(0, 0))),
        (cancel_asked(1, cancel_key(tomorrow(), 501), 1_000), cancels(sum(0, 0))),
        (cancel_not_processed(1), cancels(sum(0, 0))),
        // In doubt, until it is known.
        (cancel_asked(1, cancel_key(tomorrow(), 502), 4_000), cancels(sum(0, 0))),
        (cancel_in_doubt(2), cancels(sum(0, 0))),
        (cancel_accepted(2), cancels(sum(1, 4_000))),
        // The rest.
        (cancel_asked(1, cancel_key(tomorrow(), 503), TOTAL - 4_000), cancels(sum(1, 4_000))),
        (cancel_accepted(3), cancels(sum(2, TOTAL))),
    ];
    for ((event, expected), now) in path.into_iter().zip(10..) {
        let shown = format!("{event:?}");
        stored = saved(&mut engine, step(stored, event, now));
        assert_eq!(of(&mut engine, tomorrow()), expected, "{shown}");
        // The approval counts on its own date whatever was cancelled of it.
        assert_eq!(of(&mut engine, today()), one, "{shown}");
    }
}

pub(crate) fn another_terminal_and_another_day_are_not_counted<P: Place>() {
    let mut engine = P::new().open();
    let stored = approval(&mut engine, 1);
    let asked = saved(&mut engine, step(stored, cancel_asked(1, cancel_key(today(), 500), TOTAL), 10));
    saved(&mut engine, step(asked, cancel_accepted(0), 11));
    assert_eq!(of(&mut engine, tomorrow()), Totals::default());
    for name in ["1", "100000000", "1000000002"] {
        let terminal = TerminalId::new(name).unwrap();
        let query = TotalsQuery { terminal, business_date: today() };
        assert_eq!(totals(&mut engine, query).unwrap(), Totals::default());
    }
}
