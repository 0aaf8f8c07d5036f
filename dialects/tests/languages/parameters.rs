//! Dialects by name, their parameters, and what a merchant's row must hold.

use std::{collections::BTreeMap, time::Duration};

use dialects::{BadDialect, CannotExpress, Dialect};
use payment::{Bin, CardFacts, EntryMode, PartialCancel};

use crate::order::{card, dialect, net_cancel_order, now, request, request_order, route};

fn row(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_name_that_is_no_dialect_is_told_the_names_there_are() {
    for name in ["", "KOVAN", "KSPAY", "ksnet", "kicc "] {
        let error = Dialect::new(name, &row(&[])).unwrap_err();
        assert_eq!(error, BadDialect::Unknown { expected: "kovan | kspay | kicc | card450" });
        assert_eq!(error.to_string(), "expected kovan | kspay | kicc | card450");
    }
}

#[test]
fn a_parameter_nobody_reads_or_of_a_wrong_form_is_named() {
    let table = [
        ("kovan", "hots", "023400052", "hots: expected only host, institution, partial_cancel"),
        ("kovan", "host", "0234000521", "host: expected at most 9 printable ASCII characters"),
        ("kovan", "institution", "가", "institution: expected at most 5 printable ASCII characters"),
        ("kovan", "partial_cancel", "repeatable", "partial_cancel: expected once | no"),
        ("kovan", "partial_cancel", "", "partial_cancel: expected once | no"),
        ("kspay", "partial_cancel", "repeatable", "partial_cancel: expected once | no"),
        ("kspay", "store_id", "2999199999", "store_id: expected only partial_cancel, clock_skew_s"),
        ("kicc", "host", "x", "host: expected only institution, timeout_s, partial_cancel, clock_skew_s"),
        ("kicc", "institution", "123456", "institution: expected at most 5 printable ASCII characters"),
        ("kicc", "timeout_s", "0", "timeout_s: expected seconds, 1 to 99"),
        ("kicc", "timeout_s", "100", "timeout_s: expected seconds, 1 to 99"),
        ("kicc", "timeout_s", "8s", "timeout_s: expected seconds, 1 to 99"),
        ("kicc", "partial_cancel", "repeatable", "partial_cancel: expected once | no"),
        ("card450", "partial_cancel", "no", "partial_cancel: expected only card_key"),
        ("card450", "key", "x", "key: expected only card_key"),
        ("card450", "card_key", "not base64", "card_key: expected 32 bytes of base64"),
        ("card450", "card_key", "c2hvcnQ=", "card_key: expected 32 bytes of base64"),
    ];
    for (name, key, value, expected) in table {
        assert_eq!(Dialect::new(name, &row(&[(key, value)])).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_parameter_stands_where_its_default_would() {
    let params = row(&[("host", "HOST"), ("institution", "12")]);
    let kovan = Dialect::new("kovan", &params).unwrap();
    let telegram = kovan.request(&request_order(request(), route()), &card(), now()).unwrap().telegram;
    assert_eq!((&telegram[3..12], &telegram[81..89]), (&b"HOST     "[..], &b"06912   "[..]));

    let params = row(&[("institution", "12"), ("timeout_s", "15")]);
    let kicc = Dialect::new("kicc", &params).unwrap();
    let telegram = kicc.request(&request_order(request(), route()), &card(), now()).unwrap().telegram;
    assert_eq!((&telegram[19..24], &telegram[36..38]), (&b"12   "[..], &b"15"[..]));
}

#[test]
fn a_partial_cancel_is_what_the_contract_and_the_layout_make_it() {
    let table = [
        ("kovan", row(&[]), PartialCancel::Once),
        ("kovan", row(&[("partial_cancel", "once")]), PartialCancel::Once),
        ("kovan", row(&[("partial_cancel", "no")]), PartialCancel::No),
        ("kspay", row(&[]), PartialCancel::Once),
        ("kspay", row(&[("partial_cancel", "once")]), PartialCancel::Once),
        ("kspay", row(&[("partial_cancel", "no")]), PartialCancel::No),
        ("kicc", row(&[]), PartialCancel::Once),
        ("kicc", row(&[("partial_cancel", "once")]), PartialCancel::Once),
        ("kicc", row(&[("partial_cancel", "no")]), PartialCancel::No),
        ("card450", row(&[]), PartialCancel::Repeatable),
    ];
    for (name, params, expected) in table {
        assert_eq!(Dialect::new(name, &params).unwrap().partial_cancel(), expected, "{name} {params:?}");
    }
}

#[test]
fn who_names_an_original_by_a_day_may_be_told_how_far_the_clocks_are_apart() {
    for name in ["kspay", "kicc"] {
        let skew = |seconds: &str| {
            let dialect = Dialect::new(name, &row(&[("clock_skew_s", seconds)]));
            dialect.map(|dialect| dialect.day_skew()).map_err(|error| error.to_string())
        };
        assert_eq!(dialect(name).day_skew(), Some(Duration::from_mins(5)), "{name}");
        assert_eq!((skew("0"), skew("3600")), (Ok(Some(Duration::ZERO)), Ok(Some(Duration::from_hours(1)))));
        for wrong in ["", "3601", "-1", "5 min"] {
            assert!(skew(wrong).is_err_and(|error| error.contains("seconds, 0 to 3600")), "{wrong}");
        }
    }
    assert_eq!(["kovan", "card450"].map(|name| dialect(name).day_skew()), [None, None]);
}

#[test]
fn a_merchants_row_at_kovan_has_both_its_identifiers() {
    let check = |pairs: &[(&str, &str)]| dialect("kovan").check_merchant(&row(pairs));
    assert_eq!(check(&[("cat_id", "7001234567"), ("merchant_no", "1")]), Ok(()));
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[], "a cat_id"),
        (&[("cat_id", "7")], "a merchant_no"),
        (&[("merchant_no", "7")], "a cat_id"),
        (&[("cat_id", ""), ("merchant_no", "1")], "a cat_id of 1 to 10 printable ASCII characters"),
        (
            &[("cat_id", "70012345678"), ("merchant_no", "1")],
            "a cat_id of 1 to 10 printable ASCII characters",
        ),
        (&[("cat_id", "7 1"), ("merchant_no", "1")], "a cat_id of 1 to 10 printable ASCII characters"),
        (&[("cat_id", "7"), ("merchant_no", "가")], "a merchant_no of 1 to 15 printable ASCII characters"),
        (&[("cat_id", "7"), ("merchant_no", "1"), ("mid", "x")], "mid: expected only cat_id, merchant_no"),
    ];
    for (pairs, expected) in table {
        assert_eq!(check(pairs), Err((*expected).to_owned()));
    }
}

#[test]
fn a_merchants_row_at_kspay_has_its_store_id() {
    let check = |pairs: &[(&str, &str)]| dialect("kspay").check_merchant(&row(pairs));
    for store_id in ["2999199999", "1", "STORE-9"] {
        assert_eq!(check(&[("store_id", store_id)]), Ok(()));
    }
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[], "a store_id"),
        (&[("store_id", "")], "a store_id of 1 to 10 printable ASCII characters"),
        (&[("store_id", "29991999990")], "a store_id of 1 to 10 printable ASCII characters"),
        (&[("store_id", "2999 19999")], "a store_id of 1 to 10 printable ASCII characters"),
        (&[("store_id", "상점")], "a store_id of 1 to 10 printable ASCII characters"),
        (&[("store_id", "1"), ("mid", "x")], "mid: expected only store_id"),
    ];
    for (pairs, expected) in table {
        assert_eq!(check(pairs), Err((*expected).to_owned()));
    }
}

