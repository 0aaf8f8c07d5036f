//! Which acquirers a payment may go to, in which order.

use std::collections::BTreeMap;

use payment::{AcquirerName, Amounts, ContentDigest, MerchantNo, Request, Won};
use proptest::prelude::*;
use switch::{
    config::Config,
    route::{Candidates, LeftOut, Standing, Turns},
};

use crate::sample::{SAMPLE, config, opaque, request, with};

/// A card of no direct line.
const VAN_CARD: &str = "4111111111111111";
/// A card of the direct line.
const DIRECT_CARD: &str = "4579731234567892";

/// A plan of a payment that starts, with everybody open.
fn plan(turns: &mut Turns, config: &Config, request: &Request) -> Vec<String> {
    plan_without(turns, config, request, &[])
}

/// A plan of a payment that starts, with these acquirers blocked.
fn plan_without(turns: &mut Turns, config: &Config, request: &Request, blocked: &[&str]) -> Vec<String> {
    let ways = turns.plan(config, request, standing(blocked));
    turns.started(request);
    ways.into_iter().map(|way| way.acquirer.as_str().to_owned()).collect()
}

fn standing(blocked: &[&str]) -> impl Fn(&AcquirerName) -> Standing {
    move |name| if blocked.contains(&name.as_str()) { Standing::Blocked } else { Standing::Open }
}

/// The VANs that come first, one plan after the other.
fn first(turns: &mut Turns, config: &Config, request: &Request, plans: usize) -> Vec<String> {
    (0..plans).map(|_| plan(turns, config, request).remove(0)).collect()
}

/// The first merchant's payment, as another telegram.
fn telegram(number: u128) -> Request {
    Request { digest: ContentDigest(number.to_be_bytes()), ..request(VAN_CARD) }
}

/// A configuration of VANs `a`, `b`, … with these weights, and a merchant of all of them.
fn vans(weights: &[u32]) -> Config {
    let name = |index: usize| char::from(b'a' + u8::try_from(index).unwrap());
    let names = || (0..weights.len()).map(name);
    let lines = |line: &dyn Fn(char) -> String| names().map(line).collect::<Vec<_>>().join("\n");
    let acquirers =
        lines(&|name| format!("[acquirers.{name}]\ndialect = \"kovan\"\naddresses = [\"127.0.0.1:1\"]"));
    let rows = lines(&|name| format!("{name} = {{ cat_id = \"1\", merchant_no = \"1\" }}"));
    let shares: Vec<String> =
        names().zip(weights).map(|(name, weight)| format!("{name} = {weight}")).collect();
    config(&format!(
        "[listen.t]\naddress = \"127.0.0.1:0\"\n[store]\npath = \"s.db\"\n{acquirers}\n[routing]\nvan_weights = {{ {} }}\n\
         [[merchants]]\nno = \"1208800001\"\n{rows}",
        shares.join(", ")
    ))
}

