//! Cancels of what an acquirer approved, wholly or in part.

use std::sync::Arc;

use dialects::{CannotExpress, ReplyKind, Written};
use jiff::civil::date;
use payment::{Approval, CancelAnswer, CancelOrder, CancelVerdict, HostCodes, Verdict, Won};

use crate::{
    card450::{self, without_block},
    golden::{assert_golden, changed, golden},
    kovan,
    order::{amounts, cancel_order, card, dialect, next_day, request, route, serial},
};

const KOVAN: &str = include_str!("../golden/kovan_cancel.txt");
const KOVAN_PARTIAL: &str = include_str!("../golden/kovan_partial_cancel.txt");
pub(crate) const KOVAN_DONE: &str = include_str!("../golden/kovan_partly_cancelled.txt");
const CARD450: &str = include_str!("../golden/card450_full_cancel.txt");
const CARD450_PARTIAL: &str = include_str!("../golden/card450_partial_cancel.txt");
pub(crate) const CARD450_DONE: &str = include_str!("../golden/card450_partly_cancelled.txt");

/// All of the 50,000 won.
fn whole() -> CancelOrder {
    cancel_order(request(), route(), "30000001", amounts(50_000))
}

/// 20,000 of the 50,000 won.
fn part() -> CancelOrder {
    cancel_order(request(), route(), "30000001", amounts(20_000))
}

/// A cancel with its card, a day after the approval.
fn cancelled(name: &str, order: &CancelOrder) -> Written {
    dialect(name).cancel(order, Some(&card()), next_day()).unwrap()
}

#[test]
fn kovan_is_told_the_approval_number_and_the_originals_date_under_an_id_of_its_own() {
    let written = cancelled("kovan", &whole());
    assert_golden(&written.telegram, KOVAN);
    assert_eq!(written.key, ReplyKind::Cancel.key(serial(77)));
}

#[test]
fn the_card_company_is_told_the_originals_management_number_under_one_of_its_own() {
    let written = cancelled("card450", &whole());
    assert_golden(&without_block(&written.telegram), CARD450);
    assert_eq!(written.key, ReplyKind::Cancel.key(serial(77)));
}

#[test]
fn a_partial_cancel_differs_in_its_amounts_and_goes_without_a_card_that_is_not_kept() {
    for (name, expected) in [("kovan", KOVAN_PARTIAL), ("card450", CARD450_PARTIAL)] {
        let written = dialect(name).cancel(&part(), None, next_day()).unwrap();
        assert_golden(&written.telegram, expected);
        assert_eq!(written.key, ReplyKind::Cancel.key(serial(77)));
    }
}

#[test]
fn every_try_of_a_cancel_has_the_same_identity() {
    let later = date(2026, 11, 7).at(23, 59, 59, 0);
    for (name, transmitted_at) in [("kovan", 50..60), ("card450", 0..0)] {
        let first = dialect(name).cancel(&part(), None, next_day()).unwrap();
        let again = dialect(name).cancel(&part(), None, later).unwrap();
        assert_eq!(first.key, again.key);
        assert_eq!(first.telegram[..transmitted_at.start], again.telegram[..transmitted_at.start], "{name}");
        assert_eq!(first.telegram[transmitted_at.end..], again.telegram[transmitted_at.end..], "{name}");
    }
}

#[test]
fn kovan_cannot_cancel_by_an_approval_number_that_is_not_of_eight_digits() {
    for number in ["", "3000001", "300000001", "3000000A", "        ", "30000001 ", "+3000001", "３"] {
        let order = cancel_order(request(), route(), number, amounts(50_000));
        let written = dialect("kovan").cancel(&order, Some(&card()), next_day());
        assert_eq!(written.unwrap_err(), CannotExpress::ApprovalNo, "{number:?}");
        // The card company has no use for it.
        assert_golden(&without_block(&cancelled("card450", &order).telegram), CARD450);
    }
}

#[test]
fn the_greatest_amount_is_written_whole_and_one_with_more_digits_is_never_cut() {
    let mut order = whole();
    order.amounts = amounts(Won::MAX.get());
    assert_eq!(&cancelled("kovan", &order).telegram[38..50], b"999999999999");
    order.amounts = amounts(9_999_999_999);
    assert_eq!(&cancelled("card450", &order).telegram[63..83], b"99999999990909090909");
    for total in [10_000_000_000, 10_000_050_000, Won::MAX.get()] {
        order.amounts = amounts(total);
        let written = dialect("card450").cancel(&order, Some(&card()), next_day());
        assert!(matches!(written, Err(CannotExpress::Field(_))), "{written:?}");
    }
}

#[test]
fn kovan_says_the_number_of_the_cancel_and_no_time_of_it() {
    let expected = CancelAnswer {
        amount: Some(Won::new(20_000).unwrap()),
        codes: HostCodes { issuer: Some("00".into()), van: Some("00".into()) },
        verdict: CancelVerdict::Accepted(Arc::new(Approval {
            approval_no: "30000009".into(),
            approved_at: None,
            van_trace: "030000000077".into(),
            issuer_code: "0401".into(),
            acquirer_merchant_no: "1".into(),
            host_code: "00".into(),
            ..Approval::default()
        })),
    };
    assert_eq!(dialect("kovan").cancel_answer(&golden(KOVAN_DONE)), expected);
}

