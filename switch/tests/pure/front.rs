//! The front desk: what becomes of a terminal's telegram.

use dialects::terminal;
use jiff::{SignedDuration, civil::DateTime};
use payment::{CardFacts, ContentDigest, Request, ResponseCode, SealedCard};
use store::Note;
use switch::{
    clock::{Clock, korea_now},
    front::{Admitted, admit},
    vault::Vault,
};

use crate::sample::{SAMPLE, config, vault};

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

fn admitted(telegram: &[u8], vault: &Vault) -> Admitted {
    let config = config(SAMPLE);
    admit(telegram, &config.listeners["terminals"], &config, vault, &Clock::start())
}

fn asked(telegram: &[u8], vault: &Vault) -> (Request, Option<SealedCard>) {
    match admitted(telegram, vault) {
        Admitted::Ask { request, card } => ((*request).clone(), card),
        other => panic!("expected an approval request, found {other:?}"),
    }
}

#[track_caller]
fn assert_refused(telegram: &[u8], code: ResponseCode, why: &str) {
    let (_folder, vault) = vault();
    match admitted(telegram, &vault) {
        Admitted::Refused { reply, note } => {
            assert_eq!(&reply[49..53], code.as_str().as_bytes());
            match note {
                Note::Refused { code: noted, why: noted_why, terminal_id, trace_no, .. } => {
                    assert_eq!((noted, noted_why.as_str()), (code, why));
                    let mut kept = telegram[6..16].trim_ascii().to_vec();
                    // An id nobody configured may be a part of a card number.
                    if kept != b"1000000001" {
                        kept[6..].fill(b'*');
                    }
                    assert_eq!((terminal_id.as_bytes(), trace_no.as_str()), (&kept[..], "000123"));
                }
                other @ Note::UnknownAnswer { .. } => panic!("expected a refusal, found {other:?}"),
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
        CardFacts::Opaque { .. } => panic!("the card is in the clear"),
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
fn a_terminal_or_merchant_nobody_knows_is_refused() {
    let unknown = ResponseCode::UNKNOWN_TERMINAL;
    assert_refused(&changed(6, "1000000002"), unknown, "the terminal is not configured");
    assert_refused(&changed(6, "100000000 "), unknown, "the terminal is not configured");
    assert_refused(&changed(16, "1208800002"), unknown, "the terminal belongs to another merchant");
}

#[test]
fn a_clock_too_far_off_either_way_is_refused() {
    let (_folder, vault) = vault();
    for minutes in [-29, -1, 0, 1, 29] {
        asked(&telegram(korea_now() + SignedDuration::from_mins(minutes)), &vault);
    }
    for minutes in [-31, 31, -60 * 24, 60 * 24 * 365] {
        let telegram = telegram(korea_now() + SignedDuration::from_mins(minutes));
        let why = "sent_at is too far from the switch's clock";
        assert_refused(&telegram, ResponseCode::CLOCK_TOO_FAR_OFF, why);
    }
    let mut first_day = telegram(korea_now());
    first_day[32..46].copy_from_slice(b"00010101000000");
    assert_refused(&first_day, ResponseCode::CLOCK_TOO_FAR_OFF, "sent_at is too far from the switch's clock");
}

#[test]
fn merchant_data_with_the_card_number_in_it_is_refused() {
    let why = "merchant_data: expected no card number";
    assert_refused(&changed(688, &format!("ORDER {CARD}")), ResponseCode::FORMAT_ERROR, why);
    let (_folder, vault) = vault();
    asked(&changed(688, "ORDER 9410123412341230"), &vault);
}

#[test]
fn a_wrong_field_is_refused_with_its_name() {
    let why = "terminal-0100 field \"total_amount\" (거래금액) at 365..377: expected 12 digits, found \"       10000\"";
    assert_refused(&changed(365, "       10000"), ResponseCode::FORMAT_ERROR, why);
}

#[test]
fn an_echo_is_answered_at_once_and_only_to_who_is_known() {
    let (_folder, vault) = vault();
    let mut echo = telegram(korea_now());
    echo.truncate(127);
    echo[..4].copy_from_slice(b"0800");
    echo[60..127].fill(b' ');
    echo[60..69].copy_from_slice(b"301PING 7");
    match admitted(&echo, &vault) {
        Admitted::Reply(reply) => {
            assert_eq!(
                (&reply[..4], &reply[49..53], &reply[60..69]),
                (&b"0810"[..], &b"0000"[..], &b"301PING 7"[..])
            );
        }
        other => panic!("expected an answer, found {other:?}"),
    }
    echo[15] = b'2';
    assert_refused(&echo, ResponseCode::UNKNOWN_TERMINAL, "the terminal is not configured");
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
