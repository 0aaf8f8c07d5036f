//! What the languages write, read by the layout files alone.

use std::collections::BTreeMap;

use specs::{Align, FlatField, Kind};

use crate::order::{
    CARD, amounts, cancel_order, card, dialect, net_cancel_order, next_day, now, request, request_order,
    route,
};

/// Every field of a telegram by the layout file of that name: constants checked, padding taken off.
pub(crate) fn fields_of(layout: &str, telegram: &[u8]) -> BTreeMap<String, String> {
    let layout = specs::embedded(layout).unwrap();
    assert_eq!(telegram.len(), layout.length, "{}", layout.name);
    layout.flat_fields().into_iter().map(|flat| (flat.path.clone(), value(&flat, telegram))).collect()
}

fn value(flat: &FlatField<'_>, telegram: &[u8]) -> String {
    let FlatField { path, at, field, count: _ } = flat;
    let bytes = &telegram[*at..at + field.len];
    if let Some(constant) = field.padded_value() {
        assert_eq!(bytes, constant, "{path}");
    }
    if field.kind == Kind::Filler {
        assert!(bytes.iter().all(|byte| *byte == field.pad), "{path}");
    }
    if field.blank_is_absent && bytes.iter().all(|byte| *byte == b' ') {
        return String::new();
    }
    let is_padding = |byte: &&u8| **byte == field.pad;
    let content = match field.align {
        Align::Left => {
            let padding = bytes.iter().rev().take_while(is_padding).count();
            &bytes[..bytes.len() - padding]
        }
        // A number of zeros only is zero, and digits stand as they are.
        Align::Right if field.kind == Kind::Number => {
            &bytes[bytes.iter().take(bytes.len() - 1).take_while(is_padding).count()..]
        }
        Align::Right => bytes,
    };
    match field.kind {
        Kind::Korean => {
            let text = encoding_rs::EUC_KR.decode_without_bom_handling_and_without_replacement(content);
            text.unwrap_or_else(|| panic!("{path}: a split character")).into_owned()
        }
        Kind::Binary => content.escape_ascii().to_string(),
        Kind::Number
        | Kind::Digits
        | Kind::Text
        | Kind::Datetime
        | Kind::Code
        | Kind::Filler
        | Kind::Group => {
            assert!(content.is_ascii(), "{path}: {}", content.escape_ascii());
            String::from_utf8(content.to_vec()).unwrap()
        }
    }
}

fn check(layout: &str, telegram: &[u8], expected: &[(&str, &str)]) {
    let fields = fields_of(layout, telegram);
    for (name, value) in expected {
        assert_eq!(fields[*name], *value, "{name}");
    }
    let blank: Vec<_> = fields
        .iter()
        .filter(|(name, value)| !value.is_empty() && !expected.iter().any(|(known, _)| known == name))
        .collect();
    assert!(blank.is_empty(), "expected nothing else, found {blank:?}");
}

const KOVAN: &[(&str, &str)] = &[
    ("iso", "ISO"),
    ("host", "023400052"),
    ("amount", "50000"),
    ("transmitted_at", "1105132031"),
    ("trace", "000042"),
    ("time", "132030"),
    ("date", "261105"),
    ("entry", "05"),
    ("institution", "00000"),
    ("transaction_id", "030000000042"),
    ("merchant_no", "1"),
    ("cat_id", "7001234567"),
    ("business_no", "1208800001"),
    ("currency", "410"),
    ("installment", "3"),
    ("entry_prefix", "7"),
    ("institution_prefix", "069"),
    ("track2_prefix", "37"),
    ("installment_prefix", "002"),
];

#[test]
fn a_kovan_request_reads_the_same_by_its_layout_file() {
    let written = dialect("kovan").request(&request_order(request(), route()), &card(), now()).unwrap();
    let track = format!("{CARD}=2912");
    let own = [
        ("mti", "0200"),
        ("bitmap", "3238040128608A02"),
        ("transaction_kind", "000030"),
        ("track2", track.as_str()),
        ("retry", "00"),
    ];
    check("kovan-approval", &written.telegram, &[KOVAN, &own].concat());
}

#[test]
fn a_kovan_net_cancel_reads_the_same_by_its_layout_file() {
    let order = net_cancel_order(request(), route(), Some("30000001"));
    let written = dialect("kovan").net_cancel(&order, None, now()).unwrap();
    let own = [
        ("mti", "0520"),
        ("bitmap", "3238040128608B40"),
        ("transaction_kind", "000031"),
        ("approval_prefix", "008"),
        ("approval", "30000001"),
    ];
    check("kovan-cancel", &written.telegram, &[KOVAN, &own].concat());
}

#[test]
fn a_card450_telegram_reads_the_same_by_its_layout_file() {
    let common = [("length", "446"), ("installment", "3"), ("amount", "50000"), ("vat", "4545")];
    let order = net_cancel_order(request(), route(), None);
    let cancel = dialect("card450").net_cancel(&order, None, now()).unwrap();
    let own =
        [("kind", "CANCEL"), ("management_no", "030000000043"), ("original_management_no", "030000000042")];
    check("card450-request", &cancel.telegram, &[&common[..], &own].concat());
    let payment = dialect("card450").request(&request_order(request(), route()), &card(), now()).unwrap();
    let fields = fields_of("card450-request", &payment.telegram);
    let own = [
        ("kind", "PAYMENT"),
        ("management_no", "030000000042"),
        ("card_no", CARD),
        ("expiry", "1229"),
        ("encrypted_card", fields["encrypted_card"].as_str()),
    ];
    check("card450-request", &payment.telegram, &[&common[..], &own].concat());
}

