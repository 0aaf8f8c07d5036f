//! What a configuration says of routes and of the merchants and terminals that use them, broken.

use crate::{
    config_errors::check,
    sample::{SAMPLE, problems, with},
};

#[test]
fn a_route_with_a_wrong_value_is_told_so() {
    check(&[
        (
            "vanb = 1 }",
            "kicc = 1 }",
            "routing.van_weights: expected the name of an [acquirers.<name>] section, found \"kicc\"",
        ),
        ("vanb = 1 }", "vanb = 0 }", "routing.van_weights.vanb: expected at least 1, found 0"),
        (
            "\"457973\"",
            "\"4579\"",
            "routing.direct.bins: expected a prefix of 6 to 8 digits or a range such as \"94500000-94599999\", found \"4579\"",
        ),
        ("[\"457973\", \"94500000-94599999\"]", "[]", "routing.direct.bins: expected at least one, found []"),
        (
            "acquirer = \"card450\"",
            "acquirer = \"card451\"",
            "routing.direct.acquirer: expected the name of an [acquirers.<name>] section, found \"card451\"",
        ),
        (
            "terminal_deadline_ms = 27000",
            "terminal_deadline_ms = 9999",
            "routing.terminal_deadline_ms: expected at least the longest answer_timeout_ms, 10000, found 9999",
        ),
        (
            "terminal_deadline_ms = 27000",
            "terminal_deadline_ms = 86400001",
            "routing.terminal_deadline_ms: expected 1 to 86400000 milliseconds, a day, found 86400001",
        ),
        (
            "first_delay_ms = 10",
            "first_delay_ms = 50001",
            "net_cancel.first_delay_ms: expected 0 to 50000, found 50001",
        ),
        (
            "max_delay_ms = 50000",
            "max_delay_ms = 86400001",
            "net_cancel.max_delay_ms: expected 1 to 86400000 milliseconds, a day, found 86400001",
        ),
        (
            "alarm_after_s = 200",
            "alarm_after_s = 2592001",
            "net_cancel.alarm_after_s: expected 0 to 2592000, found 2592001",
        ),
        (
            "give_up_after_s = 80000",
            "give_up_after_s = 0",
            "net_cancel.give_up_after_s: expected 1 to 2592000, found 0",
        ),
        (
            "undelivered_grace_ms = 20000",
            "undelivered_grace_ms = 86400001",
            "net_cancel.undelivered_grace_ms: expected 0 to 86400000, found 86400001",
        ),
    ]);
}

#[test]
fn no_more_vans_have_shares_than_turns_are_kept_for() {
    let shares: Vec<String> = (0..65).map(|van| format!("v{van} = 1")).collect();
    let found =
        problems(&with("van_weights = { kovan = 5 }", &format!("van_weights = {{ {} }}", shares.join(", "))));
    assert!(found.contains("van_weights of merchant 1208800003: expected at most 64, found 65"), "{found}");
    let table = format!("van_weights = {{ {} }}", shares.join(", "));
    let found = problems(&with("van_weights = { kovan = 3, vanb = 1 }", &table));
    assert!(found.contains("routing.van_weights: expected at most 64, found 65"), "{found}");
}

#[test]
fn a_merchant_or_terminal_with_a_wrong_value_is_told_so() {
    check(&[
        (
            "no = \"1208800002\"",
            "no = 1208800002",
            "merchants.no: expected a string of 10 digits, found 1208800002",
        ),
        (
            "no = \"1208800002\"",
            "no = \"12088\"",
            "merchants.no: expected a string of 10 digits, found \"12088\"",
        ),
        (
            "no = \"1208800002\"",
            "no = \"1208800001\"",
            "merchants.no: expected each number once, found 1208800001 again",
        ),
        ("name = \"남산상회\"", "name = 5", "merchants.name: expected a string, found 5"),
        (
            "vanb = { cat_id",
            "kicc = { cat_id",
            "a row of merchant 1208800001: expected the name of an [acquirers.<name>] section, found \"kicc\"",
        ),
        (
            "van_weights = { kovan = 5 }",
            "van_weights = 5",
            "van_weights of merchant 1208800003: expected a table such as { kovan = 60, kspay = 40 }, found 5",
        ),
        (
            "van_weights = { kovan = 5 }",
            "van_weights = { }",
            "van_weights of merchant 1208800003: expected a table such as { kovan = 60, kspay = 40 }, found {}",
        ),
        (
            "van_weights = { kovan = 5 }",
            "van_weights = { kovan = 0 }",
            "van_weights of merchant 1208800003: expected 1 to 4294967295 for kovan, found 0",
        ),
        (
            "van_weights = { kovan = 5 }",
            "van_weights = { kovan = 5.5 }",
            "van_weights of merchant 1208800003: expected 1 to 4294967295 for kovan, found 5.5",
        ),
        (
            "van_weights = { kovan = 5 }",
            "van_weights = { kicc = 5 }",
            "van_weights of merchant 1208800003: expected the name of an [acquirers.<name>] section, found \"kicc\"",
        ),
        (
            "van_weights = { kovan = 5 }",
            "van_weights = { vanb = 5 }",
            "van_weights of merchant 1208800003: expected a row of it for vanb, found none",
        ),
        ("direct = false", "direct = 1", "direct of merchant 1208800003: expected true or false, found 1"),
        ("card450 = {}", "card450 = 1", "card450 of merchant 1208800001: expected a table of strings"),
        (
            "card450 = {}",
            "card450 = { mid = 1 }",
            "card450 of merchant 1208800001: expected a table of strings",
        ),
        (
            "card450 = {}",
            "card450 = { mid = \"1\" }",
            "card450 of merchant 1208800001: expected mid: expected no parameter",
        ),
        ("cat_id = \"9\", ", "", "kovan of merchant 1208800002: expected a cat_id"),
        (
            "cat_id = \"9\"",
            "cat_id = \"70012345678\"",
            "kovan of merchant 1208800002: expected a cat_id of 1 to 10 printable ASCII characters",
        ),
        (
            "id = \"1000000001\"",
            "id = \"10000000011\"",
            "terminals.id: expected 1 to 10 printable ASCII characters, found \"10000000011\"",
        ),
        (
            "merchant_no = \"1208800001\"",
            "merchant_no = \"1208800004\"",
            "terminals.merchant_no: expected the no of a [[merchants]] row, found \"1208800004\"",
        ),
    ]);
    let twice = SAMPLE
        .replace("[admin]", "[[terminals]]\nid = \"1000000001\"\nmerchant_no = \"1208800002\"\n[admin]");
    let found = problems(&twice);
    assert!(found.ends_with("terminals.id: expected each id once, found \"1000000001\""), "{found}");
}
