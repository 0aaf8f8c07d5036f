//! The front desk: what becomes of a terminal's telegram.

use std::collections::BTreeSet;

use desk::Asker;
use dialects::terminal;
use jiff::{SignedDuration, civil::DateTime};
use payment::{
    CardFacts, CardNumber, ContentDigest, Question, Reason, Request, ResponseCode, SealedCard, Sum,
    TelegramKind, Totals, Won,
};
use store::Note;
use switch::{
    admission::Admission,
    clock::{Clock, korea_now},
    config::DuplicateField,
    exchange::TotalsRequest,
    front::{Admitted, admit},
    vault::Vault,
};

use crate::sample::{SAMPLE, config, vault, with};

const CARD: &str = "9410123412341237";

/// A 0100 of the sample's terminal, sent at that time.
fn telegram(sent_at: DateTime) -> Vec<u8> {
    let mut telegram = vec![b' '; 728];
    let sent_at = sent_at.strftime("%Y%m%d%H%M%S").to_string();
    for (at, content) in [
        (0, "0100011000000001".to_owned() + "1208800001" + "000123" + &sent_at + "000"),
        (60, "I94101234".to_owned()),
        (69, format!("{CARD}=2912")),
        (360, "00410000000010000".to_owned()),
        (413, "000".to_owned()),
    ] {
        telegram[at..at + content.len()].copy_from_slice(content.as_bytes());
    }
    telegram
}

/// Every type of telegram of the sample's terminal, sent at that time.
fn every_type(sent_at: DateTime) -> [Vec<u8>; 7] {
    let original_date = sent_at.strftime("%Y%m%d").to_string();
    let named = format!("000122{original_date}");
    let of = |kind: &str, length: usize, content: &[(usize, String)]| {
        let mut telegram = telegram(sent_at);
        telegram[..4].copy_from_slice(kind.as_bytes());
        telegram[60..].fill(b' ');
        telegram.truncate(length);
        for (at, content) in content {
            telegram[*at..at + content.len()].copy_from_slice(content.as_bytes());
        }
        telegram
    };
    [
        telegram(sent_at),
        of("0120", 86, &[(60, format!("{named}A1234567"))]),
        of("0300", 74, &[(60, named.clone())]),
        of(
            "0400",
            476,
            &[
                (60, "I94101234".to_owned()),
                (69, format!("{CARD}=2912")),
                (360, "A1234567".to_owned()),
                (372, format!("{original_date}000122000000005000")),
                (434, "02ORDER 7".to_owned()),
            ],
        ),
        of("0420", 100, &[(60, format!("{named}000000010000")), (98, "04".to_owned())]),
        of(
            "0500",
            122,
            &[(60, format!("{original_date}000003000000030000000001000000005000000000000000000000"))],
        ),
        of("0800", 127, &[(60, "301PING 7".to_owned())]),
    ]
}

/// The latest one of that type.
pub(crate) fn now_of(kind: &str) -> Vec<u8> {
    let found = every_type(korea_now()).into_iter().find(|telegram| telegram.starts_with(kind.as_bytes()));
    found.unwrap_or_else(|| panic!("no telegram {kind}"))
}

fn admitted(telegram: &[u8], vault: &Vault) -> Admitted {
    let config = config(SAMPLE);
    admit(
        telegram,
        Asker(1),
        &config.listeners["terminals"],
        &config,
        vault,
        &Admission::default(),
        &Clock::start(),
    )
}

fn asked(telegram: &[u8], vault: &Vault) -> (Request, Option<SealedCard>) {
    match admitted(telegram, vault) {
        Admitted::Ask { question: Question::Approval(request), card, .. } => ((*request).clone(), card),
        other => panic!("expected an approval request, found {other:?}"),
    }
}

/// What a telegram that is no approval request asks of a payment.
fn question(telegram: &[u8], vault: &Vault) -> Question {
    match admitted(telegram, vault) {
        Admitted::Ask { question, card: None, duplicate: None } => question,
        other => panic!("expected a question, found {other:?}"),
    }
}

