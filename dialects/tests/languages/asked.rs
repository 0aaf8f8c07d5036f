//! Telegrams of terminals that are understood.

use dialects::terminal::{Asked, AskedCard, FromTerminal, NetworkFunction, read};
use jiff::civil::date;
use payment::{EntryMode, TelegramKind};

use crate::{
    golden::{changed, golden},
    order::{CARD, request},
};

pub(crate) const CLEAR: &str = include_str!("../golden/terminal_0100.txt");
const BLANK: &str = include_str!("../golden/terminal_0100_blank.txt");
const OPAQUE: &str = include_str!("../golden/terminal_0100_opaque.txt");
pub(crate) const ECHO: &str = include_str!("../golden/terminal_0800.txt");

pub(crate) fn asked(telegram: &[u8]) -> Asked {
    match read(telegram) {
        Ok(FromTerminal::Approval(asked)) => *asked,
        other => panic!("expected an approval request, found {other:?}"),
    }
}

#[test]
fn an_approval_request_is_read_field_by_field() {
    let asked = asked(&golden(CLEAR));
    assert_eq!(asked.key, request().key);
    assert_eq!(asked.key.kind, TelegramKind::Approval);
    assert_eq!(asked.sent_at, date(2026, 11, 5).at(13, 20, 30, 0));
    assert_eq!(asked.merchant, request().merchant);
    assert_eq!(asked.entry_mode, EntryMode::Chip);
    assert_eq!((asked.installment, asked.currency), (3, 410));
    assert_eq!(asked.amounts.total().get(), 50_000);
    assert_eq!(asked.amounts.vat().get(), 4_000);
    assert_eq!(asked.amounts.service_charge().get(), 1_000);
    assert_eq!(asked.amounts.tax_free().get(), 2_000);
    assert_eq!(asked.merchant_data, b"ORDER-0001\xc7\xd1\x00 \xff");
    match asked.card {
        AskedCard::Clear(card) => {
            assert_eq!((card.number.expose(), card.expiry.expose()), (CARD, "2912"));
        }
        AskedCard::Opaque { .. } => panic!("the card is in the clear"),
    }
    let envelope = asked.envelope;
    assert_eq!(envelope.telegram_type.as_str(), "0100");
    assert_eq!(envelope.terminal_id.as_str(), "1000000001");
    assert_eq!(envelope.merchant_no.as_str(), "1208800001");
    assert_eq!(envelope.trace_no.as_str(), "000123");
}

#[test]
fn the_business_date_is_the_date_of_sent_at() {
    for (sent_at, day) in [("20261231235959", date(2026, 12, 31)), ("20270101000000", date(2027, 1, 1))] {
        assert_eq!(asked(&changed(CLEAR, &[(32, sent_at)])).key.business_date, day);
    }
}

#[test]
fn blank_components_are_not_zero() {
    let blank = asked(&golden(BLANK)).amounts;
    assert_eq!((blank.vat().get(), blank.service_charge().get(), blank.tax_free().get()), (4_545, 0, 0));
    let zero = asked(&changed(BLANK, &[(377, "000000000000")])).amounts;
    assert_eq!(zero.vat().get(), 0);
    let taxed = asked(&changed(BLANK, &[(389, "000000001000000000002000")])).amounts;
    assert_eq!(taxed.vat().get(), 4_273, "(50,000 - 1,000 - 2,000) / 11, rounded half up");
}

#[test]
fn what_a_track_holds_beyond_number_and_expiry_is_let_go() {
    match asked(&golden(BLANK)).card {
        AskedCard::Clear(card) => {
            assert_eq!((card.number.expose(), card.expiry.expose()), (CARD, "2912"));
        }
        AskedCard::Opaque { .. } => panic!("the card is in the clear"),
    }
}

#[test]
fn a_block_without_a_card_number_is_opaque_and_known_by_its_bin() {
    for telegram in [
        golden(OPAQUE),
        // The block of the card company alone will do.
        {
            let mut telegram = golden(OPAQUE);
            let block = telegram[106..233].to_vec();
            telegram[233..360].copy_from_slice(&block);
            telegram[106..233].fill(b' ');
            telegram
        },
    ] {
        match asked(&telegram).card {
            AskedCard::Opaque { bin } => assert_eq!(bin.as_str(), "457973"),
            AskedCard::Clear(_) => panic!("the card is in a block"),
        }
    }
}

#[test]
fn every_entry_mode_is_understood() {
    let modes = [
        ("I", EntryMode::Chip),
        ("S", EntryMode::Swipe),
        ("K", EntryMode::KeyIn),
        ("F", EntryMode::Fallback),
        ("N", EntryMode::Contactless),
        ("Q", EntryMode::QrCode),
    ];
    for (code, mode) in modes {
        assert_eq!(asked(&changed(CLEAR, &[(60, code)])).entry_mode, mode);
    }
}

#[test]
fn the_extremes_of_every_number_are_understood() {
    let greatest =
        asked(&changed(BLANK, &[(26, "999999"), (360, "99"), (365, "999999999999"), (377, "000000000000")]));
    assert_eq!(greatest.key.trace_no.get(), 999_999);
    assert_eq!((greatest.installment, greatest.amounts.total().get()), (99, 999_999_999_999));
    let least = asked(&changed(BLANK, &[(26, "000000"), (360, "00"), (365, "000000000001")]));
    assert_eq!((least.key.trace_no.get(), least.installment), (0, 0));
    assert_eq!((least.amounts.total().get(), least.amounts.vat().get()), (1, 0));
    for number in ["4123412341234=2912   ", "9410123412341234567=2912"] {
        let asked = asked(&changed(BLANK, &[(69, "                                     "), (69, number)]));
        match asked.card {
            AskedCard::Clear(card) => assert_eq!(card.number.expose(), number.split_once('=').unwrap().0),
            AskedCard::Opaque { .. } => panic!("the card is in the clear"),
        }
    }
}

#[test]
fn an_echo_is_understood() {
    match read(&golden(ECHO)) {
        Ok(FromTerminal::Network { function, data, from: (terminal, merchant), envelope }) => {
            assert_eq!((function, data.as_str()), (NetworkFunction::Echo, "PING 7"));
            assert_eq!((terminal.as_str(), merchant.as_str()), ("1000000001", "1208800001"));
            assert_eq!(envelope.telegram_type.as_str(), "0800");
        }
        other => panic!("expected an echo, found {other:?}"),
    }
}
