//! KICC.

use std::sync::Arc;

use acquirer_links::Mode;
use codec::frame::Framing;
use dialects::{CannotExpress, ReplyKind};
use jiff::civil::date;
use payment::{
    Amounts, Approval, CancelAnswer, CancelOrder, CancelVerdict, EntryMode, HostCodes, NetCancelVerdict,
    Verdict, Won,
};

use crate::{
    golden::{assert_golden, changed, golden},
    order::{
        amounts, cancel_order, card, card_of, dialect, net_cancel_order, next_day, now, request,
        request_order, route, serial,
    },
};

const APPROVAL: &str = include_str!("../golden/kicc_approval.txt");
const NET_CANCEL: &str = include_str!("../golden/kicc_net_cancel.txt");
const NET_CANCEL_KNOWN: &str = include_str!("../golden/kicc_net_cancel_known.txt");
const CANCEL: &str = include_str!("../golden/kicc_cancel.txt");
const PARTIAL_CANCEL: &str = include_str!("../golden/kicc_partial_cancel.txt");
pub(crate) const APPROVED: &str = include_str!("../golden/kicc_approved.txt");
pub(crate) const DECLINED: &str = include_str!("../golden/kicc_declined.txt");
pub(crate) const NET_CANCELLED: &str = include_str!("../golden/kicc_net_cancelled.txt");
pub(crate) const CANCELLED: &str = include_str!("../golden/kicc_partly_cancelled.txt");

/// A cancel of so much, of what KICC approved as [`APPROVED`] says.
fn cancel(total: u64) -> CancelOrder {
    let approval = match dialect("kicc").answer(&golden(APPROVED)).verdict {
        Verdict::Approved(approval) => approval,
        other => panic!("expected an approval, found {other:?}"),
    };
    CancelOrder { approval, ..cancel_order(request(), route(), "", amounts(total)) }
}

#[test]
fn an_approval_request_is_written_byte_for_byte() {
    let written = dialect("kicc").request(&request_order(request(), route()), &card(), now()).unwrap();
    assert_golden(&written.telegram, APPROVAL);
    assert_eq!(written.key, ReplyKind::Request.key(serial(42)));
}

#[test]
fn a_net_cancel_names_its_original_by_the_same_serial() {
    let order = net_cancel_order(request(), route(), None);
    let written = dialect("kicc").net_cancel(&order, Some(&card()), now()).unwrap();
    assert_golden(&written.telegram, NET_CANCEL);
    assert_eq!(written.key, ReplyKind::NetCancel.key(serial(42)));
    let again = dialect("kicc").net_cancel(&order, Some(&card()), next_day()).unwrap();
    assert_eq!((written.telegram, written.key), (again.telegram, again.key), "every try has one identity");
}

#[test]
fn a_net_cancel_carries_the_approval_number_where_known_and_no_card_where_it_is_not_kept() {
    let order = net_cancel_order(request(), route(), Some("30000001"));
    let written = dialect("kicc").net_cancel(&order, None, now()).unwrap();
    assert_golden(&written.telegram, NET_CANCEL_KNOWN);
}

#[test]
fn an_approval_number_that_does_not_fit_leaves_a_net_cancel_that_works_blind() {
    for number in ["", "3000000000001", "30000\u{7f}", " 30000001", "승인", "        "] {
        let order = net_cancel_order(request(), route(), Some(number));
        let written = dialect("kicc").net_cancel(&order, Some(&card()), now()).unwrap();
        assert_golden(&written.telegram, NET_CANCEL);
    }
}

#[test]
fn a_cancel_has_a_serial_of_its_own_and_names_the_approval_by_number_and_date() {
    let written = dialect("kicc").cancel(&cancel(50_000), Some(&card()), next_day()).unwrap();
    assert_golden(&written.telegram, CANCEL);
    assert_eq!(written.key, ReplyKind::Cancel.key(serial(77)));
}

#[test]
fn a_partial_cancel_differs_in_its_amounts_and_names_the_vans_number_where_the_card_is_not_kept() {
    let written = dialect("kicc").cancel(&cancel(20_000), None, next_day()).unwrap();
    assert_golden(&written.telegram, PARTIAL_CANCEL);
    let later = date(2026, 11, 7).at(23, 59, 59, 0);
    let again = dialect("kicc").cancel(&cancel(20_000), None, later).unwrap();
    assert_eq!((written.telegram, written.key), (again.telegram, again.key), "every try has one identity");
}

