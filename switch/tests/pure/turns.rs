//! Whose turn it is among the VANs: who is blocked or being tried again, what starts no payment, and the laws of all of it.

use std::collections::BTreeMap;

use payment::{AcquirerName, ContentDigest, Request};
use proptest::prelude::*;
use switch::route::{Standing, Turns};

use crate::{
    route::{DIRECT_CARD, VAN_CARD, first, plan, plan_without, standing, telegram, vans},
    sample::{SAMPLE, config, request, with},
};

#[test]
fn a_blocked_van_is_left_out_and_its_share_is_spread_by_weight() {
    let (config, mut turns) = (vans(&[50, 30, 20]), Turns::default());
    let mut shares = BTreeMap::<Vec<String>, u32>::new();
    for _ in 0..5 {
        *shares.entry(plan_without(&mut turns, &config, &request(VAN_CARD), &["a"])).or_default() += 1;
    }
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(shares, BTreeMap::from([(names(&["b", "c"]), 3), (names(&["c", "b"]), 2)]));
}

#[test]
fn a_van_that_is_open_again_has_its_ordinary_share_and_nothing_saved_up() {
    let (config, mut turns) = (vans(&[2, 1]), Turns::default());
    assert_eq!(first(&mut turns, &config, &request(VAN_CARD), 1), ["a"]);
    for _ in 0..100 {
        assert_eq!(plan_without(&mut turns, &config, &request(VAN_CARD), &["b"]), ["a"]);
    }
    assert_eq!(first(&mut turns, &config, &request(VAN_CARD), 6), ["b", "a", "a", "b", "a", "a"]);
}

#[test]
fn where_all_are_blocked_they_are_named_in_order_and_take_no_turn() {
    let (config, mut turns) = (config(SAMPLE), Turns::default());
    let all = ["card450", "kovan", "vanb"];
    for _ in 0..3 {
        assert_eq!(plan_without(&mut turns, &config, &request(DIRECT_CARD), &all), all);
        assert_eq!(plan_without(&mut turns, &config, &request(VAN_CARD), &all), ["kovan", "vanb"]);
    }
    let four = first(&mut turns, &config, &request(VAN_CARD), 4);
    assert_eq!(four, ["kovan", "kovan", "vanb", "kovan"]);
}

#[test]
fn a_blocked_card_company_is_left_out_and_the_vans_take_turns() {
    let (config, mut turns) = (config(SAMPLE), Turns::default());
    let mut plan = |blocked: &[&str]| plan_without(&mut turns, &config, &request(DIRECT_CARD), blocked);
    assert_eq!(plan(&["kovan"]), ["card450", "vanb"]);
    assert_eq!(plan(&["kovan", "vanb"]), ["card450"]);
    assert_eq!(plan(&["card450", "kovan"]), ["vanb"]);
    let four: Vec<_> = (0..4).map(|_| plan(&["card450"]).remove(0)).collect();
    assert_eq!(four, ["kovan", "kovan", "vanb", "kovan"]);
}

#[test]
fn what_a_van_that_is_tried_again_does_not_take_goes_to_the_others_by_weight() {
    let (config, mut turns) = (vans(&[50, 30, 20]), Turns::default());
    let probing = |name: &AcquirerName| if name.as_str() == "a" { Standing::Probing } else { Standing::Open };
    let mut firsts = BTreeMap::<String, u32>::new();
    let mut after_probe = BTreeMap::<String, u32>::new();
    for number in 0..100 {
        let ways = turns.plan(&config, &telegram(number), probing);
        turns.started(&telegram(number));
        let name = |place: usize| ways[place].acquirer.as_str().to_owned();
        *firsts.entry(name(0)).or_default() += 1;
        if name(0) == "a" {
            *after_probe.entry(name(1)).or_default() += 1;
        }
    }
    let shares = |shares: &[(&str, u32)]| -> BTreeMap<String, u32> {
        shares.iter().map(|(name, share)| ((*name).to_owned(), *share)).collect()
    };
    assert_eq!(firsts, shares(&[("a", 50), ("b", 30), ("c", 20)]));
    assert_eq!(after_probe, shares(&[("b", 30), ("c", 20)]));
}

