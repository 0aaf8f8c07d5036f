//! How many connections the descriptors allow.

use std::collections::BTreeMap;

use switch::{config::Listener, limits::connections};

use crate::sample::{SAMPLE, config};

/// Listeners of these sizes, with so many descriptors of which so many are reserved: so many connections each.
#[track_caller]
fn check(max_connections: &[usize], descriptors: u64, reserved: u64, expected: &[usize]) {
    let listener =
        |max: &usize| Listener { max_connections: *max, ..config(SAMPLE).listeners["terminals"].clone() };
    let names = ["a", "b", "c"];
    let listeners: BTreeMap<String, Listener> =
        names.iter().map(ToString::to_string).zip(max_connections.iter().map(listener)).collect();
    let found: Vec<usize> = names[..max_connections.len()]
        .iter()
        .map(|name| connections(&listeners, name, descriptors, reserved))
        .collect();
    assert_eq!(found, expected);
    let all: u64 = found.iter().map(|found| *found as u64).sum();
    assert!(all + reserved.min(descriptors / 2) <= descriptors.max(max_connections.len() as u64 * 2));
}

#[test]
fn terminals_leave_the_descriptors_that_links_and_store_need() {
    check(&[20_000], 1_048_576, 256, &[20_000]);
    check(&[20_000], 20_256, 256, &[20_000]);
    check(&[20_000], 20_255, 256, &[19_999]);
    check(&[20_000], 1_024, 256, &[768]);
}

#[test]
fn several_listeners_share_what_there_is() {
    check(&[600, 200, 200], 1_256, 256, &[600, 200, 200]);
    check(&[600, 200, 200], 756, 256, &[300, 100, 100]);
    check(&[1_000_000, 1], 1_256, 256, &[999, 1]);
}

#[test]
fn of_few_descriptors_terminals_have_half() {
    check(&[20_000], 64, 256, &[32]);
    check(&[20_000], 64, 0, &[64]);
    check(&[20_000], 1, 256, &[1]);
}

#[test]
fn a_listener_that_is_not_configured_any_more_has_no_place() {
    assert_eq!(connections(&BTreeMap::new(), "a", 1_000, 10), 0);
}
