//! KSPAY.

use std::{sync::Arc, time::Duration};

use acquirer_links::Mode;
use codec::frame::{FrameFormat, Framing};
use dialects::{CannotExpress, ReplyKind, Written};
use jiff::{Timestamp, civil::date};
use payment::{
    Approval, CancelAnswer, CancelOrder, CancelVerdict, Decline, EntryMode, HostCodes, NetCancelVerdict,
    Verdict, Won,
};

use crate::{
    golden::{assert_golden, changed, golden},
    order::{
        amounts, cancel_order, card, card_of, dialect, net_cancel_order, next_day, now, request,
        request_order, route, serial,
    },
};

const CREDIT: &str = include_str!("../golden/kspay_credit.txt");
const NET_CANCEL: &str = include_str!("../golden/kspay_net_cancel.txt");
const CANCEL: &str = include_str!("../golden/kspay_cancel.txt");
const PARTIAL_CANCEL: &str = include_str!("../golden/kspay_partial_cancel.txt");
pub(crate) const APPROVED: &str = include_str!("../golden/kspay_approved.txt");
pub(crate) const DECLINED: &str = include_str!("../golden/kspay_declined.txt");
pub(crate) const NET_CANCELLED: &str = include_str!("../golden/kspay_net_cancelled.txt");
pub(crate) const PARTLY_CANCELLED: &str = include_str!("../golden/kspay_partly_cancelled.txt");

/// The transaction number of the approval that is cancelled.
const TRANSACTION_NO: &str = "261105000042";
const REQUESTED_AT: std::ops::Range<usize> = 12..26;

/// A cancel of so much of the 50,000 won.
fn cancel_of(total: u64) -> CancelOrder {
    cancel_order(request(), route(), TRANSACTION_NO, amounts(total))
}

fn cancelled(order: &CancelOrder) -> Written {
    dialect("kspay").cancel(order, Some(&card()), next_day()).unwrap()
}

#[test]
fn an_approval_request_is_written_byte_for_byte() {
    let written = dialect("kspay").request(&request_order(request(), route()), &card(), now()).unwrap();
    assert_golden(&written.telegram, CREDIT);
    assert_eq!(written.key, ReplyKind::Request.key(serial(42)));
}

#[test]
fn a_net_cancel_is_a_cancel_that_names_the_lost_order_and_has_an_order_number_of_its_own() {
    for approval_no in [None, Some("30000001")] {
        let order = net_cancel_order(request(), route(), approval_no);
        let written = dialect("kspay").net_cancel(&order, Some(&card()), now()).unwrap();
        assert_golden(&written.telegram, NET_CANCEL);
        assert_eq!(written.key, ReplyKind::Cancel.key(serial(43)));
    }
}

#[test]
fn a_cancel_of_all_names_the_transaction_number_and_no_amount() {
    let written = cancelled(&cancel_of(50_000));
    assert_golden(&written.telegram, CANCEL);
    assert_eq!(written.key, ReplyKind::Cancel.key(serial(77)));
}

#[test]
fn a_cancel_of_a_part_says_how_much_and_which_one_it_is() {
    let mut order = cancel_of(20_000);
    let written = cancelled(&order);
    assert_golden(&written.telegram, PARTIAL_CANCEL);
    assert_eq!(written.key, ReplyKind::Cancel.key(serial(77)));
    for (cancel, sequence) in [(1, b"02"), (8, b"09"), (98, b"99")] {
        order.cancel = cancel;
        assert_eq!(&cancelled(&order).telegram[384..386], sequence);
    }
    for beyond in [99, 254, 255] {
        order.cancel = beyond;
        let written = dialect("kspay").cancel(&order, None, next_day());
        assert!(matches!(written, Err(CannotExpress::Field(_))), "{written:?}");
    }
}

