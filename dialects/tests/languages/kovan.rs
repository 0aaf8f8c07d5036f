//! KOVAN.

use acquirer_links::Mode;
use codec::frame::Framing;
use dialects::{CannotExpress, ReplyKind};
use jiff::civil::date;
use payment::{Approval, EntryMode, HostCodes, NetCancelVerdict, Verdict, Won};

use crate::{
    golden::{assert_golden, changed, golden},
    order::{amounts, card, card_of, dialect, net_cancel_order, now, request, request_order, route, serial},
};

const APPROVAL: &str = include_str!("../golden/kovan_approval.txt");
const NET_CANCEL: &str = include_str!("../golden/kovan_net_cancel.txt");
const NET_CANCEL_KNOWN: &str = include_str!("../golden/kovan_net_cancel_known.txt");
pub(crate) const APPROVED: &str = include_str!("../golden/kovan_approved.txt");
pub(crate) const NET_CANCELLED: &str = include_str!("../golden/kovan_net_cancelled.txt");

#[test]
fn an_approval_request_is_written_byte_for_byte() {
    let written = dialect("kovan").request(&request_order(request(), route()), &card(), now()).unwrap();
    assert_golden(&written.telegram, APPROVAL);
    assert_eq!(written.key, ReplyKind::Request.key(serial(42)));
}

#[test]
fn a_net_cancel_names_its_original_by_the_same_transaction_id() {
    let order = net_cancel_order(request(), route(), None);
    let written = dialect("kovan").net_cancel(&order, Some(&card()), now()).unwrap();
    assert_golden(&written.telegram, NET_CANCEL);
    assert_eq!(written.key, ReplyKind::NetCancel.key(serial(42)));
}

#[test]
fn a_net_cancel_carries_the_approval_number_where_known_and_no_card_where_it_is_not_kept() {
    let order = net_cancel_order(request(), route(), Some("30000001"));
    let written = dialect("kovan").net_cancel(&order, None, now()).unwrap();
    assert_golden(&written.telegram, NET_CANCEL_KNOWN);
}

#[test]
fn an_approval_number_that_does_not_fit_leaves_a_net_cancel_that_works_blind() {
    for number in ["", "3000000A", "3000001", "300000001", "        "] {
        let order = net_cancel_order(request(), route(), Some(number));
        let written = dialect("kovan").net_cancel(&order, Some(&card()), now()).unwrap();
        assert_golden(&written.telegram, NET_CANCEL);
    }
}

#[test]
fn every_try_of_a_net_cancel_has_the_same_identity() {
    let order = net_cancel_order(request(), route(), None);
    let first = dialect("kovan").net_cancel(&order, None, now()).unwrap();
    let later = dialect("kovan").net_cancel(&order, None, date(2026, 11, 6).at(0, 0, 0, 0)).unwrap();
    assert_eq!(first.key, later.key);
    let transmitted_at = 50..60;
    assert_ne!(first.telegram[transmitted_at.clone()], later.telegram[transmitted_at.clone()]);
    assert_eq!(first.telegram[..transmitted_at.start], later.telegram[..transmitted_at.start]);
    assert_eq!(first.telegram[transmitted_at.end..], later.telegram[transmitted_at.end..]);
}

#[test]
fn every_entry_mode_has_its_code() {
    let modes = [
        (EntryMode::Chip, "705"),
        (EntryMode::Swipe, "790"),
        (EntryMode::KeyIn, "701"),
        (EntryMode::Fallback, "780"),
        (EntryMode::Contactless, "707"),
        (EntryMode::QrCode, "703"),
    ];
    for (entry_mode, code) in modes {
        let mut request = request();
        request.entry_mode = entry_mode;
        let written = dialect("kovan").request(&request_order(request, route()), &card(), now()).unwrap();
        assert_eq!(&written.telegram[78..81], code.as_bytes(), "{entry_mode:?}");
    }
}

#[test]
fn the_greatest_values_of_every_field_are_written_whole() {
    let (mut request, mut route) = (request(), route());
    request.amounts = amounts(Won::MAX.get());
    request.installment = 99;
    request.sent_at = date(2099, 12, 31).at(23, 59, 59, 999_999_999);
    route.serial = serial(9_999_999_998);
    route.merchant.insert("cat_id".into(), "A".repeat(10));
    route.merchant.insert("merchant_no".into(), "Z".repeat(15));
    let order = request_order(request, route);
    let telegram = dialect("kovan").request(&order, &card_of("9410123412341234567"), now()).unwrap().telegram;
    let fields: &[(usize, &str)] = &[
        (38, "999999999999"),
        (60, "999998235959991231"),
        (91, "9410123412341234567=2912             "),
        (128, "039999999998ZZZZZZZZZZZZZZZAAAAAAAAAA"),
        (293, "00299"),
    ];
    for (at, content) in fields {
        assert_eq!(&telegram[*at..*at + content.len()], content.as_bytes(), "{at}");
    }
}