#[test]
fn the_originals_date_is_the_approvals_as_kicc_told_it_even_past_midnight() {
    let mut order = cancel(50_000);
    let told = Approval { approved_at: Some(date(2026, 11, 6).at(0, 0, 1, 0)), ..(*order.approval).clone() };
    order.approval = Arc::new(told);
    let written = dialect("kicc").cancel(&order, Some(&card()), next_day()).unwrap();
    assert_eq!(&written.telegram[221..227], b"261106");
    let silent = Approval { approved_at: None, ..(*order.approval).clone() };
    order.approval = Arc::new(silent);
    let written = dialect("kicc").cancel(&order, Some(&card()), next_day()).unwrap();
    assert_eq!(&written.telegram[221..227], b"261105", "the terminal's day");
}

#[test]
fn a_cancel_needs_an_approval_number_of_the_layouts_form() {
    for number in ["", "3000000000001", "30000\u{7f}", " 30000001", "승인", "   "] {
        let order = cancel_order(request(), route(), number, amounts(50_000));
        let written = dialect("kicc").cancel(&order, Some(&card()), next_day());
        assert_eq!(written.unwrap_err(), CannotExpress::ApprovalNo, "{number:?}");
    }
}

#[test]
fn the_total_is_told_by_its_parts_and_they_add_up_to_it() {
    let won = |won| Some(Won::new(won).unwrap());
    let table = [
        (50_000, None, None, None, ["000000045455", "000000000000", "000000004545"]),
        (50_000, won(0), None, None, ["000000050000", "000000000000", "000000000000"]),
        (50_000, None, won(6_000), None, ["000000040000", "000000006000", "000000004000"]),
        (50_000, None, None, won(17_000), ["000000047000", "000000000000", "000000003000"]),
        (50_000, won(1_000), won(2_000), won(3_000), ["000000047000", "000000002000", "000000001000"]),
        (999_999_999_999, None, None, None, ["909090909090", "000000000000", "090909090909"]),
    ];
    for (total, vat, service_charge, tax_free, parts) in table {
        let mut request = request();
        let total = Won::new(total).unwrap();
        request.amounts = Amounts::of_approval(total, vat, service_charge, tax_free).unwrap();
        let asked =
            dialect("kicc").request(&request_order(request.clone(), route()), &card(), now()).unwrap();
        let net_cancel = net_cancel_order(request.clone(), route(), None);
        let net_cancel = dialect("kicc").net_cancel(&net_cancel, None, now()).unwrap();
        let cancel = cancel_order(request.clone(), route(), "30000001", request.amounts);
        let cancel = dialect("kicc").cancel(&cancel, None, next_day()).unwrap();
        for written in [asked, net_cancel, cancel] {
            assert_eq!(written.telegram[173..209], *parts.concat().as_bytes());
        }
    }
}

#[test]
fn a_card_that_was_not_keyed_in_was_read() {
    let modes = [
        (EntryMode::Chip, "S"),
        (EntryMode::Swipe, "S"),
        (EntryMode::KeyIn, "K"),
        (EntryMode::Fallback, "S"),
        (EntryMode::Contactless, "S"),
        (EntryMode::QrCode, "S"),
    ];
    for (entry_mode, code) in modes {
        let mut request = request();
        request.entry_mode = entry_mode;
        let written = dialect("kicc").request(&request_order(request, route()), &card(), now()).unwrap();
        assert_eq!(&written.telegram[131..132], code.as_bytes(), "{entry_mode:?}");
    }
}

#[test]
fn the_greatest_values_of_every_field_are_written_whole() {
    let (mut request, mut route) = (request(), route());
    request.installment = 99;
    route.serial = serial(9_999_999_998);
    route.merchant.insert("terminal_id".into(), "A".repeat(10));
    let order = request_order(request, route);
    let telegram = dialect("kicc").request(&order, &card_of("9410123412341234567"), now()).unwrap().telegram;
    let fields: &[(usize, &str)] = &[
        (9, "AAAAAAAAAA"),
        (24, "039999999998"),
        (132, "9410123412341234567=2912             "),
        (169, "99"),
    ];
    for (at, content) in fields {
        assert_eq!(&telegram[*at..*at + content.len()], content.as_bytes(), "{at}");
    }
}