#[test]
fn every_try_has_the_same_identity_and_none_says_that_it_is_one_again() {
    let later = date(2026, 11, 7).at(23, 59, 59, 0);
    let kspay = dialect("kspay");
    let net_cancel = net_cancel_order(request(), route(), None);
    let part = cancel_of(20_000);
    for (first, again) in [
        (kspay.net_cancel(&net_cancel, None, now()), kspay.net_cancel(&net_cancel, None, later)),
        (kspay.cancel(&part, None, next_day()), kspay.cancel(&part, None, later)),
    ] {
        let (first, again) = (first.unwrap(), again.unwrap());
        assert_eq!(first.key, again.key);
        assert_ne!(first.telegram[REQUESTED_AT], again.telegram[REQUESTED_AT]);
        assert_eq!(first.telegram[..REQUESTED_AT.start], again.telegram[..REQUESTED_AT.start]);
        assert_eq!(first.telegram[REQUESTED_AT.end..], again.telegram[REQUESTED_AT.end..]);
        assert_eq!(again.telegram[11], b'0', "resend");
    }
}

#[test]
fn a_net_cancel_names_its_order_by_the_date_that_is_in_it_also_past_midnight() {
    let mut late = request();
    // By the switch's clock; the terminal's is ahead, and on another day.
    late.received_at = "2026-11-05T14:59:59Z".parse().unwrap();
    late.sent_at = date(2026, 11, 6).at(0, 10, 0, 0);
    let after_midnight = date(2026, 11, 6).at(0, 0, 1, 0);
    let kspay = dialect("kspay");
    let order = request_order(late.clone(), route());
    let asked = kspay.request(&order, &card(), after_midnight).unwrap().telegram;
    let undone = kspay.net_cancel(&net_cancel_order(late, route(), None), None, after_midnight).unwrap();
    assert_eq!(&asked[REQUESTED_AT], b"20261105235959");
    assert_eq!(&undone.telegram[REQUESTED_AT], b"20261106000001");
    assert_eq!(undone.telegram[317..325], asked[12..20]);
    assert_eq!(undone.telegram[325..375], asked[36..86]);
}

#[test]
fn a_cancel_names_the_date_of_the_approval_where_that_was_told() {
    let mut order = cancel_of(50_000);
    let approved_at = Some(date(2026, 11, 6).at(0, 0, 2, 0));
    order.approval = Arc::new(Approval { approved_at, ..(*order.approval).clone() });
    assert_eq!(&cancelled(&order).telegram[305..325], b"26110500004220261106");
}

#[test]
fn nothing_is_cancelled_by_a_transaction_number_that_is_none() {
    for number in ["", "2611050000421", " 61105000042", "가"] {
        let order = cancel_order(request(), route(), number, amounts(50_000));
        let written = dialect("kspay").cancel(&order, Some(&card()), next_day());
        assert_eq!(written.unwrap_err(), CannotExpress::ApprovalNo, "{number:?}");
    }
}

#[test]
fn only_what_is_keyed_in_is_not_read() {
    let modes = [
        (EntryMode::Chip, b'S'),
        (EntryMode::Swipe, b'S'),
        (EntryMode::Fallback, b'S'),
        (EntryMode::Contactless, b'S'),
        (EntryMode::QrCode, b'S'),
        (EntryMode::KeyIn, b'K'),
    ];
    for (entry_mode, letter) in modes {
        let mut request = request();
        request.entry_mode = entry_mode;
        let written = dialect("kspay").request(&request_order(request, route()), &card(), now()).unwrap();
        assert_eq!(written.telegram[250], letter, "{entry_mode:?}");
    }
}

#[test]
fn an_amount_of_nine_digits_is_carried_and_one_of_ten_is_no_route() {
    let mut request = request();
    request.amounts = amounts(999_999_999);
    assert_eq!(dialect("kspay").can_carry(&request), Ok(()));
    let written = dialect("kspay").request(&request_order(request.clone(), route()), &card(), now());
    assert_eq!(&written.unwrap().telegram[347..356], b"999999999");
    request.amounts = amounts(1_000_000_000);
    assert_eq!(dialect("kspay").can_carry(&request), Err(CannotExpress::AmountTooLarge));
    let written = dialect("kspay").request(&request_order(request, route()), &card(), now());
    assert!(matches!(written, Err(CannotExpress::Field(_))), "{written:?}");
    let written = dialect("kspay").cancel(&cancel_of(1_000_000_000), None, next_day());
    assert!(matches!(written, Err(CannotExpress::Field(_))), "{written:?}");
}