#[test]
fn a_merchants_row_at_kicc_has_its_terminal_id() {
    let check = |pairs: &[(&str, &str)]| dialect("kicc").check_merchant(&row(pairs));
    assert_eq!(check(&[("terminal_id", "7005550001")]), Ok(()));
    let form = "a terminal_id of 1 to 10 printable ASCII characters";
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[], "a terminal_id"),
        (&[("cat_id", "7")], "a terminal_id"),
        (&[("terminal_id", "")], form),
        (&[("terminal_id", "70055500011")], form),
        (&[("terminal_id", "7 1")], form),
        (&[("terminal_id", "7"), ("cat_id", "7")], "cat_id: expected only terminal_id"),
    ];
    for (pairs, expected) in table {
        assert_eq!(check(pairs), Err((*expected).to_owned()));
    }
}

#[test]
fn a_merchants_row_at_the_card_company_is_empty() {
    assert_eq!(dialect("card450").check_merchant(&row(&[])), Ok(()));
    let error = dialect("card450").check_merchant(&row(&[("mid", "1")]));
    assert_eq!(error, Err("mid: expected no parameter".to_owned()));
}

#[test]
fn an_opaque_card_has_room_in_no_layout() {
    let mut request = request();
    request.card = CardFacts::Opaque { bin: Bin::new("457973").unwrap() };
    for name in ["kovan", "kspay", "kicc", "card450"] {
        assert_eq!(dialect(name).can_carry(&request), Err(CannotExpress::OpaqueCard));
    }
}

#[test]
fn a_request_that_never_came_has_no_route_and_nothing_to_write() {
    let mut unseen = request();
    unseen.card = CardFacts::Unseen;
    for name in ["kovan", "kspay", "kicc", "card450"] {
        assert_eq!(dialect(name).can_carry(&unseen), Err(CannotExpress::Unseen));
    }
    unseen.entry_mode = EntryMode::Unseen;
    for name in ["kovan", "kspay", "kicc"] {
        let order = net_cancel_order(unseen.clone(), route(), None);
        assert_eq!(dialect(name).net_cancel(&order, None, now()).unwrap_err(), CannotExpress::Unseen);
    }
}