#[test]
fn the_card_company_says_number_and_time_of_the_cancel() {
    let expected = CancelAnswer {
        amount: Some(Won::new(20_000).unwrap()),
        codes: HostCodes { issuer: Some("0000".into()), van: None },
        verdict: CancelVerdict::Accepted(Arc::new(Approval {
            approval_no: "106000000009".into(),
            approved_at: Some(date(2026, 11, 6).at(9, 0, 1, 0)),
            van_trace: "TID20261106000000009".into(),
            host_code: "0000".into(),
            ..Approval::default()
        })),
    };
    assert_eq!(dialect("card450").cancel_answer(&golden(CARD450_DONE)), expected);
}

#[test]
fn a_cancel_is_done_though_the_answer_gives_it_no_number() {
    for (name, answer) in
        [("kovan", changed(KOVAN_DONE, &[(205, "        ")])), ("card450", golden(card450::CANCELLED))]
    {
        match dialect(name).cancel_answer(&answer).verdict {
            CancelVerdict::Accepted(approval) => assert_eq!(approval.approval_no, "", "{name}"),
            other => panic!("{name}: expected a cancel that is done, found {other:?}"),
        }
    }
}

#[test]
fn the_amount_of_an_answer_is_told_as_it_stands() {
    let answer = dialect("kovan").cancel_answer(&changed(KOVAN_DONE, &[(38, "000000020001")]));
    assert_eq!(answer.amount, Some(Won::new(20_001).unwrap()));
    let answer = dialect("card450").cancel_answer(&changed(CARD450_DONE, &[(63, "     20001")]));
    assert_eq!(answer.amount, Some(Won::new(20_001).unwrap()));
}

#[test]
fn an_answer_of_another_kind_is_never_the_answer_to_a_cancel() {
    for mti in ["0200", "0210", "0420", "0520", "0530", "0810", "0431"] {
        check_in_doubt("kovan", &changed(KOVAN_DONE, &[(12, mti)]));
    }
    for kind in ["PAYMENT   ", "          ", "CANCELLED "] {
        check_in_doubt("card450", &changed(CARD450_DONE, &[(4, kind)]));
    }
    assert_eq!(dialect("kovan").answer(&golden(KOVAN_DONE)).verdict, Verdict::InDoubt);
    assert_eq!(dialect("card450").answer(&golden(CARD450_DONE)).verdict, Verdict::InDoubt);
}

#[test]
fn an_answer_to_a_cancel_that_cannot_be_read_is_in_doubt() {
    for telegram in [
        Vec::new(),
        golden(KOVAN_DONE)[..224].to_vec(),
        [golden(KOVAN_DONE), b" ".to_vec()].concat(),
        changed(KOVAN_DONE, &[(0, "XXX")]),
        changed(KOVAN_DONE, &[(38, "00000002000A")]),
        changed(KOVAN_DONE, &[(72, "261399")]),
        changed(KOVAN_DONE, &[(205, "3000000A")]),
    ] {
        check_in_doubt("kovan", &telegram);
    }
    for telegram in [
        Vec::new(),
        golden(CARD450_DONE)[..449].to_vec(),
        changed(CARD450_DONE, &[(0, "0446")]),
        changed(CARD450_DONE, &[(63, "     2000O")]),
        changed(CARD450_DONE, &[(427, "20261306090001")]),
    ] {
        check_in_doubt("card450", &telegram);
    }
}

fn check_in_doubt(name: &str, telegram: &[u8]) {
    let answer = dialect(name).cancel_answer(telegram);
    let codes = HostCodes::default();
    let expected = CancelAnswer { amount: None, codes, verdict: CancelVerdict::InDoubt };
    assert_eq!(answer, expected, "{name} {}", telegram.escape_ascii());
}

#[test]
fn the_answer_to_a_cancel_never_has_the_key_of_a_net_cancels_with_the_same_id() {
    let key_of = dialect("kovan").profile().key_of;
    let cancelled = golden(KOVAN_DONE);
    assert_eq!(key_of(&cancelled), Some(ReplyKind::Cancel.key(serial(77))));
    let id = str::from_utf8(&cancelled[125..137]).unwrap();
    let net_cancelled = changed(kovan::NET_CANCELLED, &[(125, id)]);
    assert_eq!(key_of(&net_cancelled), Some(ReplyKind::NetCancel.key(serial(77))));
    let approved = changed(kovan::APPROVED, &[(125, id)]);
    assert_eq!(key_of(&approved), Some(ReplyKind::Request.key(serial(77))));
}

#[test]
fn the_card_companys_answers_to_cancel_and_net_cancel_are_of_one_kind_under_two_numbers() {
    let key_of = dialect("card450").profile().key_of;
    assert_eq!(key_of(&golden(CARD450_DONE)), Some(ReplyKind::Cancel.key(serial(77))));
    assert_eq!(key_of(&golden(card450::CANCELLED)), Some(ReplyKind::Cancel.key(serial(43))));
    assert_eq!(ReplyKind::of(ReplyKind::Cancel.key(serial(43))), Some((ReplyKind::Cancel, serial(43))));
}