#[test]
fn what_the_layout_cannot_hold_is_never_cut() {
    let mut three_digits = request();
    three_digits.installment = 100;
    let mut long = route();
    long.merchant.insert("terminal_id".into(), "70055500012".into());
    let mut korean = route();
    korean.merchant.insert("terminal_id".into(), "단말기".into());
    for (request, route) in [(three_digits, route()), (request(), long), (request(), korean)] {
        let written = dialect("kicc").request(&request_order(request, route), &card(), now());
        assert!(
            matches!(written, Err(CannotExpress::Field(_) | CannotExpress::Value(_))),
            "expected a value that does not fit, found {written:?}"
        );
    }
    let mut before_2000 = request();
    before_2000.received_at = "1999-12-31T00:00:00Z".parse().unwrap();
    let order = net_cancel_order(before_2000, route(), None);
    let written = dialect("kicc").net_cancel(&order, None, now());
    assert!(matches!(written, Err(CannotExpress::Field(_))), "{written:?}");
}

/// What [`APPROVED`] says.
fn approval() -> Approval {
    Approval {
        approval_no: "30000001".into(),
        approved_at: Some(date(2026, 11, 5).at(13, 20, 32, 0)),
        van_trace: "VT2611050042".into(),
        issuer_code: "01".into(),
        issuer_name: "비씨카드".into(),
        acquirer_code: "02".into(),
        acquirer_merchant_no: "730012345".into(),
        host_code: "O".into(),
        message1: "정상승인 감사합니다".into(),
        message2: "포인트 500점 다음에 또".into(),
        ..Approval::default()
    }
}

#[test]
fn an_approval_carries_what_the_reply_says() {
    let answer = dialect("kicc").answer(&golden(APPROVED));
    assert_eq!(answer.amount, Some(Won::new(50_000).unwrap()));
    assert_eq!(answer.codes, HostCodes { issuer: None, van: Some("O".into()) });
    assert_eq!(answer.verdict, Verdict::Approved(approval().into()));
}

#[test]
fn what_the_switch_does_not_read_or_only_shows_voids_no_answer() {
    let kicc = dialect("kicc");
    // What is not read: a header that is not repeated, secrets, points to the right, anything in a text.
    let blank = " ".repeat(20);
    let unread = [
        (5, "9999"),
        (9, &blank[..15]),
        (36, "  "),
        (38, "\0\0"),
        (156, "?\u{7f}"),
        (180, " 3"),
        (305, "\0\0"),
    ];
    let unread = changed(APPROVED, &[&unread[..], &[(327, "         500"), (403, "\n\u{1}")]].concat());
    assert_eq!(kicc.fault(&unread), None);
    assert_eq!(kicc.answer(&unread).verdict, Verdict::Approved(approval().into()));
    // What is only shown: at the other side, ended by NUL, cut within a character.
    let shown = changed(APPROVED, &[(286, " 1"), (290, "      730012345"), (208, "A\0"), (285, "\0")]);
    let answer = kicc.answer(&shown);
    let expected =
        Approval {
            issuer_code: "1".into(), message1: "정상승인      A 감사합니다".into(), ..approval()
        };
    assert_eq!(answer.verdict, Verdict::Approved(expected.into()));
    for end in [210, 226, 242, 258, 286] {
        for telegram in [APPROVED, DECLINED, NET_CANCELLED, CANCELLED] {
            let mut cut = golden(telegram);
            cut[end - 1] = 0xb1;
            assert_eq!(kicc.fault(&cut), None, "{end}");
        }
    }
}

#[test]
fn a_reply_that_cannot_be_read_is_explained_by_field_and_rule_without_its_content() {
    let fault = dialect("kicc").fault(&changed(APPROVED, &[(182, "00000005000A")])).unwrap();
    let told = fault.to_string();
    assert!(told.contains("kicc-reply") && told.contains("total_amount"), "{told}");
}