#[test]
fn the_greatest_values_are_written_whole_and_what_does_not_fit_is_never_cut() {
    let (mut request, mut route) = (request(), route());
    request.installment = 99;
    route.serial = serial(9_999_999_998);
    route.merchant.insert("store_id".into(), "A".repeat(10));
    let order = request_order(request.clone(), route.clone());
    let telegram = dialect("kspay").request(&order, &card_of("9410123412341234567"), now()).unwrap().telegram;
    let fields = [(26, "AAAAAAAAAA039999999998 "), (305, "9410123412341234567=2912                99")];
    for (at, content) in fields {
        assert_eq!(&telegram[at..at + content.len()], content.as_bytes(), "{at}");
    }
    let mut long_store_id = route.clone();
    long_store_id.merchant.insert("store_id".into(), "A".repeat(11));
    let mut three_digits = request.clone();
    three_digits.installment = 100;
    let mut year_of_five_digits = request.clone();
    year_of_five_digits.received_at = Timestamp::MIN;
    for (request, route) in
        [(request, long_store_id), (three_digits, route.clone()), (year_of_five_digits, route)]
    {
        let written = dialect("kspay").request(&request_order(request, route), &card(), now());
        assert!(matches!(written, Err(CannotExpress::Field(_) | CannotExpress::Value(_))), "{written:?}");
    }
}

#[test]
fn an_approval_carries_what_the_reply_says() {
    let answer = dialect("kspay").answer(&golden(APPROVED));
    assert_eq!(answer.amount, Some(Won::new(50_000).unwrap()));
    assert_eq!(answer.codes, HostCodes { issuer: None, van: Some("O".into()) });
    let approval = Approval {
        approval_no: "30000001".into(),
        approved_at: Some(date(2026, 11, 5).at(13, 20, 32, 0)),
        van_trace: TRANSACTION_NO.into(),
        issuer_code: "010001".into(),
        acquirer_code: "020002".into(),
        acquirer_merchant_no: "00958610107".into(),
        host_code: "O".into(),
        message1: "비씨카드".into(),
        message2: "OK: 30000001".into(),
        ..Approval::default()
    };
    assert_eq!(answer.verdict, Verdict::Approved(approval.into()));
}

#[test]
fn a_decline_carries_its_code_where_an_approval_number_would_stand_and_the_reason() {
    let answer = dialect("kspay").answer(&golden(DECLINED));
    assert_eq!(answer.amount, Some(Won::new(50_000).unwrap()));
    assert_eq!(answer.codes, HostCodes { issuer: None, van: Some("8035".into()) });
    let Verdict::Declined(decline) = &answer.verdict else { panic!("{answer:?}") };
    assert_eq!(decline.code.as_str(), "8035");
    let expected = Decline {
        code: decline.code,
        host_code: "8035".into(),
        message1: "잔액부족".into(),
        message2: String::new(),
    };
    assert_eq!(**decline, expected);
}

#[test]
fn what_stands_in_a_codes_place_and_is_none_is_not_kept() {
    let kspay = dialect("kspay");
    for number in ["            ", "80350       ", "941012341234"] {
        let refused = [(316, "X"), (343, number)];
        let codes = HostCodes { issuer: None, van: Some("X".into()) };
        let answer = kspay.answer(&changed(DECLINED, &refused));
        assert_eq!((answer.verdict, &answer.codes), (Verdict::InDoubt, &codes));
        let answer = kspay.net_cancel_answer(&changed(NET_CANCELLED, &refused));
        assert_eq!((answer.verdict, &answer.codes), (NetCancelVerdict::TryAgain, &codes));
        let answer = kspay.cancel_answer(&changed(PARTLY_CANCELLED, &refused));
        assert_eq!((answer.verdict, &answer.codes), (CancelVerdict::InDoubt, &codes));
    }
}

