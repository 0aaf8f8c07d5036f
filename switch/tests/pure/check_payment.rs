//! `switch check` of one payment: where it goes, who is left out and why, what happens when one fails.

use clap::{CommandFactory as _, Parser};
use switch::{check, config::Config};

use crate::sample::{SAMPLE, config, with};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    payment: check::PaymentArgs,
}

/// The explanation of the payment these options ask for.
fn explain(config: &Config, options: &str) -> check::Explanation {
    let cli = Cli::try_parse_from(["check"].into_iter().chain(options.split_whitespace())).unwrap();
    check::explain_payment(config, &cli.payment.payment().unwrap().unwrap())
}

#[track_caller]
fn check(config: &Config, options: &str, expected: &str) {
    let told = explain(config, options);
    assert_eq!(told.text, format!("{expected}\n"), "{options}");
    assert_eq!(
        told.has_route,
        !expected.contains("its terminals get 9002") && !expected.contains("route: none")
    );
}

/// What is told of failures in the sample.
const FAILURES: &str =
    "  not sent, or not processed: the next one is tried while the terminal waits, 27000 ms; none left: 9021
  unanswered: its net-cancel is owed, and the next one is tried at once; none left: 9022
  blocked (it failed too often): left out, its turns go to the others by weight; where all are blocked: 9021";

#[test]
fn a_card_of_a_direct_line_goes_there_first() {
    check(
        &config(SAMPLE),
        "--card 45797312 --merchant 1208800001 --amount 11000",
        &format!(
            "payment of 11000 won (supply 10000, vat 1000, service charge 0, tax free 0) by card 45797312…
merchant 1208800001 (한강상회)
direct: 45797312 is in range 45797300-45797399, to card450 with the VANs behind it
VANs: kovan 3, vanb 1 (routing.van_weights)
route: card450, then kovan, vanb
{FAILURES}"
        ),
    );
}

#[test]
fn any_other_card_goes_to_the_vans_in_turns() {
    check(
        &config(SAMPLE),
        "--card 411111 --merchant 1208800001 --amount 10000 --vat 910",
        &format!(
            "payment of 10000 won (supply 9090, vat 910, service charge 0, tax free 0) by card 411111…
merchant 1208800001 (한강상회)
direct: 411111 is in no range of routing.direct
VANs: kovan 3, vanb 1 (routing.van_weights)
route: in turns kovan 75.0 %, vanb 25.0 %; then the others, the greatest share first
{FAILURES}"
        ),
    );
}