#[track_caller]
fn assert_refused(telegram: &[u8], code: ResponseCode, why: &str) {
    let (_folder, vault) = vault();
    match admitted(telegram, &vault) {
        Admitted::Refused { reply, note } => {
            assert_eq!(&reply[49..53], code.as_str().as_bytes());
            assert_eq!((&reply[..2], reply[2], reply[3]), (&telegram[..2], telegram[2] + 1, telegram[3]));
            match note {
                Note::Refused {
                    code: noted, why: noted_why, telegram_type, terminal_id, trace_no, ..
                } => {
                    assert_eq!((noted, noted_why.as_str()), (code, why));
                    assert_eq!(telegram_type.as_bytes(), &telegram[..4]);
                    let mut kept = telegram[6..16].trim_ascii().to_vec();
                    // An id nobody configured may be a part of a card number.
                    if kept != b"1000000001" {
                        kept[6..].fill(b'*');
                    }
                    assert_eq!((terminal_id.as_bytes(), trace_no.as_str()), (&kept[..], "000123"));
                }
                other @ (Note::RefusedMany { .. }
                | Note::UnknownAnswer { .. }
                | Note::Alarm { .. }
                | Note::SwitchAlarm { .. }
                | Note::Network { .. }) => {
                    panic!("expected a refusal, found {other:?}")
                }
            }
        }
        other => panic!("expected a refusal, found {other:?}"),
    }
}

fn changed(at: usize, content: &str) -> Vec<u8> {
    let mut telegram = telegram(korea_now());
    telegram[at..at + content.len()].copy_from_slice(content.as_bytes());
    telegram
}

#[test]
fn an_approval_request_is_admitted_with_its_card_sealed() {
    let (_folder, vault) = vault();
    let (request, sealed) = asked(&telegram(korea_now()), &vault);
    let card = vault.open(&request.key, &sealed.unwrap()).unwrap();
    assert_eq!((card.number.expose(), card.expiry.expose()), (CARD, "2912"));
    match &request.card {
        CardFacts::Number { bin, masked, fingerprint } => {
            assert_eq!((bin.as_str(), masked.as_str()), ("94101234", "941012******1237"));
            assert_eq!(*fingerprint, vault.fingerprint(&card.number));
        }
        CardFacts::Opaque { .. } | CardFacts::Unseen => panic!("the card is in the clear"),
    }
    assert!(!format!("{request:?}").contains("01234123"), "the card number is not in the request");
}

#[test]
fn an_opaque_card_is_admitted_without_anything_sealed() {
    let (_folder, vault) = vault();
    let mut telegram = changed(69, "                                     ");
    telegram[106..110].copy_from_slice(b"\xde\xad\xbe\xef");
    let (request, sealed) = asked(&telegram, &vault);
    assert_eq!(sealed, None);
    assert!(matches!(&request.card, CardFacts::Opaque { bin } if bin.as_str() == "94101234"));
}

#[test]
fn the_same_telegram_has_the_same_digest_and_no_other_has() {
    let (_folder, vault) = vault();
    let now = korea_now();
    let digest = |telegram: &[u8]| asked(telegram, &vault).0.digest;
    let first: ContentDigest = digest(&telegram(now));
    assert_eq!(first, digest(&telegram(now)));
    for (at, byte) in [(60, b'S'), (73, b'9'), (361, b'3'), (376, b'1'), (727, b'x'), (416, 0)] {
        let mut other = telegram(now);
        other[at] = byte;
        assert_ne!(first, digest(&other), "byte {at}");
    }
    let mut with_pin = telegram(now);
    with_pin[672..688].fill(0xab);
    assert_eq!(first, digest(&with_pin), "a PIN block leaves no trace");
}