const KSPAY: &[(&str, &str)] = &[
    ("header.encryption", "0"),
    ("header.version", "0603"),
    ("header.telegram_type", "00"),
    ("header.resend", "0"),
    ("header.store_id", "2999199999"),
    ("header.goods_type", "0"),
    ("header.key_in", "S"),
    ("header.line", "0"),
    ("header.count", "1"),
];

#[test]
fn a_kspay_request_reads_the_same_by_its_layout_file() {
    let written = dialect("kspay").request(&request_order(request(), route()), &card(), now()).unwrap();
    let track = format!("{CARD}=2912");
    let own = [
        ("length", "576"),
        ("header.requested_at", "20261105132030"),
        ("header.order_no", "030000000042"),
        ("approval_type", "1000"),
        ("interest", "1"),
        ("track2", track.as_str()),
        ("installment", "3"),
        ("amount", "50000"),
        ("currency", "0"),
        ("batch_use", "0"),
        ("card_send", "0"),
        ("visa_auth", "0"),
        ("business_no", "1208800001"),
    ];
    check("kspay-credit", &written.telegram, &[KSPAY, &own].concat());
}

#[test]
fn kspays_cancels_read_the_same_by_their_layout_file() {
    let common = [("length", "446"), ("approval_type", "1010"), ("date", "20261105")];
    let order = net_cancel_order(request(), route(), None);
    let written = dialect("kspay").net_cancel(&order, None, now()).unwrap();
    let own = [
        ("header.requested_at", "20261105132031"),
        ("header.order_no", "030000000043"),
        ("cancel_kind", "1"),
        ("order_no", "030000000042"),
    ];
    check("kspay-cancel", &written.telegram, &[KSPAY, &common, &own].concat());
    let order = cancel_order(request(), route(), "261105000042", amounts(20_000));
    let written = dialect("kspay").cancel(&order, Some(&card()), next_day()).unwrap();
    let own = [
        ("header.requested_at", "20261106090000"),
        ("header.order_no", "030000000077"),
        ("cancel_kind", "3"),
        ("transaction_no", "261105000042"),
        ("cancel_amount", "20000"),
        ("cancel_sequence", "1"),
    ];
    check("kspay-cancel", &written.telegram, &[KSPAY, &common, &own].concat());
}

const KICC: &[(&str, &str)] = &[
    ("length", "534"),
    ("header.encryption", "0"),
    ("header.version", "0412"),
    ("header.terminal_id", "7005550001"),
    ("header.institution", "00000"),
    ("header.timeout", "8"),
    ("entry_mode", "S"),
    ("installment", "3"),
    ("currency", "0"),
    ("decimals", "0"),
    ("service_charge", "0"),
];

#[test]
fn a_kicc_request_reads_the_same_by_its_layout_file() {
    let written = dialect("kicc").request(&request_order(request(), route()), &card(), now()).unwrap();
    let track = format!("{CARD}=2912");
    let own = [
        ("header.serial", "030000000042"),
        ("telegram_type", "1010"),
        ("track2_or_van_tr", track.as_str()),
        ("supply_amount", "45455"),
        ("tax", "4545"),
    ];
    check("kicc-request", &written.telegram, &[KICC, &own].concat());
}

#[test]
fn kiccs_cancels_read_the_same_by_their_layout_file() {
    let order = net_cancel_order(request(), route(), Some("30000001"));
    let written = dialect("kicc").net_cancel(&order, None, now()).unwrap();
    let common = [("approval_no", "30000001"), ("original_date", "261105")];
    let own = [
        ("header.serial", "030000000042"),
        ("telegram_type", "1060"),
        ("supply_amount", "45455"),
        ("tax", "4545"),
    ];
    check("kicc-request", &written.telegram, &[KICC, &common, &own].concat());
    let order = cancel_order(request(), route(), "30000001", amounts(20_000));
    let written = dialect("kicc").cancel(&order, None, next_day()).unwrap();
    let own = [
        ("header.serial", "030000000077"),
        ("telegram_type", "1050"),
        ("track2_or_van_tr", "30000001"),
        ("supply_amount", "18182"),
        ("tax", "1818"),
    ];
    check("kicc-request", &written.telegram, &[KICC, &common, &own].concat());
}

#[test]
fn a_kovan_cancel_reads_the_same_by_its_layout_file() {
    let order = cancel_order(request(), route(), "30000001", amounts(20_000));
    let written = dialect("kovan").cancel(&order, Some(&card()), next_day()).unwrap();
    let track = format!("{CARD}=2912");
    let own = [
        ("mti", "0420"),
        ("bitmap", "3238040128608B40"),
        ("transaction_kind", "000031"),
        ("amount", "20000"),
        ("transmitted_at", "1106090000"),
        ("trace", "000077"),
        ("transaction_id", "030000000077"),
        ("track2", track.as_str()),
        ("approval_prefix", "008"),
        ("approval", "30000001"),
    ];
    let kept = KOVAN.iter().filter(|(name, _)| !own.iter().any(|(other, _)| other == name));
    let expected: Vec<_> = kept.chain(&own).copied().collect();
    check("kovan-cancel", &written.telegram, &expected);
}

#[test]
fn a_card450_cancel_reads_the_same_by_its_layout_file() {
    let order = cancel_order(request(), route(), "105000000077", amounts(20_000));
    let written = dialect("card450").cancel(&order, Some(&card()), next_day()).unwrap();
    let fields = fields_of("card450-request", &written.telegram);
    let expected = [
        ("length", "446"),
        ("kind", "CANCEL"),
        ("management_no", "030000000077"),
        ("original_management_no", "030000000042"),
        ("card_no", CARD),
        ("expiry", "1229"),
        ("installment", "3"),
        ("amount", "20000"),
        ("vat", "1818"),
        ("encrypted_card", fields["encrypted_card"].as_str()),
    ];
    check("card450-request", &written.telegram, &expected);
}