#[test]
fn an_approval_without_the_numbers_that_name_it_is_in_doubt() {
    for at in [304, 343] {
        let answer = dialect("kspay").answer(&changed(APPROVED, &[(at, "            ")]));
        assert_eq!(answer.verdict, Verdict::InDoubt, "{at}");
    }
    let answer = dialect("kspay").answer(&changed(APPROVED, &[(317, "        "), (325, "      ")]));
    let Verdict::Approved(approval) = &answer.verdict else { panic!("{answer:?}") };
    assert_eq!(approval.approved_at, None, "its time may be missing");
    let answer = dialect("kspay").answer(&changed(APPROVED, &[(317, "20261106"), (325, "      ")]));
    let Verdict::Approved(approval) = &answer.verdict else { panic!("{answer:?}") };
    assert_eq!(approval.approved_at, Some(date(2026, 11, 6).at(0, 0, 0, 0)), "the date names it");
}

#[test]
fn an_approval_without_an_amount_is_in_doubt_and_a_decline_needs_none() {
    let blank = [(409, "         ")];
    let answer = dialect("kspay").answer(&changed(APPROVED, &blank));
    assert_eq!((answer.amount, answer.verdict), (None, Verdict::InDoubt));
    let answer = dialect("kspay").answer(&changed(DECLINED, &blank));
    assert!(matches!(answer.verdict, Verdict::Declined(_)), "{answer:?}");
}

#[test]
fn what_the_switch_does_not_read_or_only_shows_voids_no_answer() {
    let kspay = dialect("kspay");
    let expected = kspay.answer(&golden(APPROVED));
    // What is not read: a header that is not repeated, points to the right, a blank-padded number, NUL, anything in a text.
    let header = " ".repeat(31);
    let unread =
        [(5, &header[..]), (86, "\0\0"), (264, " "), (387, "?\u{7f}"), (407, " 3"), (435, "         500")];
    let unread = changed(APPROVED, &[&unread[..], &[(483, "\n\u{1}"), (577, "\0\0\0")]].concat());
    assert_eq!(kspay.fault(&unread), None);
    assert_eq!(kspay.answer(&unread), expected);
    let done = changed(NET_CANCELLED, &[(5, &header), (435, "         500")]);
    assert_eq!(kspay.net_cancel_answer(&done).verdict, NetCancelVerdict::Accepted);
    assert_eq!((kspay.profile().key_of)(&done), Some(ReplyKind::Cancel.key(serial(43))));
    // What is only shown: at the other side, ended by NUL, cut within a character.
    let shown = changed(APPROVED, &[(331, "    01"), (418, "    00958610107"), (385, "A\0")]);
    let Verdict::Approved(approval) = kspay.answer(&shown).verdict else { panic!("not approved") };
    assert_eq!((&*approval.issuer_code, &*approval.acquirer_merchant_no), ("01", "00958610107"));
    for end in [371, 387] {
        for telegram in [APPROVED, DECLINED, NET_CANCELLED, PARTLY_CANCELLED] {
            let mut cut = golden(telegram);
            cut[end - 1] = 0xb1;
            assert_eq!(kspay.fault(&cut), None, "{end}");
        }
    }
    // Not whether it is encrypted.
    assert_eq!(kspay.answer(&changed(APPROVED, &[(4, "2")])).verdict, Verdict::InDoubt);
}

#[test]
fn a_net_cancel_of_an_approval_that_was_seen_names_its_date() {
    let mut order = net_cancel_order(request(), route(), Some("30000001"));
    order.approved_at = Some(date(2026, 11, 6).at(0, 0, 2, 0));
    for (name, place, expected) in [("kspay", 317..325, "20261106"), ("kicc", 221..227, "261106")] {
        let written = dialect(name).net_cancel(&order, None, now()).unwrap();
        assert_eq!(&written.telegram[place], expected.as_bytes(), "{name}");
    }
}