#[test]
fn a_terminal_or_merchant_nobody_knows_is_refused_whatever_it_sends() {
    let unknown = ResponseCode::UNKNOWN_TERMINAL;
    for telegram in every_type(korea_now()) {
        let changed = |at: usize, content: &str| {
            let mut changed = telegram.clone();
            changed[at..at + content.len()].copy_from_slice(content.as_bytes());
            changed
        };
        assert_refused(&changed(6, "1000000002"), unknown, "the terminal is not configured");
        assert_refused(&changed(6, "100000000 "), unknown, "the terminal is not configured");
        assert_refused(&changed(16, "1208800002"), unknown, "the terminal belongs to another merchant");
    }
}

#[test]
fn a_clock_too_far_off_either_way_is_refused_but_for_an_0800() {
    let (_folder, vault) = vault();
    let is_network = |telegram: &[u8]| telegram.starts_with(b"0800");
    for minutes in [-29, -1, 0, 1, 29] {
        for telegram in every_type(korea_now() + SignedDuration::from_mins(minutes)) {
            let admitted = admitted(&telegram, &vault);
            let taken =
                matches!(admitted, Admitted::Ask { .. } | Admitted::Totals(_) | Admitted::Reply { .. });
            assert!(taken, "{minutes} {admitted:?}");
        }
    }
    for minutes in [-31, 31, -60 * 24, 60 * 24 * 365] {
        for telegram in every_type(korea_now() + SignedDuration::from_mins(minutes)) {
            let why = "sent_at is too far from the switch's clock";
            if is_network(&telegram) {
                assert!(matches!(admitted(&telegram, &vault), Admitted::Reply { .. }));
            } else {
                assert_refused(&telegram, ResponseCode::CLOCK_TOO_FAR_OFF, why);
            }
        }
    }
    let mut first_day = telegram(korea_now());
    first_day[32..46].copy_from_slice(b"00010101000000");
    assert_refused(&first_day, ResponseCode::CLOCK_TOO_FAR_OFF, "sent_at is too far from the switch's clock");
}

#[test]
fn a_terminal_whose_clock_was_reset_gets_the_time_by_an_0800() {
    let (_folder, vault) = vault();
    let mut opening = now_of("0800");
    opening[32..46].copy_from_slice(b"20000101000000");
    opening[60..63].copy_from_slice(b"001");
    match admitted(&opening, &vault) {
        Admitted::Reply { reply, .. } => {
            let told = str::from_utf8(&reply[32..46]).unwrap();
            let told = DateTime::strptime("%Y%m%d%H%M%S", told).unwrap();
            assert!(korea_now().duration_since(told).abs() < SignedDuration::from_secs(5), "{told}");
        }
        other => panic!("expected an answer, found {other:?}"),
    }
}

#[test]
fn merchant_data_with_the_card_number_in_it_is_refused() {
    let why = "merchant_data: expected no card number";
    assert_refused(&changed(688, &format!("ORDER {CARD}")), ResponseCode::FORMAT_ERROR, why);
    let (_folder, vault) = vault();
    asked(&changed(688, "ORDER 9410123412341230"), &vault);

    let mut cancel = now_of("0400");
    cancel[436..452].copy_from_slice(CARD.as_bytes());
    assert_refused(&cancel, ResponseCode::FORMAT_ERROR, why);
    cancel[451] = b'0';
    question(&cancel, &vault);
}

#[test]
fn a_wrong_field_is_refused_with_its_name() {
    let why = "terminal-0100 field \"total_amount\" (거래금액) at 365..377: expected 12 digits, found \"       10000\"";
    assert_refused(&changed(365, "       10000"), ResponseCode::FORMAT_ERROR, why);
}