#[test]
fn what_may_be_a_card_number_in_a_message_is_masked() {
    let cases = [
        ("9410123412341237", "no 941012341234 ", "**************** no 941012341234"),
        ("9410-1234-1234-1", "237 OK          ", "****-****-****-* *** OK"),
        ("9410 1234 1234 1", "no 237          ", "**** **** **** * no 237"),
        ("TEL 1588-1234   ", "OK              ", "TEL 1588-1234 OK"),
        ("9410123412      ", "341237          ", "********** ******"),
    ];
    for (first, second, expected) in cases {
        let answer = dialect("kicc").answer(&changed(APPROVED, &[(194, first), (210, second)]));
        let Verdict::Approved(approval) = answer.verdict else {
            panic!("expected an approval, found {answer:?}")
        };
        assert_eq!(approval.message1, expected);
    }
}

#[test]
fn an_approval_by_stand_in_is_an_approval() {
    let answer = dialect("kicc").answer(&changed(APPROVED, &[(143, "P")]));
    assert_eq!(answer.codes, HostCodes { issuer: None, van: Some("P".into()) });
    assert_eq!(answer.verdict, Verdict::Approved(Approval { host_code: "P".into(), ..approval() }.into()));
}

#[test]
fn a_decline_carries_its_code_and_the_reason() {
    let answer = dialect("kicc").answer(&golden(DECLINED));
    assert_eq!(answer.amount, Some(Won::new(50_000).unwrap()));
    assert_eq!(answer.codes, HostCodes { issuer: None, van: Some("8035".into()) });
    let Verdict::Declined(decline) = answer.verdict else { panic!("expected a decline, found {answer:?}") };
    assert_eq!((decline.code.as_str(), decline.host_code.as_str()), ("8035", "8035"));
    assert_eq!((decline.message1.as_str(), decline.message2.as_str()), ("잔액부족 카드사 문의", ""));
}

#[test]
fn what_stands_in_a_codes_place_and_is_none_is_not_kept() {
    for number in ["80350", "941012341234"] {
        let number = format!("{number:12}");
        let codes = HostCodes { issuer: None, van: Some("X".into()) };
        let answer = dialect("kicc").answer(&changed(DECLINED, &[(258, &number)]));
        assert_eq!((answer.verdict, answer.codes), (Verdict::InDoubt, codes.clone()));
        let refused = [(143, "X"), (258, number.as_str())];
        let answer = dialect("kicc").net_cancel_answer(&changed(NET_CANCELLED, &refused));
        assert_eq!((answer.verdict, answer.codes), (NetCancelVerdict::TryAgain, codes.clone()));
        let answer = dialect("kicc").cancel_answer(&changed(CANCELLED, &refused));
        assert_eq!((answer.verdict, answer.codes), (CancelVerdict::InDoubt, codes));
    }
}

#[test]
fn an_approval_without_a_number_or_an_amount_is_in_doubt() {
    let blank = " ".repeat(12);
    for at in [258, 182] {
        for status in ["O", "P"] {
            let answer = dialect("kicc").answer(&changed(APPROVED, &[(at, &blank), (143, status)]));
            assert_eq!(answer.verdict, Verdict::InDoubt, "{at} {status}");
        }
    }
    let answer = dialect("kicc").cancel_answer(&changed(CANCELLED, &[(182, &blank)]));
    assert_eq!((answer.amount, answer.verdict), (None, CancelVerdict::InDoubt));
}

#[test]
fn a_decline_needs_no_amount() {
    let answer = dialect("kicc").answer(&changed(DECLINED, &[(180, "  "), (182, &" ".repeat(12))]));
    assert_eq!(answer.amount, None);
    assert!(matches!(answer.verdict, Verdict::Declined(_)), "{answer:?}");
}

#[test]
fn a_cancel_says_its_own_number_and_time() {
    let expected = CancelAnswer {
        amount: Some(Won::new(20_000).unwrap()),
        codes: HostCodes { issuer: None, van: Some("O".into()) },
        verdict: CancelVerdict::Accepted(Arc::new(Approval {
            approval_no: "30000009".into(),
            approved_at: Some(date(2026, 11, 6).at(9, 0, 1, 0)),
            van_trace: "VT2611060077".into(),
            message1: "취소완료".into(),
            message2: String::new(),
            ..approval()
        })),
    };
    assert_eq!(dialect("kicc").cancel_answer(&golden(CANCELLED)), expected);
}

#[test]
fn the_amount_of_an_answer_is_told_as_it_stands() {
    let amount = Some(Won::new(50_001).unwrap());
    for telegram in [APPROVED, DECLINED] {
        assert_eq!(dialect("kicc").answer(&changed(telegram, &[(182, "000000050001")])).amount, amount);
    }
    let answer = dialect("kicc").cancel_answer(&changed(CANCELLED, &[(182, "000000050001")]));
    assert_eq!(answer.amount, amount);
}