#[test]
fn what_may_be_a_card_number_in_a_message_is_masked() {
    let answer = dialect("kspay").answer(&changed(DECLINED, &[(355, "9410123412341237")]));
    let Verdict::Declined(decline) = &answer.verdict else { panic!("{answer:?}") };
    assert_eq!(decline.message1, "****************");
}

#[test]
fn a_status_that_is_neither_settles_nothing_whatever_stands_beside_it() {
    let kspay = dialect("kspay");
    for status in [" ", "0", "o", "x", "P", "A"] {
        for number in ["30000001    ", "8035        ", "6999        ", "            "] {
            let changes = [(316, status), (343, number)];
            assert_eq!(kspay.answer(&changed(APPROVED, &changes)).verdict, Verdict::InDoubt);
            let answer = kspay.net_cancel_answer(&changed(NET_CANCELLED, &changes));
            assert_eq!(answer.verdict, NetCancelVerdict::TryAgain);
            let answer = kspay.cancel_answer(&changed(PARTLY_CANCELLED, &changes));
            assert_eq!(answer.verdict, CancelVerdict::InDoubt);
        }
    }
}

#[test]
fn a_cancel_that_is_done_says_number_and_time() {
    let done = |amount: Option<u64>, verdict: fn(Arc<Approval>) -> CancelVerdict| CancelAnswer {
        amount: amount.map(|won| Won::new(won).unwrap()),
        codes: HostCodes { issuer: None, van: Some("O".into()) },
        verdict: verdict(Arc::new(Approval {
            approval_no: "30000001".into(),
            approved_at: Some(date(2026, 11, 6).at(9, 0, 1, 0)),
            van_trace: "261106000009".into(),
            issuer_code: "010001".into(),
            acquirer_code: "020002".into(),
            host_code: "O".into(),
            message1: "부분취소완료".into(),
            ..Approval::default()
        })),
    };
    for (amount, expected) in [
        ("000020000", done(Some(20_000), CancelVerdict::Accepted)),
        ("000020001", done(Some(20_001), CancelVerdict::Accepted)),
        // It may say nothing of the amount, which is enough for the whole alone.
        ("         ", done(None, CancelVerdict::AcceptedUnsized)),
        ("000000000", done(None, CancelVerdict::AcceptedUnsized)),
    ] {
        let answer = changed(PARTLY_CANCELLED, &[(409, amount)]);
        assert_eq!(dialect("kspay").cancel_answer(&answer), expected, "{amount}");
    }
}

#[test]
fn an_approval_of_zero_won_is_one_of_another_amount() {
    let answer = dialect("kspay").answer(&changed(APPROVED, &[(409, "000000000")]));
    assert_eq!(answer.amount, Some(Won::ZERO));
}

#[test]
fn an_answer_of_the_other_type_is_never_taken() {
    let kspay = dialect("kspay");
    for approval_type in ["1010", "0000", "1001", "1100"] {
        let answer = kspay.answer(&changed(APPROVED, &[(300, approval_type)]));
        assert_eq!((answer.amount, answer.verdict), (None, Verdict::InDoubt), "{approval_type}");
    }
    for approval_type in ["1000", "0000", "1011", "1110"] {
        let answer = kspay.net_cancel_answer(&changed(NET_CANCELLED, &[(300, approval_type)]));
        assert_eq!(answer.verdict, NetCancelVerdict::TryAgain, "{approval_type}");
        let answer = kspay.cancel_answer(&changed(PARTLY_CANCELLED, &[(300, approval_type)]));
        assert_eq!(answer.verdict, CancelVerdict::InDoubt, "{approval_type}");
    }
}

