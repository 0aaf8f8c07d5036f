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
pub(crate) const VAN_CARD: &str = "4111111111111111";
/// A card of the direct line.
pub(crate) const DIRECT_CARD: &str = "4579731234567892";

/// A plan of a payment that starts, with everybody open.
pub(crate) fn plan(turns: &mut Turns, config: &Config, request: &Request) -> Vec<String> {
    plan_without(turns, config, request, &[])
}

/// A plan of a payment that starts, with these acquirers blocked.
pub(crate) fn plan_without(
    turns: &mut Turns,
    config: &Config,
    request: &Request,
    blocked: &[&str],
) -> Vec<String> {
    let ways = turns.plan(config, request, standing(blocked));
    turns.started(request);
    ways.into_iter().map(|way| way.acquirer.as_str().to_owned()).collect()
}

pub(crate) fn standing(blocked: &[&str]) -> impl Fn(&AcquirerName) -> Standing {
    move |name| if blocked.contains(&name.as_str()) { Standing::Blocked } else { Standing::Open }
}

/// The VANs that come first, one plan after the other.
pub(crate) fn first(turns: &mut Turns, config: &Config, request: &Request, plans: usize) -> Vec<String> {
    (0..plans).map(|_| plan(turns, config, request).remove(0)).collect()
}

/// The first merchant's payment, as another telegram.
pub(crate) fn telegram(number: u128) -> Request {
    Request { digest: ContentDigest(number.to_be_bytes()), ..request(VAN_CARD) }
}

/// A configuration of VANs `a`, `b`, … with these weights, and a merchant of all of them.
pub(crate) fn vans(weights: &[u32]) -> Config {
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
fn an_acquirer_that_would_not_be_told_of_a_component_is_no_route() {
    let (config, mut turns) = (config(SAMPLE), Turns::default());
    let mut of = |vat: Option<u64>, service_charge: u64, tax_free: u64| {
        let [total, service_charge, tax_free] =
            [10_000, service_charge, tax_free].map(|won| Won::new(won).unwrap());
        let vat = vat.map(|won| Won::new(won).unwrap());
        let amounts = Amounts::of_approval(total, vat, Some(service_charge), Some(tax_free)).unwrap();
        plan(&mut turns, &config, &Request { amounts, ..request(DIRECT_CARD) })
    };
    assert_eq!(of(None, 0, 0), ["card450", "kovan", "vanb"]);
    assert_eq!(of(Some(909), 0, 0), ["card450", "kovan", "vanb"]);
    assert_eq!(of(Some(0), 0, 0), ["card450"], "which has a field for the vat");
    assert_eq!(of(None, 1, 0), [""; 0]);
    assert_eq!(of(None, 0, 1), [""; 0]);
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