#[test]
fn what_the_layout_cannot_hold_is_never_cut() {
    let mut three_digits = request();
    three_digits.installment = 100;
    let mut before_2000 = request();
    before_2000.sent_at = date(1999, 12, 31).at(0, 0, 0, 0);
    let mut long_cat_id = route();
    long_cat_id.merchant.insert("cat_id".into(), "70012345678".into());
    let mut korean_merchant = route();
    korean_merchant.merchant.insert("merchant_no".into(), "가".into());
    for (request, route) in [
        (three_digits, route()),
        (before_2000, route()),
        (request(), long_cat_id),
        (request(), korean_merchant),
    ] {
        let written = dialect("kovan").request(&request_order(request, route), &card(), now());
        assert!(
            matches!(written, Err(CannotExpress::Field(_) | CannotExpress::Value(_))),
            "expected a value that does not fit, found {written:?}"
        );
    }
}

#[test]
fn an_approval_carries_what_the_reply_says() {
    let answer = dialect("kovan").answer(&golden(APPROVED));
    assert_eq!(answer.amount, Some(Won::new(50_000).unwrap()));
    assert_eq!(answer.codes, HostCodes { issuer: Some("00".into()), van: Some("00".into()) });
    let approval = Approval {
        approval_no: "30000001".into(),
        approved_at: Some(date(2026, 11, 5).at(13, 20, 30, 0)),
        van_trace: "030000000042".into(),
        issuer_code: "0401".into(),
        acquirer_merchant_no: "1".into(),
        host_code: "00".into(),
        ..Approval::default()
    };
    assert_eq!(answer.verdict, Verdict::Approved(approval.into()));
}

#[test]
fn an_approval_without_a_number_is_in_doubt() {
    let answer = dialect("kovan").answer(&changed(APPROVED, &[(205, "        ")]));
    assert_eq!(answer.verdict, Verdict::InDoubt);
}

#[test]
fn an_answer_of_another_type_is_never_taken() {
    for mti in ["0200", "0400", "0420", "0430", "0520", "0530", "0810", "0211"] {
        let answer = dialect("kovan").answer(&changed(APPROVED, &[(12, mti)]));
        assert_eq!(answer.verdict, Verdict::InDoubt, "{mti}");
    }
    for mti in ["0200", "0210", "0420", "0430", "0520", "0810", "0531"] {
        let answer = dialect("kovan").net_cancel_answer(&changed(NET_CANCELLED, &[(12, mti)]));
        assert_eq!(answer.verdict, NetCancelVerdict::TryAgain, "{mti}");
    }
}

#[test]
fn an_answer_that_cannot_be_read_is_in_doubt_and_settles_nothing() {
    let unreadable = [
        Vec::new(),
        golden(APPROVED)[..224].to_vec(),
        [golden(APPROVED), b" ".to_vec()].concat(),
        changed(APPROVED, &[(0, "XXX")]),
        changed(APPROVED, &[(38, "00000005000A")]),
        changed(APPROVED, &[(72, "261399")]),
        changed(APPROVED, &[(66, "250000")]),
    ];
    for telegram in unreadable {
        let answer = dialect("kovan").answer(&telegram);
        assert_eq!((answer.amount, answer.verdict), (None, Verdict::InDoubt));
        let answer = dialect("kovan").net_cancel_answer(&telegram);
        assert_eq!(answer.verdict, NetCancelVerdict::TryAgain);
    }
}

#[test]
fn the_key_of_an_answer_is_its_kind_and_the_serial_it_names() {
    let key_of = dialect("kovan").profile().key_of;
    assert_eq!(key_of(&golden(APPROVED)), Some(ReplyKind::Request.key(serial(42))));
    assert_eq!(key_of(&golden(NET_CANCELLED)), Some(ReplyKind::NetCancel.key(serial(42))));
    assert_eq!(ReplyKind::of(ReplyKind::NetCancel.key(serial(42))), Some((ReplyKind::NetCancel, serial(42))));
    for mti in ["0200", "0420", "0520", "9999"] {
        assert_eq!(key_of(&changed(APPROVED, &[(12, mti)])), None, "{mti}");
    }
    let not_ours =
        ["            ", "+30000000042", "30000000042 ", "92000000000A", "920000000000", "999999999999"];
    for id in not_ours {
        assert_eq!(key_of(&changed(APPROVED, &[(125, id)])), None, "{id}");
    }
    assert_eq!(key_of(&golden(APPROVED)[..100]), None);
}

#[test]
fn its_sockets_are_multiplexed_with_four_digits_before_each_telegram() {
    let profile = dialect("kovan").profile();
    assert_eq!((profile.mode, profile.frame.framing), (Mode::Multiplexed, Framing::Ascii4));
    assert!(!profile.frame.length_in_telegram);
    assert!((356..=1024).contains(&profile.frame.max));
}
