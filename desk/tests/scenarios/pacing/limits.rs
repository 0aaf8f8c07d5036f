//! How many may be out at one acquirer, and what changes that.

use desk::Limits;

use super::{accepted, bench, left, owing};
use crate::sample;

#[test]
fn a_limit_that_changes_holds_for_what_leaves_from_then_on() {
    let mut bench = bench(2);
    let owing = owing(&mut bench, 1, 8);
    left(&mut bench);
    bench.desk.limit(Limits { net_cancels: 4, ..Limits::default() });
    accepted(&mut bench, owing[0]);
    assert_eq!(left(&mut bench).len(), 3);
    bench.desk.limit_net_cancels(&sample::acquirer("alpha"), 1);
    accepted(&mut bench, owing[1]);
    assert_eq!(left(&mut bench), []);
}

#[test]
fn the_limit_of_one_acquirer_outlives_one_for_all() {
    let mut bench = bench(8);
    bench.desk.limit_net_cancels(&sample::acquirer("alpha"), 1);
    // A reload whose configuration does not name it any more.
    bench.desk.limit(Limits { net_cancels: 8, ..Limits::default() });
    let at_alpha = owing(&mut bench, 1, 4);
    for id in at_alpha {
        assert_eq!(left(&mut bench), [id]);
        accepted(&mut bench, id);
    }
    bench.ways = vec!["bravo"];
    let at_bravo = owing(&mut bench, 10, 4);
    assert_eq!(left(&mut bench), at_bravo, "nothing was said of it");
}