#[test]
fn who_is_left_out_is_told_with_the_reason() {
    check(
        &config(SAMPLE),
        "--card 457973 --merchant 1208800001 --amount 10000000000",
        &format!(
            "payment of 10000000000 won (supply 9090909091, vat 909090909, service charge 0, tax free 0) by card 457973…
merchant 1208800001 (한강상회)
direct: 457973 is in range 45797300-45797399, to card450 with the VANs behind it
VANs: kovan 3, vanb 1 (routing.van_weights)
  left out: card450: it cannot carry the payment: the amount has more digits than the layout
route: in turns kovan 75.0 %, vanb 25.0 %; then the others, the greatest share first
{FAILURES}"
        ),
    );
    check(
        &config(SAMPLE),
        "--card 457973 --merchant 1208800003 --amount 11000",
        &format!(
            "payment of 11000 won (supply 10000, vat 1000, service charge 0, tax free 0) by card 457973…
merchant 1208800003 (동해상회)
direct: 457973 is in range 45797300-45797399, to card450
VANs: kovan 5 (the merchant's own weights)
  left out: card450: the merchant's cards never go directly (direct = false)
route: kovan, nobody after it
{FAILURES}"
        ),
    );
}

#[test]
fn who_would_not_be_told_of_a_component_is_left_out_and_which_it_is_is_told() {
    let kicc = with(
        "dialect = \"kovan\"\naddresses = [\"127.0.0.1:7103\"]",
        "dialect = \"kicc\"\naddresses = [\"127.0.0.1:7103\"]",
    )
    .replace("vanb = { cat_id = \"8\", merchant_no = \"2\" }", "vanb = { terminal_id = \"8\" }");
    check(
        &config(&kicc),
        "--card 457973 --merchant 1208800001 --amount 10000 --vat 0 --service-charge 500 --tax-free 300",
        &format!(
            "payment of 10000 won (supply 9500, vat 0, service charge 500, tax free 300) by card 457973…
merchant 1208800001 (한강상회)
direct: 457973 is in range 45797300-45797399, to card450 with the VANs behind it
VANs: kovan 3, vanb 1 (routing.van_weights)
  left out: card450: it cannot carry the payment: the layout has no field for a service charge
  left out: kovan: it cannot carry the payment: the layout has no field for a service charge
route: vanb, nobody after it
{FAILURES}"
        ),
    );
    let left_out = |options: &str| {
        let told = explain(&config(SAMPLE), &format!("--card 411111 --merchant 1208800002 {options}"));
        assert!(!told.has_route, "{told:?}");
        told.text
    };
    let why = "  left out: kovan: it cannot carry the payment: the layout has no field for ";
    let tax_free = left_out("--amount 10000 --tax-free 300");
    assert!(tax_free.contains(&format!("{why}a tax-free part\n")), "{tax_free}");
    let vat = left_out("--amount 10000 --vat 0");
    assert!(vat.contains(&format!("{why}a vat that is not the eleventh part of the total\n")), "{vat}");
}

#[test]
fn a_payment_that_goes_nowhere_is_told_so() {
    let config = config(&with("fallback = \"vans\"", "fallback = \"none\""));
    check(
        &config,
        "--card 457973 --merchant 1208800002 --amount 11000",
        "payment of 11000 won (supply 10000, vat 1000, service charge 0, tax free 0) by card 457973…
merchant 1208800002 (남산상회)
direct: 457973 is in range 45797300-45797399, to card450 and nowhere else (fallback = \"none\")
VANs: none
  left out: card450: the merchant has no contract with it
route: none; the terminal gets 9020",
    );
    check(
        &config,
        "--card 457973 --merchant 9999999999 --amount 11000",
        "payment of 11000 won (supply 10000, vat 1000, service charge 0, tax free 0) by card 457973…
merchant 9999999999: in no [[merchants]] row; its terminals get 9002",
    );
}

#[test]
fn shares_are_told_to_a_tenth_of_a_percent() {
    let config =
        config(&with("van_weights = { kovan = 3, vanb = 1 }", "van_weights = { kovan = 5, vanb = 2 }"));
    let told = explain(&config, "--card 411111 --merchant 1208800001 --amount 1").text;
    assert!(told.contains("in turns kovan 71.4 %, vanb 28.6 %;"), "{told}");
    assert!(check::explain(&config).contains("route VAN vanb: 28.6 %\n"));
}

#[test]
fn digits_that_leave_the_range_open_are_told() {
    let config = config(&with("\"457973\"", "\"45797355\""));
    let told = explain(&config, "--card 457973 --merchant 1208800001 --amount 1").text;
    let note =
        "\n  note: some cards of 457973 are in range 45797355-45797355, to card450: give all 8 digits\n";
    assert!(told.contains(note), "{told}");
    for digits in ["45797355", "45797354", "457974"] {
        let told = explain(&config, &format!("--card {digits} --merchant 1208800001 --amount 1")).text;
        assert!(!told.contains("note:"), "{told}");
    }
}

#[test]
fn every_rule_of_failover_is_told() {
    let told = [
        ("never", "nobody else is tried: 9022, and its net-cancel is owed"),
        (
            "after-net-cancel",
            "its net-cancel is owed and sent first; once that is accepted the next one is tried, or else 9022",
        ),
    ];
    for (rule, expected) in told {
        let text =
            explain(&config(&with("at-once", rule)), "--card 411111 --merchant 1208800001 --amount 1").text;
        assert!(text.contains(&format!("  unanswered: {expected}\n")), "{text}");
    }
}

#[test]
fn options_that_are_no_payment_are_told_and_never_the_card() {
    let payment = |options: &str| {
        let cli = Cli::try_parse_from(["check"].into_iter().chain(options.split_whitespace())).unwrap();
        cli.payment.payment().map(|payment| payment.is_some()).map_err(|error| error.to_string())
    };
    let error = |text: &str| Err(text.to_owned());
    let bin = "--card: expected the first 6 to 8 digits of a card; a whole card number has no place here";
    let sum = "--amount: expected more than zero, and no less than vat, service charge and tax free together";
    assert_eq!(payment(""), Ok(false));
    assert_eq!(payment("--card 4111111111111111 --merchant 1208800001 --amount 1"), error(bin));
    assert_eq!(payment("--card 41111a --merchant 1208800001 --amount 1"), error(bin));
    assert_eq!(payment("--card 411111 --merchant 12 --amount 1"), error("--merchant: expected 10 digits"));
    assert_eq!(payment("--card 411111 --merchant 1208800001 --amount 0"), error(sum));
    assert_eq!(payment("--card 411111 --merchant 1208800001 --amount 9 --vat 10"), error(sum));
    let long = "--card 411111 --merchant 1208800001 --amount 1000000000000";
    assert_eq!(payment(long), error("--amount: expected at most 12 digits"));
    for part in
        ["--card 411111", "--card 411111 --amount 1", "--merchant 1208800001", "--amount 1", "--vat 1"]
    {
        assert!(
            Cli::command().try_get_matches_from(["check"].into_iter().chain(part.split(' '))).is_err(),
            "{part}"
        );
    }
}
