//! What names things.

use std::collections::HashSet;

use jiff::civil::date;
use payment::{
    AcquirerName, EntryMode, InstanceNo, MerchantNo, PaymentId, RESPONSES, ResponseCode, Serial, TelegramKey,
    TelegramKind, TerminalId, TraceNo,
};
use proptest::prelude::*;

use super::{check_record, check_refused};

#[test]
fn a_terminal_id_is_1_to_10_printable_characters() {
    for text in ["1", "1000000001", "AB-12.~!"] {
        let id = TerminalId::new(text).unwrap();
        assert_eq!((id.as_str(), id.to_string().as_str()), (text, text));
        check_record(&id, &format!("\"{text}\""));
    }
    for text in ["", "10000000011", "1 2", " 1", "1 ", "가", "1\n", "1\0"] {
        assert!(TerminalId::new(text).is_err(), "{text:?}");
    }
    check_refused::<TerminalId>(&["\"\"", "\"10000000011\"", "\"1 2\"", "1"]);
}

#[test]
fn a_merchant_number_is_10_digits() {
    check_record(&MerchantNo::new("1208800001").unwrap(), "\"1208800001\"");
    for text in ["", "120880000", "12088000011", "120-88-001", "12088000 1"] {
        assert!(MerchantNo::new(text).is_err(), "{text}");
    }
    check_refused::<MerchantNo>(&["\"120880000a\"", "1208800001"]);
}

#[test]
fn an_acquirer_name_is_a_short_key_of_the_configuration() {
    for text in ["a", "card450", "van_2-kr"] {
        check_record(&AcquirerName::new(text).unwrap(), &format!("\"{text}\""));
    }
    for text in ["", "Kovan", "ko van", "한강", "a.b", &"a".repeat(33)] {
        assert!(AcquirerName::new(text).is_err(), "{text}");
    }
}

#[test]
fn a_trace_number_has_six_digits() {
    assert_eq!(TraceNo::new(0).unwrap().to_string(), "000000");
    assert_eq!(TraceNo::new(999_999).unwrap().to_string(), "999999");
    assert!(TraceNo::new(1_000_000).is_err());
    check_record(&TraceNo::new(42).unwrap(), "42");
    check_refused::<TraceNo>(&["1000000", "-1"]);
}

#[test]
fn a_telegram_key_tells_terminal_business_date_trace_and_type_apart() {
    let key = TelegramKey {
        terminal: TerminalId::new("1000000001").unwrap(),
        business_date: date(2026, 11, 5),
        trace_no: TraceNo::new(7).unwrap(),
        kind: TelegramKind::Approval,
    };
    assert_eq!(key.to_string(), "1000000001/2026-11-05/000007/0100");
    let others = [
        TelegramKey { terminal: TerminalId::new("1000000002").unwrap(), ..key },
        TelegramKey { business_date: date(2026, 11, 6), ..key },
        TelegramKey { trace_no: TraceNo::new(8).unwrap(), ..key },
    ];
    assert!(others.iter().all(|other| *other != key && other.to_string() != key.to_string()));
}

#[test]
fn an_instance_number_is_0_to_91() {
    assert!(InstanceNo::new(91).is_ok());
    assert!(InstanceNo::new(92).is_err());
    check_refused::<InstanceNo>(&["92", "256", "-1"]);
}

#[test]
fn a_serial_is_twelve_digits_two_of_them_the_instance() {
    let instance = InstanceNo::new(7).unwrap();
    assert_eq!(Serial::new(instance, 42).unwrap().to_string(), "070000000042");
    assert_eq!(Serial::new(instance, 42).unwrap().of_net_cancel().to_string(), "070000000043");
    assert_eq!(Serial::from_number(919_999_999_999).unwrap().to_string(), "919999999999");
    assert_eq!(Serial::from_number(920_000_000_000), None);
    check_record(&Serial::new(instance, 42).unwrap(), "70000000042");
    check_refused::<Serial>(&["920000000000", "18446744073709551615", "-1"]);
}

#[test]
fn the_last_serial_of_an_instance_leaves_one_for_its_net_cancel() {
    let instance = InstanceNo::new(7).unwrap();
    let last = Serial::new(instance, Serial::PER_INSTANCE - 2).unwrap();
    assert_eq!(last.of_net_cancel().to_string(), "079999999999");
    assert_eq!(Serial::new(instance, Serial::PER_INSTANCE - 1), None);
    assert_eq!(Serial::new(instance, u64::MAX), None);
}

#[test]
fn a_payment_id_tells_its_day_and_sorts_by_it() {
    let serial = Serial::new(InstanceNo::new(91).unwrap(), 123_456_789).unwrap();
    let id = PaymentId::new(date(2026, 11, 5), serial);
    assert_eq!(id.to_string(), "2026110591123456789");
    assert_eq!(PaymentId::from_number(id.get()), id);
    check_record(&id, "2026110591123456789");
    let first_of_the_next_day =
        PaymentId::new(date(2026, 11, 6), Serial::new(InstanceNo::new(0).unwrap(), 0).unwrap());
    assert!(id < first_of_the_next_day);
}

#[test]
fn a_response_code_is_four_printable_characters() {
    check_record(&ResponseCode::new("8035").unwrap(), "\"8035\"");
    for text in ["", "803", "80355", "80 5", "803가", "가A"] {
        assert!(ResponseCode::new(text).is_none(), "{text}");
    }
    check_refused::<ResponseCode>(&["\"80\"", "8035"]);
}

#[test]
fn every_response_code_of_ours_is_told_apart_and_fits_the_terminals_message() {
    let codes: HashSet<_> = RESPONSES.iter().map(|row| row.code).collect();
    assert_eq!(codes.len(), RESPONSES.len());
    for row in RESPONSES {
        // In EUC-KR a Korean character takes two bytes and an ASCII character one.
        let bytes: usize = row.korean.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum();
        assert!((1..=40).contains(&bytes), "{}", row.korean);
        assert_eq!(row.code.korean(), row.korean);
    }
    assert_eq!(ResponseCode::new("8035").unwrap().korean(), "");
}

#[test]
fn every_entry_mode_has_its_letter() {
    let modes: Vec<_> = "ISKFNQ".chars().filter_map(|code| EntryMode::from_code(&code.to_string())).collect();
    assert_eq!(modes.len(), 6);
    assert!(modes.iter().enumerate().all(|(at, mode)| !modes[..at].contains(mode)));
    for code in ["", "i", "X", "IS", " "] {
        assert_eq!(EntryMode::from_code(code), None);
    }
}

proptest! {
    #[test]
    fn serials_of_different_instances_and_counts_never_meet(
        one in (0..=91_u8, 0..Serial::PER_INSTANCE / 2 - 1),
        other in (0..=91_u8, 0..Serial::PER_INSTANCE / 2 - 1),
    ) {
        prop_assume!(one != other);
        let serial = |(instance, pair): (u8, u64)| {
            Serial::new(InstanceNo::new(instance).unwrap(), 2 * pair).unwrap()
        };
        let (one, other) = (serial(one), serial(other));
        let names = HashSet::from([one, one.of_net_cancel(), other, other.of_net_cancel()]);
        prop_assert_eq!(names.len(), 4);
    }

    #[test]
    fn texts_that_are_read_are_given_back(text in "[!-~]{1,10}") {
        prop_assert_eq!(TerminalId::new(&text).unwrap().to_string(), text);
    }
}