#[test]
fn a_way_carries_what_its_acquirer_and_merchant_say() {
    let config = config(SAMPLE);
    let ways = Turns::default().plan(&config, &request(VAN_CARD), standing(&[]));
    let kovan = &ways[0];
    assert_eq!(kovan.acquirer.as_str(), "kovan");
    assert_eq!((kovan.answer_timeout_ms, kovan.settle_after_ms), (9_000, 61_000));
    let row = [("cat_id", "7001234567"), ("merchant_no", "1")];
    assert_eq!(kovan.merchant, row.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
}

#[test]
fn three_to_one_goes_around() {
    let (config, mut turns) = (config(SAMPLE), Turns::default());
    let first: Vec<_> = (0..8).map(|_| plan(&mut turns, &config, &request(VAN_CARD)).remove(0)).collect();
    assert_eq!(first, ["kovan", "kovan", "vanb", "kovan", "kovan", "kovan", "vanb", "kovan"]);
}

#[test]
fn whoever_has_no_turn_is_tried_next_by_weight() {
    let (config, mut turns) = (vans(&[1, 5, 3]), Turns::default());
    for _ in 0..20 {
        let ways = plan(&mut turns, &config, &request(VAN_CARD));
        let rest: Vec<_> = ["b", "c", "a"].into_iter().filter(|name| *name != ways[0]).collect();
        assert_eq!(ways[1..], rest);
    }
}

#[test]
fn a_card_of_a_direct_line_goes_there_and_costs_no_van_its_turn() {
    let (config, mut turns) = (config(SAMPLE), Turns::default());
    let mut first = Vec::new();
    for _ in 0..4 {
        for _ in 0..3 {
            assert_eq!(plan(&mut turns, &config, &request(DIRECT_CARD)), ["card450", "kovan", "vanb"]);
        }
        first.push(plan(&mut turns, &config, &request(VAN_CARD)).remove(0));
    }
    assert_eq!(first, ["kovan", "kovan", "vanb", "kovan"]);
}

#[test]
fn without_fallback_nobody_else_is_tried() {
    let config = config(&with("fallback = \"vans\"", "fallback = \"none\""));
    let mut turns = Turns::default();
    assert_eq!(plan(&mut turns, &config, &request(DIRECT_CARD)), ["card450"]);
    let mut too_large = request(DIRECT_CARD);
    too_large.amounts = amounts(10_000_000_000);
    assert_eq!(plan(&mut turns, &config, &too_large), [""; 0]);
    assert_eq!(plan(&mut turns, &config, &request(VAN_CARD)), ["kovan", "vanb"]);
}

#[test]
fn the_narrowest_bin_range_decides() {
    let two = "direct = [{ bins = [\"45000000-45999999\"], acquirer = \"vanb\", fallback = \"none\" }, \
               { bins = [\"945000\", \"457973\"], acquirer = \"card450\", fallback = \"none\" }, \
               { bins = [\"45797355\"], acquirer = \"kovan\", fallback = \"none\" }]";
    let from = SAMPLE.lines().find(|line| line.starts_with("direct")).unwrap();
    let config = config(&with(from, two));
    let table = [
        ("4579735512345678", &["kovan"][..]),
        ("4579735412345678", &["card450"]),
        ("4579745512345678", &["vanb"]),
        ("9450005512345678", &["card450"]),
        ("4600005512345678", &["kovan", "vanb"]),
        // Eight digits of a number this short are not looked at: the lowest of its six decides.
        ("457973551234567", &["card450"]),
    ];
    for (number, expected) in table {
        assert_eq!(plan(&mut Turns::default(), &config, &request(number)), expected, "{number}");
    }
}

#[test]
fn an_amount_too_large_for_the_direct_line_goes_to_the_vans_and_takes_a_turn() {
    let (config, mut turns) = (config(SAMPLE), Turns::default());
    let mut request = request(DIRECT_CARD);
    request.amounts = amounts(9_999_999_999);
    assert_eq!(plan(&mut turns, &config, &request)[0], "card450");
    request.amounts = amounts(10_000_000_000);
    let first: Vec<_> = (0..4).map(|_| plan(&mut turns, &config, &request).remove(0)).collect();
    assert_eq!(first, ["kovan", "kovan", "vanb", "kovan"]);
}

#[test]
fn an_opaque_card_has_no_route() {
    let config = config(SAMPLE);
    for bin in ["457973", "45797312", "411111"] {
        let mut request = request(VAN_CARD);
        request.card = opaque(bin);
        assert_eq!(plan(&mut Turns::default(), &config, &request), [""; 0]);
    }
}

#[test]
fn a_merchant_goes_only_where_it_has_a_row() {
    let config = config(SAMPLE);
    let mut turns = Turns::default();
    let of = |number: &str, merchant: &str| {
        let mut request = request(number);
        request.merchant = MerchantNo::new(merchant).unwrap();
        request
    };
    for _ in 0..5 {
        assert_eq!(plan(&mut turns, &config, &of(VAN_CARD, "1208800002")), ["kovan"]);
        assert_eq!(plan(&mut turns, &config, &of(DIRECT_CARD, "1208800002")), ["kovan"]);
        assert_eq!(plan(&mut turns, &config, &of(VAN_CARD, "9999999999")), [""; 0]);
    }
    // Those who had no choice cost the others' shares nothing.
    let first: Vec<_> =
        (0..4).map(|_| plan(&mut turns, &config, &of(VAN_CARD, "1208800001")).remove(0)).collect();
    assert_eq!(first, ["kovan", "kovan", "vanb", "kovan"]);
}

fn amounts(total: u64) -> Amounts {
    Amounts::of_approval(Won::new(total).unwrap(), None, None, None).unwrap()
}

proptest! {
    #[test]
    fn shares_are_exact_over_any_window_of_the_total_weight(
        weights in prop::collection::vec(1..12_u32, 1..6),
        skipped in 0..50_usize,
    ) {
        let (config, mut turns) = (vans(&weights), Turns::default());
        let total = usize::try_from(weights.iter().sum::<u32>()).unwrap();
        let mut next = || plan(&mut turns, &config, &request(VAN_CARD)).remove(0);
        for _ in 0..skipped {
            next();
        }
        let mut shares = BTreeMap::<String, u32>::new();
        for _ in 0..total {
            *shares.entry(next()).or_default() += 1;
        }
        let shares: Vec<u32> = shares.into_values().collect();
        prop_assert_eq!(shares, weights);
    }

    #[test]
    fn every_plan_names_every_van_once(weights in prop::collection::vec(1..1_000_000_u32, 1..6)) {
        let (config, mut turns) = (vans(&weights), Turns::default());
        for _ in 0..10 {
            let mut ways = plan(&mut turns, &config, &request(VAN_CARD));
            ways.sort();
            ways.dedup();
            prop_assert_eq!(ways.len(), weights.len());
        }
    }
}

#[test]
fn an_acquirer_reached_directly_is_not_tried_again_as_a_van() {
    let config = config(&with("acquirer = \"card450\"", "acquirer = \"vanb\""));
    assert_eq!(plan(&mut Turns::default(), &config, &request(DIRECT_CARD)), ["vanb", "kovan"]);
}

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

/// The sample with these lines for its first merchant.
fn of_merchant(said: &str) -> Config {
    config(&with("name = \"한강상회\"\n", &format!("name = \"한강상회\"\n{said}\n")))
}

#[test]
fn a_merchant_with_shares_of_its_own_goes_by_them_in_turns_of_its_own() {
    let config = of_merchant("van_weights = { vanb = 2, kovan = 1 }");
    let mut turns = Turns::default();
    let mut other = request(VAN_CARD);
    other.merchant = MerchantNo::new("1208800002").unwrap();
    let mut own = Vec::new();
    for _ in 0..6 {
        own.push(plan(&mut turns, &config, &request(VAN_CARD)).remove(0));
        assert_eq!(plan(&mut turns, &config, &other), ["kovan"]);
    }
    assert_eq!(own, ["vanb", "kovan", "vanb", "vanb", "kovan", "vanb"]);
}

#[test]
fn a_share_of_its_own_may_be_of_a_van_that_nobody_else_uses() {
    let text = with("van_weights = { kovan = 3, vanb = 1 }", "van_weights = { kovan = 1 }");
    let own = text.replace("name = \"한강상회\"\n", "name = \"한강상회\"\nvan_weights = { vanb = 1 }\n");
    assert_eq!(plan(&mut Turns::default(), &config(&text), &request(VAN_CARD)), ["kovan"]);
    assert_eq!(plan(&mut Turns::default(), &config(&own), &request(VAN_CARD)), ["vanb"]);
}

#[test]
fn a_merchant_that_never_goes_directly_goes_to_the_vans_whatever_the_line_says() {
    let said = "direct = false\n";
    for fallback in ["vans", "none"] {
        let text = with("name = \"한강상회\"\n", &format!("name = \"한강상회\"\n{said}"));
        let config = config(&text.replace("fallback = \"vans\"", &format!("fallback = {fallback:?}")));
        let mut turns = Turns::default();
        let four = first(&mut turns, &config, &request(DIRECT_CARD), 4);
        assert_eq!(four, ["kovan", "kovan", "vanb", "kovan"], "{fallback}");
    }
    let config = of_merchant("direct = true");
    assert_eq!(first(&mut Turns::default(), &config, &request(DIRECT_CARD), 1), ["card450"]);
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

#[test]
fn it_is_told_why_an_acquirer_is_left_out() {
    let told = |config: &Config, request: &Request| -> Vec<(String, Result<(), String>)> {
        let candidates = Candidates::of(config, request);
        let all = candidates.direct.into_iter().chain(candidates.vans);
        let told = |way: Result<_, LeftOut>| way.map(drop).map_err(|why| why.to_string());
        all.map(|candidate| (candidate.acquirer.as_str().to_owned(), told(candidate.way))).collect()
    };
    let left_out = |name: &str, why: &str| (name.to_owned(), Err(why.to_owned()));
    let taken = |name: &str| (name.to_owned(), Ok(()));
    let sample = config(SAMPLE);
    assert_eq!(told(&sample, &request(DIRECT_CARD)), [taken("card450"), taken("kovan"), taken("vanb")]);
    let mut other = request(DIRECT_CARD);
    other.merchant = MerchantNo::new("1208800002").unwrap();
    let none = "the merchant has no contract with it";
    assert_eq!(told(&sample, &other), [left_out("card450", none), taken("kovan"), left_out("vanb", none)]);
    let mut large = request(DIRECT_CARD);
    large.amounts = amounts(10_000_000_000);
    let too_large = "it cannot carry the payment: the amount has more digits than the layout";
    assert_eq!(told(&sample, &large)[0], left_out("card450", too_large));
    let never = "the merchant's cards never go directly (direct = false)";
    assert_eq!(told(&of_merchant("direct = false"), &request(DIRECT_CARD))[0], left_out("card450", never));
    let direct_van = config(&with("acquirer = \"card450\"", "acquirer = \"vanb\""));
    let twice = [taken("vanb"), taken("kovan"), left_out("vanb", "it is tried directly")];
    assert_eq!(told(&direct_van, &request(DIRECT_CARD)), twice);
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