#[test]
fn an_answer_of_another_type_is_never_taken() {
    for kind in ["1010", "1050", "1060", "1012", "0000", "1111"] {
        check_untaken(&changed(APPROVED, &[(127, kind)]));
    }
    let (approved, net_cancelled, cancelled) = (golden(APPROVED), golden(NET_CANCELLED), golden(CANCELLED));
    for telegram in [&net_cancelled, &cancelled] {
        assert_eq!(dialect("kicc").answer(telegram).verdict, Verdict::InDoubt);
    }
    for telegram in [&approved, &cancelled] {
        assert_eq!(dialect("kicc").net_cancel_answer(telegram).verdict, NetCancelVerdict::TryAgain);
    }
    for telegram in [&approved, &net_cancelled] {
        assert_eq!(dialect("kicc").cancel_answer(telegram).verdict, CancelVerdict::InDoubt);
    }
}

#[test]
fn an_answer_that_cannot_be_read_is_in_doubt_and_settles_nothing() {
    for golden_text in [APPROVED, NET_CANCELLED, CANCELLED] {
        check_untaken(&golden(golden_text)[..464]);
        check_untaken(&[golden(golden_text), b" ".to_vec()].concat());
        for (at, content) in [
            (0, "0534"),
            (4, "2"),
            (4, " "),
            (127, "10 1"),
            (144, "261399000000"),
            (144, "261105250000"),
            (182, "00000005000A"),
            (182, "       50000"),
        ] {
            check_untaken(&changed(golden_text, &[(at, content)]));
        }
    }
    check_untaken(b"");
}

#[track_caller]
fn check_untaken(telegram: &[u8]) {
    let kicc = dialect("kicc");
    let answer = kicc.answer(telegram);
    assert_eq!((answer.amount, answer.verdict), (None, Verdict::InDoubt));
    assert_eq!(answer.codes, HostCodes::default());
    assert_eq!(kicc.net_cancel_answer(telegram).verdict, NetCancelVerdict::TryAgain);
    let answer = kicc.cancel_answer(telegram);
    assert_eq!((answer.amount, answer.verdict), (None, CancelVerdict::InDoubt));
}

#[test]
fn the_key_of_an_answer_is_its_kind_and_the_serial_it_names() {
    let key_of = dialect("kicc").profile().key_of;
    let table = [
        (APPROVED, ReplyKind::Request, 42),
        (DECLINED, ReplyKind::Request, 42),
        (NET_CANCELLED, ReplyKind::NetCancel, 42),
        (CANCELLED, ReplyKind::Cancel, 77),
    ];
    for (telegram, kind, count) in table {
        assert_eq!(key_of(&golden(telegram)), Some(kind.key(serial(count))));
    }
    for (at, content) in [(127, "1010"), (127, "1050"), (127, "1060"), (127, "9999")] {
        assert_eq!(key_of(&changed(APPROVED, &[(at, content)])), None, "{at} {content}");
    }
    // One that is encrypted is ours all the same, and in doubt at once.
    assert_eq!(key_of(&changed(APPROVED, &[(4, "2")])), Some(ReplyKind::Request.key(serial(42))));
    for number in ["            ", "+30000000042", "30000000042 ", "92000000000A", "920000000000"] {
        assert_eq!(key_of(&changed(APPROVED, &[(24, number)])), None, "{number}");
    }
    assert_eq!(key_of(&golden(APPROVED)[..130]), None);
}

#[test]
fn its_sockets_are_multiplexed_and_its_frame_is_the_telegrams_own_length() {
    let profile = dialect("kicc").profile();
    assert_eq!((profile.mode, profile.frame.framing), (Mode::Multiplexed, Framing::Ascii4));
    assert!(profile.frame.length_in_telegram);
    let mut socket = bytes::BytesMut::new();
    for telegram in [APPROVAL, NET_CANCEL, CANCEL, APPROVED] {
        let telegram = golden(telegram);
        profile.frame.encode(&telegram, &mut socket).unwrap();
        assert_eq!(profile.frame.decode(&mut socket).unwrap().unwrap(), telegram);
    }
    assert!(socket.is_empty());
}