#[test]
fn openings_closings_and_echoes_are_answered_at_once_and_all_but_echoes_are_noted() {
    let (_folder, vault) = vault();
    for (function, is_noted) in [("001", true), ("003", true), ("301", false)] {
        let mut telegram = now_of("0800");
        telegram[60..63].copy_from_slice(function.as_bytes());
        match admitted(&telegram, &vault) {
            Admitted::Reply { reply, terminal, note } => {
                assert_eq!(terminal.as_str(), "1000000001");
                assert_eq!((&reply[..4], &reply[49..53]), (&b"0810"[..], &b"0000"[..]));
                assert_eq!((&reply[60..63], &reply[63..69]), (function.as_bytes(), &b"PING 7"[..]));
                match note {
                    Some(Note::Network { terminal_id, function: noted, .. }) => {
                        assert_eq!((terminal_id.as_str(), noted.as_str()), ("1000000001", function));
                        assert!(is_noted);
                    }
                    other => assert!(other.is_none() && !is_noted, "{function} {other:?}"),
                }
            }
            other => panic!("expected an answer, found {other:?}"),
        }
    }
    let mut keys = now_of("0800");
    keys[60..63].copy_from_slice(b"002");
    match admitted(&keys, &vault) {
        Admitted::Refused { reply, .. } => assert_eq!(&reply[49..53], b"9001"),
        other => panic!("expected a refusal, found {other:?}"),
    }
}

#[test]
fn a_cancel_is_admitted_with_its_card_as_a_fingerprint_alone() {
    let (_folder, vault) = vault();
    let telegram = now_of("0400");
    let Question::Cancel(cancel) = question(&telegram, &vault) else { panic!("it is a cancel") };
    assert_eq!((cancel.key.kind, cancel.key.trace_no.get()), (TelegramKind::Cancel, 123));
    assert_eq!((cancel.original.kind, cancel.original.trace_no.get()), (TelegramKind::Approval, 122));
    assert_eq!(
        (cancel.key.terminal, cancel.key.business_date),
        (cancel.original.terminal, cancel.sent_at.date())
    );
    assert_eq!((cancel.approval_no.as_deref(), cancel.merchant.as_str()), (Some("A1234567"), "1208800001"));
    assert_eq!((cancel.amounts.total, cancel.amounts.vat), (Won::new(5_000).unwrap(), None));
    assert_eq!((cancel.reason, cancel.merchant_data.as_slice()), (Reason::Customer, &b"ORDER 7"[..]));
    let fingerprint = vault.fingerprint(&CardNumber::new(CARD).unwrap());
    assert_eq!(cancel.card, Some(fingerprint), "the same as its original's");
    let mut without_card = telegram.clone();
    without_card[69..106].fill(b' ');
    let Question::Cancel(bare) = question(&without_card, &vault) else { panic!("it is a cancel") };
    assert_eq!(bare.card, None);
    assert_ne!(bare.digest, cancel.digest);
}

#[test]
fn every_byte_of_a_cancel_or_net_cancel_is_in_its_digest() {
    let (_folder, vault) = vault();
    let digest = |telegram: &[u8]| match question(telegram, &vault) {
        Question::Cancel(cancel) => cancel.digest,
        Question::NetCancel(net_cancel) => net_cancel.digest,
        other => panic!("expected a cancel, found {other:?}"),
    };
    let (cancel, net_cancel) = (now_of("0400"), now_of("0420"));
    for (telegram, changes) in [
        (
            cancel,
            vec![
                (60, b'S'),
                (73, b'9'),
                (110, 7),
                (360, b'B'),
                (397, b'1'),
                (409, b'1'),
                (435, b'1'),
                (475, b'x'),
            ],
        ),
        (net_cancel, vec![(65, b'3'), (85, b'1'), (86, b'A'), (99, b'1')]),
    ] {
        assert_eq!(digest(&telegram), digest(&telegram.clone()));
        for (at, byte) in changes {
            let mut other = telegram.clone();
            other[at] = byte;
            if at == 409 {
                other[398..410].copy_from_slice(b"000000000001");
            }
            assert_ne!(digest(&telegram), digest(&other), "byte {at}");
        }
    }
}