#[test]
fn what_a_card_company_that_is_tried_again_does_not_take_goes_to_the_vans_by_weight() {
    let (config, mut turns) = (config(SAMPLE), Turns::default());
    let probing =
        |name: &AcquirerName| if name.as_str() == "card450" { Standing::Probing } else { Standing::Open };
    let mut seconds = Vec::new();
    for number in 0..4 {
        let request = Request { digest: ContentDigest([number; 16]), ..request(DIRECT_CARD) };
        // Planned twice before it starts, as one that is repeated at once.
        let again = turns.plan(&config, &request, probing);
        let ways = turns.plan(&config, &request, probing);
        assert_eq!(again, ways);
        turns.started(&request);
        assert_eq!((ways.len(), ways[0].acquirer.as_str()), (3, "card450"));
        seconds.push(ways[1].acquirer.as_str().to_owned());
    }
    assert_eq!(seconds, ["kovan", "kovan", "vanb", "kovan"]);
    // One that no payment came of gives back all its turns.
    turns.plan(&config, &telegram(9), |_| Standing::Probing);
    turns.answered(&telegram(9));
    assert_eq!(first(&mut turns, &config, &request(VAN_CARD), 4), ["kovan", "kovan", "vanb", "kovan"]);
}

#[test]
fn a_blocked_card_company_without_fallback_says_so_itself() {
    let config = config(&with("fallback = \"vans\"", "fallback = \"none\""));
    let mut turns = Turns::default();
    assert_eq!(plan_without(&mut turns, &config, &request(DIRECT_CARD), &["card450"]), ["card450"]);
}

#[test]
fn a_telegram_that_starts_no_payment_gives_its_turn_back() {
    let (config, mut turns) = (config(SAMPLE), Turns::default());
    let mut started = Vec::new();
    for number in 0..8 {
        for repeat in [100, 101] {
            turns.plan(&config, &telegram(repeat), standing(&[]));
            turns.answered(&telegram(repeat));
        }
        started.push(plan(&mut turns, &config, &telegram(number)).remove(0));
        // The answer of a payment that started gives nothing back.
        turns.answered(&telegram(number));
    }
    assert_eq!(started, ["kovan", "kovan", "vanb", "kovan", "kovan", "kovan", "vanb", "kovan"]);
}

#[test]
fn the_same_telegram_again_takes_no_second_turn_while_the_first_is_unsettled() {
    let (config, mut turns) = (vans(&[1, 1, 1]), Turns::default());
    let mut plan = |number| turns.plan(&config, &telegram(number), standing(&[])).remove(0).acquirer;
    let firsts = [1, 1, 2, 1, 2, 3].map(&mut plan);
    assert_eq!(firsts.map(|name| name.as_str().to_owned()), ["a", "a", "b", "a", "b", "c"]);
}

#[test]
fn other_weights_begin_a_rotation_of_their_own() {
    let mut turns = Turns::default();
    assert_eq!(first(&mut turns, &vans(&[1, 1]), &request(VAN_CARD), 1), ["a"]);
    assert_eq!(first(&mut turns, &vans(&[3, 1]), &request(VAN_CARD), 4), ["a", "a", "b", "a"]);
}

/// As simple as it can be said: for each set of VANs counts of its own; the one furthest behind its share is next.
#[derive(Default)]
struct Model {
    counts: BTreeMap<Vec<usize>, (i64, Vec<i64>)>,
}

