//! Which acquirers a payment may go to, in which order.

use std::collections::BTreeMap;

use payment::{Amounts, MerchantNo, Request, Won};
use proptest::prelude::*;
use switch::{config::Config, route::Turns};

use crate::sample::{SAMPLE, config, opaque, request, with};

/// A card of no direct line.
const VAN_CARD: &str = "4111111111111111";
/// A card of the direct line.
const DIRECT_CARD: &str = "4579731234567892";

fn plan(turns: &mut Turns, config: &Config, request: &Request) -> Vec<String> {
    turns.plan(config, request).into_iter().map(|way| way.acquirer.as_str().to_owned()).collect()
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
    let ways = Turns::default().plan(&config, &request(VAN_CARD));
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