#[test]
fn net_cancels_acknowledgements_and_inquiries_name_their_original() {
    let (_folder, vault) = vault();
    let Question::NetCancel(net_cancel) = question(&now_of("0420"), &vault) else {
        panic!("it is a net-cancel")
    };
    assert_eq!((net_cancel.total, net_cancel.reason), (Won::new(10_000).unwrap(), Reason::PowerFailure));
    assert_eq!(net_cancel.approval_no, None);
    let Question::Acknowledgement(acknowledgement) = question(&now_of("0120"), &vault) else {
        panic!("it is an acknowledgement")
    };
    assert_eq!(acknowledgement.approval_no.as_deref(), Some("A1234567"));
    let Question::Inquiry(inquiry) = question(&now_of("0300"), &vault) else { panic!("it is an inquiry") };
    for reference in [&net_cancel.reference, &acknowledgement.reference, &*inquiry] {
        assert_eq!(
            (reference.original.kind, reference.original.trace_no.get()),
            (TelegramKind::Approval, 122)
        );
        assert_eq!(reference.original.terminal.as_str(), "1000000001");
        assert_eq!(reference.original.business_date, reference.sent_at.date());
        assert_eq!((reference.trace_no.get(), reference.merchant.as_str()), (123, "1208800001"));
    }
}

#[test]
fn totals_are_asked_for_with_what_the_terminal_counted() {
    let (_folder, vault) = vault();
    match admitted(&now_of("0500"), &vault) {
        Admitted::Totals(TotalsRequest { envelope, terminal, business_date, claimed, .. }) => {
            assert_eq!((envelope.trace_no.as_str(), terminal.as_str()), ("000123", "1000000001"));
            assert!(korea_now().date().duration_since(business_date).abs() <= SignedDuration::from_hours(24));
            let sum = |count, amount| Sum { count, amount };
            let expected =
                Totals { approvals: sum(3, 30_000), cancels: sum(1, 5_000), net_cancels: sum(0, 0) };
            assert_eq!(claimed, expected);
        }
        other => panic!("expected totals, found {other:?}"),
    }
}

#[test]
fn an_approval_has_the_duplicate_key_of_the_configured_fields() {
    let (_folder, vault) = vault();
    let telegram = telegram(korea_now());
    let fields = BTreeSet::from([DuplicateField::Terminal, DuplicateField::Amount, DuplicateField::Card]);
    let duplicate = |telegram: &[u8], text: &str| {
        let config = config(text);
        match admit(
            telegram,
            Asker(1),
            &config.listeners["terminals"],
            &config,
            &vault,
            &Admission::default(),
            &Clock::start(),
        ) {
            Admitted::Ask { question: Question::Approval(request), duplicate, .. } => (request, duplicate),
            other => panic!("expected an approval request, found {other:?}"),
        }
    };
    let (request, found) = duplicate(&telegram, SAMPLE);
    assert_eq!(found, vault.duplicate_key(&fields, &request));
    assert!(found.is_some());
    let section = "[duplicates]\nwindow_ms = 1500\nfingerprint = [\"terminal\", \"amount\", \"card\"]\n";
    assert_eq!(duplicate(&telegram, &with(section, "")).1, None, "nobody watches");
    let mut opaque = telegram;
    opaque[69..106].fill(b' ');
    opaque[106] = 0xde;
    assert_eq!(duplicate(&opaque, SAMPLE).1, None, "it cannot be told from others");
}

#[test]
fn no_card_number_is_shown_of_what_is_admitted_or_refused() {
    let (_folder, vault) = vault();
    for telegram in every_type(korea_now()) {
        let mut slipped = telegram.clone();
        slipped.remove(58);
        slipped.push(b' ');
        for telegram in [telegram, slipped] {
            let shown = format!("{:?}", admitted(&telegram, &vault));
            assert!(!shown.contains(CARD) && !shown.contains(&CARD[6..]), "{shown}");
        }
    }
}

#[test]
fn only_what_no_answer_could_match_closes_the_socket() {
    let (_folder, vault) = vault();
    for telegram in [Vec::new(), vec![0xff; 728], changed(0, "01X0"), changed(26, "00012X"), b"0100".to_vec()]
    {
        assert!(matches!(admitted(&telegram, &vault), Admitted::Close { .. }));
    }
    assert_eq!(terminal::MIN_LENGTH, 60);
}
