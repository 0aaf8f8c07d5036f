//! The card company's layout of 450 bytes.

use std::collections::BTreeMap;

use acquirer_links::Mode;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use codec::frame::LengthPad;
use dialects::{CannotExpress, Dialect, ReplyKind};
use jiff::civil::date;
use payment::{Approval, HostCodes, NetCancelVerdict, Verdict, Won};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::{
    golden::{assert_golden, changed, golden},
    order::{
        CARD, amounts, card, card_of, dialect, net_cancel_order, now, request, request_order, route, serial,
    },
};

const PAYMENT: &str = include_str!("../golden/card450_payment.txt");
const CANCEL: &str = include_str!("../golden/card450_cancel.txt");
pub(crate) const APPROVED: &str = include_str!("../golden/card450_approved.txt");
pub(crate) const CANCELLED: &str = include_str!("../golden/card450_cancelled.txt");
/// Where the encrypted card stands.
const BLOCK: std::ops::Range<usize> = 103..403;

#[test]
fn a_payment_is_written_byte_for_byte() {
    let written = dialect("card450").request(&request_order(request(), route()), &card(), now()).unwrap();
    assert_golden(&without_block(&written.telegram), PAYMENT);
    assert_eq!(written.key, ReplyKind::Request.key(serial(42)));
}

#[test]
fn a_net_cancel_has_a_number_of_its_own_and_names_the_lost_request() {
    let order = net_cancel_order(request(), route(), None);
    let written = dialect("card450").net_cancel(&order, None, now()).unwrap();
    assert_golden(&written.telegram, CANCEL);
    assert_eq!(written.key, ReplyKind::Cancel.key(serial(43)));
    let again = dialect("card450").net_cancel(&order, None, date(2026, 11, 6).at(0, 0, 0, 0)).unwrap();
    assert_eq!((written.telegram, written.key), (again.telegram, again.key));
}

#[test]
fn the_card_is_encrypted_for_the_card_company_alone() {
    let key = [9; 32];
    let params = BTreeMap::from([("card_key".to_owned(), STANDARD.encode(key))]);
    let card450 = Dialect::new("card450", &params).unwrap();
    let order = request_order(request(), route());
    let open = |telegram: &[u8]| {
        let block = str::from_utf8(&telegram[BLOCK]).unwrap().trim_end();
        let mut block = STANDARD.decode(block).unwrap();
        let (nonce, text) = block.split_at_mut(12);
        let nonce = Nonce::try_assume_unique_for_key(nonce).unwrap();
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).unwrap());
        String::from_utf8(key.open_in_place(nonce, Aad::empty(), text).unwrap().to_vec()).unwrap()
    };
    let first = card450.request(&order, &card(), now()).unwrap().telegram;
    assert_eq!(open(&first), format!("{CARD}|1229|"));
    let again = card450.request(&order, &card(), now()).unwrap().telegram;
    assert_ne!(first[BLOCK], again[BLOCK], "a nonce is used once");
    let longest = card450.request(&order, &card_of("9410123412341234567"), now()).unwrap().telegram;
    assert_eq!(open(&longest), "9410123412341234567|1229|");
}

#[test]
fn an_amount_of_ten_digits_is_carried_and_one_of_eleven_is_no_route() {
    let mut request = request();
    request.amounts = amounts(9_999_999_999);
    assert_eq!(dialect("card450").can_carry(&request), Ok(()));
    let written = dialect("card450").request(&request_order(request.clone(), route()), &card(), now());
    assert_eq!(&written.unwrap().telegram[63..83], b"99999999990909090909");
    request.amounts = amounts(10_000_000_000);
    assert_eq!(dialect("card450").can_carry(&request), Err(CannotExpress::AmountTooLarge));
    let written = dialect("card450").request(&request_order(request, route()), &card(), now());
    assert!(matches!(written, Err(CannotExpress::Field(_))), "{written:?}");
}

#[test]
fn an_approval_carries_the_card_companys_transaction() {
    let answer = dialect("card450").answer(&golden(APPROVED));
    assert_eq!(answer.amount, Some(Won::new(50_000).unwrap()));
    assert_eq!(answer.codes, HostCodes { issuer: Some("0000".into()), van: None });
    let approval = Approval {
        approval_no: "105000000077".into(),
        approved_at: Some(date(2026, 11, 5).at(13, 20, 33, 0)),
        van_trace: "TID20261105000000077".into(),
        host_code: "0000".into(),
        ..Approval::default()
    };
    assert_eq!(answer.verdict, Verdict::Approved(approval.into()));
}

#[test]
fn an_answer_of_the_other_kind_is_never_taken() {
    for kind in ["CANCEL    ", "          ", "PAYMENTS  "] {
        let answer = dialect("card450").answer(&changed(APPROVED, &[(4, kind)]));
        assert_eq!(answer.verdict, Verdict::InDoubt, "{kind}");
    }
    let answer = dialect("card450").net_cancel_answer(&changed(CANCELLED, &[(4, "PAYMENT   ")]));
    assert_eq!(answer.verdict, NetCancelVerdict::TryAgain);
}

#[test]
fn an_answer_that_cannot_be_read_is_in_doubt_and_settles_nothing() {
    let unreadable = [
        Vec::new(),
        golden(APPROVED)[..449].to_vec(),
        changed(APPROVED, &[(0, "0446")]),
        changed(APPROVED, &[(63, "          ")]),
        changed(APPROVED, &[(63, "     5000O")]),
        changed(APPROVED, &[(427, "20261305000000")]),
    ];
    for telegram in unreadable {
        let answer = dialect("card450").answer(&telegram);
        assert_eq!((answer.amount, answer.verdict), (None, Verdict::InDoubt));
        let answer = dialect("card450").net_cancel_answer(&telegram);
        assert_eq!(answer.verdict, NetCancelVerdict::TryAgain);
    }
}

#[test]
fn the_key_of_an_answer_is_its_kind_and_the_serial_it_names() {
    let key_of = dialect("card450").profile().key_of;
    assert_eq!(key_of(&golden(APPROVED)), Some(ReplyKind::Request.key(serial(42))));
    assert_eq!(key_of(&golden(CANCELLED)), Some(ReplyKind::Cancel.key(serial(43))));
    assert_eq!(key_of(&changed(APPROVED, &[(4, "REFUND    ")])), None);
    for number in ["+30000000042", "30000000042 ", "0300000000421", "920000000000", "            "] {
        assert_eq!(key_of(&changed(APPROVED, &[(14, number)])), None, "{number}");
    }
}

#[test]
fn its_sockets_carry_one_request_and_its_frame_is_the_telegrams_own_length() {
    let profile = dialect("card450").profile();
    assert_eq!(profile.mode, Mode::OneInFlight);
    assert_eq!((profile.frame.min, profile.frame.max), (450, 450));
    assert_eq!(profile.frame.length_pad, LengthPad::Blank);
    assert!(profile.frame.length_in_telegram);
}

/// A telegram with blanks where its ciphertext stands, which is another one each time.
pub(crate) fn without_block(telegram: &[u8]) -> Vec<u8> {
    assert!(telegram[BLOCK.start] != b' ');
    let mut telegram = telegram.to_vec();
    telegram[BLOCK].fill(b' ');
    telegram
}

#[test]
fn an_approval_without_the_number_that_names_it_is_in_doubt() {
    let blank = " ".repeat(20);
    let answer = dialect("card450").answer(&changed(APPROVED, &[(407, &blank)]));
    assert_eq!(answer.verdict, Verdict::InDoubt);
}