#[test]
fn an_answer_that_cannot_be_read_is_in_doubt_and_settles_nothing() {
    let kspay = dialect("kspay");
    let unreadable = |text| {
        [
            Vec::new(),
            golden(text)[..579].to_vec(),
            [golden(text), b" ".to_vec()].concat(),
            changed(text, &[(0, "0580")]),
            changed(text, &[(4, "2")]),
            changed(text, &[(4, " ")]),
            changed(text, &[(409, "00005000A")]),
            changed(text, &[(409, "    50000")]),
            changed(text, &[(317, "20261332")]),
            changed(text, &[(325, "250000")]),
        ]
    };
    for telegram in unreadable(APPROVED) {
        let answer = kspay.answer(&telegram);
        assert_eq!((answer.amount, answer.verdict), (None, Verdict::InDoubt));
    }
    for telegram in unreadable(NET_CANCELLED) {
        assert_eq!(kspay.net_cancel_answer(&telegram).verdict, NetCancelVerdict::TryAgain);
        assert_eq!(kspay.cancel_answer(&telegram).verdict, CancelVerdict::InDoubt);
    }
}

#[test]
fn the_key_of_an_answer_is_its_kind_and_the_order_number_it_carries_back() {
    let key_of = dialect("kspay").profile().key_of;
    assert_eq!(key_of(&golden(APPROVED)), Some(ReplyKind::Request.key(serial(42))));
    assert_eq!(key_of(&golden(DECLINED)), Some(ReplyKind::Request.key(serial(42))));
    assert_eq!(key_of(&golden(NET_CANCELLED)), Some(ReplyKind::Cancel.key(serial(43))));
    assert_eq!(key_of(&golden(PARTLY_CANCELLED)), Some(ReplyKind::Cancel.key(serial(77))));
    for approval_type in ["0000", "1001", "1011"] {
        assert_eq!(key_of(&changed(APPROVED, &[(300, approval_type)])), None, "{approval_type}");
    }
    for order_no in ["            ", "+30000000042", "30000000042 ", "0300000000421", "920000000000"] {
        assert_eq!(key_of(&changed(APPROVED, &[(36, order_no)])), None, "{order_no}");
    }
    assert_eq!(key_of(&golden(APPROVED)[..300]), None);
}

#[test]
fn a_late_approval_never_has_the_key_of_the_net_cancel_that_undoes_it() {
    let key_of = dialect("kspay").profile().key_of;
    let order = net_cancel_order(request(), route(), None);
    let net_cancel = dialect("kspay").net_cancel(&order, None, now()).unwrap();
    assert_ne!(key_of(&golden(APPROVED)), Some(net_cancel.key));
    // Not even one that carries the net-cancel's own number.
    assert_ne!(key_of(&changed(APPROVED, &[(36, "030000000043")])), Some(net_cancel.key));
}

#[test]
fn each_request_has_a_socket_of_its_own_and_its_frame_is_the_telegrams_own_length() {
    let profile = dialect("kspay").profile();
    assert_eq!(profile.mode, Mode::PerRequest { send_timeout: Duration::from_secs(2) });
    let expected = FrameFormat { length_in_telegram: true, ..FrameFormat::new(Framing::Ascii4, 300, 1024) };
    assert_eq!(profile.frame, expected);
}

#[test]
fn an_answer_that_names_no_request_of_ours_is_not_believed_though_it_came_on_the_requests_own_socket() {
    let kspay = dialect("kspay");
    for order_no in ["OTHERSHOP-778812", "            ", "03000000004A", "3000000042  "] {
        let others = format!("{order_no:50}");
        let telegram = |text| changed(text, &[(36, others.as_str())]);
        let answer = kspay.answer(&telegram(APPROVED));
        assert_eq!((answer.verdict, answer.amount), (Verdict::InDoubt, None), "{order_no}");
        assert_eq!(kspay.answer(&telegram(DECLINED)).verdict, Verdict::InDoubt, "{order_no}");
        let answer = kspay.net_cancel_answer(&telegram(NET_CANCELLED));
        assert_eq!(answer.verdict, NetCancelVerdict::TryAgain, "{order_no}");
        let answer = kspay.cancel_answer(&telegram(PARTLY_CANCELLED));
        assert_eq!(answer.verdict, CancelVerdict::InDoubt, "{order_no}");
        assert!(!kspay.is_ours(&telegram(APPROVED)));
    }
}