impl Model {
    /// The next of these VANs.
    fn next(&mut self, weights: &[u32], set: &[usize]) -> usize {
        let (turns, had) = self.counts.entry(set.to_vec()).or_insert_with(|| (0, vec![0; weights.len()]));
        let total: i64 = set.iter().map(|van| i64::from(weights[*van])).sum();
        *turns += 1;
        let behind = |van: usize| *turns * i64::from(weights[van]) - had[van] * total;
        // Of those equally far behind the one with the greatest share, and of these the first.
        let next =
            set.iter().copied().max_by_key(|van| (behind(*van), weights[*van], std::cmp::Reverse(*van)));
        let next = next.expect("a set has a VAN");
        had[next] += 1;
        next
    }
}

/// Weights of two to five VANs, and for each of many payments which of the VANs are blocked.
fn blocking() -> impl Strategy<Value = (Vec<u32>, Vec<u8>)> {
    let weights = prop::collection::vec(1..8_u32, 2..6);
    (weights, prop::collection::vec(prop_oneof![3 => Just(0_u8), 2 => any::<u8>()], 1..300))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn shares_are_exact_over_any_window_of_those_with_the_same_vans_whatever_is_blocked_meanwhile(
        (weights, pattern) in blocking(),
    ) {
        let (config, mut turns) = (vans(&weights), Turns::default());
        let names = ["a", "b", "c", "d", "e"];
        let mut model = Model::default();
        let mut firsts = BTreeMap::<Vec<usize>, Vec<usize>>::new();
        for blocked in pattern {
            let (out, open): (Vec<usize>, Vec<usize>) =
                (0..weights.len()).partition(|van| blocked & (1 << van) != 0);
            let out: Vec<&str> = out.into_iter().map(|van| names[van]).collect();
            let ways = plan_without(&mut turns, &config, &request(VAN_CARD), &out);
            if open.is_empty() {
                prop_assert_eq!(ways.len(), weights.len());
                continue;
            }
            prop_assert_eq!(ways.len(), open.len());
            let first = names.iter().position(|name| *name == ways[0]).unwrap();
            prop_assert_eq!(first, model.next(&weights, &open));
            firsts.entry(open).or_default().push(first);
        }
        for (set, firsts) in firsts {
            let total = set.iter().map(|van| usize::try_from(weights[*van]).unwrap()).sum::<usize>();
            for window in firsts.windows(total) {
                for van in &set {
                    let had = window.iter().filter(|first| *first == van).count();
                    prop_assert_eq!(had, usize::try_from(weights[*van]).unwrap());
                }
            }
        }
    }

    #[test]
    fn turns_given_back_late_leave_the_started_payments_their_shares(
        weights in prop::collection::vec(1..8_u32, 2..6),
        repeats in prop::collection::vec((any::<bool>(), 0..8_usize), 1..200),
    ) {
        let (config, mut turns) = (vans(&weights), Turns::default());
        let mut started = BTreeMap::<String, u32>::new();
        let mut unsettled = std::collections::VecDeque::new();
        for (number, (is_repeat, later)) in (0..).zip(repeats) {
            let request = telegram(number);
            let van = turns.plan(&config, &request, standing(&[])).remove(0).acquirer.as_str().to_owned();
            if is_repeat {
                unsettled.push_back(request);
            } else {
                turns.started(&request);
                *started.entry(van).or_default() += 1;
            }
            for request in unsettled.drain(..unsettled.len().saturating_sub(later)) {
                turns.answered(&request);
            }
        }
        for request in unsettled {
            turns.answered(&request);
        }
        // What was missed meanwhile is made up for: so many turns later every share is whole.
        let total: u32 = weights.iter().sum();
        let so_far: u32 = started.values().sum();
        let rounds = so_far.div_ceil(total) + 10;
        for _ in so_far..rounds * total {
            *started.entry(plan(&mut turns, &config, &request(VAN_CARD)).remove(0)).or_default() += 1;
        }
        let expected: Vec<u32> = weights.iter().map(|weight| weight * rounds).collect();
        prop_assert_eq!(started.into_values().collect::<Vec<_>>(), expected);
    }
}
