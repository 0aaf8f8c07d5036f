//! Card data: what is a card number, what may be seen of one, and that nothing else is.

use payment::{
    Bin, CardError, CardFacts, CardNumber, ClearCard, Expiry, Fingerprint, MaskedCard, SealedCard,
};

use super::{check_record, check_refused};
use crate::fixture::card_number;

#[test]
fn a_card_number_is_13_to_19_digits() {
    for digits in [13, 14, 15, 16, 17, 18, 19] {
        let text = &"4579730000000000017"[..digits];
        assert_eq!(CardNumber::new(text).unwrap().expose(), text);
    }
    for text in [
        "",
        "457973000000",
        "45797300000000000170",
        "457973000000001 ",
        " 457973000000017",
        "4579-7300-0000-0017",
        "457973000000001a",
        "４５７９７３０００００００",
        "4579730000000\u{0}17",
        "+579730000000017",
    ] {
        assert_eq!(CardNumber::new(text).unwrap_err(), CardError::Number);
    }
}

#[test]
fn an_expiry_is_a_year_and_a_month() {
    for text in ["2801", "2812", "0012", "9901"] {
        assert_eq!(Expiry::new(text).unwrap().expose(), text);
    }
    for text in ["", "281", "28012", "2800", "2813", "2899", "28 1", "a801", "280a", "28:1", "28/1", "２8"] {
        assert_eq!(Expiry::new(text).unwrap_err(), CardError::Expiry, "{text}");
    }
}

#[test]
fn a_masked_number_shows_the_first_six_and_the_last_four_digits() {
    for (number, masked) in [
        ("4579730000017", "457973***0017"),
        ("457973000000017", "457973*****0017"),
        ("4579730000000017", "457973******0017"),
        ("4579730000000000017", "457973*********0017"),
    ] {
        assert_eq!(CardNumber::new(number).unwrap().masked().as_str(), masked);
        check_record(&MaskedCard::new(masked).unwrap(), &format!("\"{masked}\""));
    }
}

#[test]
fn a_record_that_masks_nothing_is_refused() {
    check_refused::<MaskedCard>(&[
        "\"4579730000000017\"",
        "\"457973*00000*0017\"",
        "\"45797300****0017\"",
        "\"457973**0017\"",
        "\"457973**********0017\"",
        "\"457973******001\"",
        "\"457973\"",
        "\"\"",
        "\"45797가*****0017\"",
        "\"457973******가7\"",
    ]);
}

#[test]
fn a_bin_is_six_to_eight_digits() {
    for text in ["457973", "4579730", "45797300"] {
        check_record(&Bin::new(text).unwrap(), &format!("\"{text}\""));
    }
    for text in ["", "45797", "457973000", "45797a", "457 73"] {
        assert_eq!(Bin::new(text), Err(CardError::Bin), "{text}");
    }
    check_refused::<Bin>(&["\"4579730000000017\"", "\"45797\"", "457973"]);
}

#[test]
fn bin_and_masked_number_together_leave_at_least_four_digits_in_the_dark() {
    for digits in 14..=19 {
        let number = CardNumber::new(&"4579731234567890017"[..digits]).unwrap();
        let shown = number.bin().as_str().len() + 4;
        assert!(digits - shown >= 4, "{digits} digits, {shown} of them shown");
    }
    // Of thirteen digits the masked form alone shows ten.
    assert_eq!(CardNumber::new("4579731234567").unwrap().bin().as_str(), "457973");
    assert_eq!(card_number().bin().as_str(), "45797300");
}

#[test]
fn debug_shows_nothing_of_a_card() {
    let number = CardNumber::new("4579731234567890").unwrap();
    let expiry = Expiry::new("2812").unwrap();
    let sealed = SealedCard::new(b"4579731234567890");
    assert_eq!(
        format!("{number:?} {expiry:?} {sealed:?}"),
        "CardNumber(***) Expiry(***) SealedCard(16 bytes)"
    );
    let clear = ClearCard { number: number.clone(), expiry };
    for shown in [format!("{clear:?}"), format!("{clear:#?}"), format!("{:#?}", Some(&number))] {
        for secret in ["4579731234567890", "457973", "7890", "123456", "2812", "52, 53", "34, 35"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[test]
fn an_error_never_repeats_the_text_it_was_given() {
    let errors = [
        CardNumber::new("457973123456789X").unwrap_err(),
        Expiry::new("2899").unwrap_err(),
        Bin::new("457973123").unwrap_err(),
        MaskedCard::new("4579731234567890").unwrap_err(),
    ];
    for error in errors {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("457973") && !shown.contains("2899"), "{shown}");
    }
}

#[test]
fn the_facts_of_a_card_hold_no_more_than_bin_mask_and_fingerprint() {
    let number = CardNumber::new("4579731234567890").unwrap();
    let facts = CardFacts::Number {
        bin: number.bin(),
        masked: number.masked(),
        fingerprint: Fingerprint([0xab; 16]),
    };
    check_record(
        &facts,
        r#"{"Number":{"bin":"45797312","masked":"457973******7890","fingerprint":"abababababababababababababababab"}}"#,
    );
    assert_eq!((facts.bin().map(Bin::as_str), facts.masked()), (Some("45797312"), "457973******7890"));
    let opaque = CardFacts::Opaque { bin: Bin::new("457973").unwrap() };
    check_record(&opaque, r#"{"Opaque":{"bin":"457973"}}"#);
    assert_eq!((opaque.bin().map(Bin::as_str), opaque.masked()), (Some("457973"), ""));
}

#[test]
fn a_fingerprint_is_sixteen_bytes_of_lower_case_hex() {
    check_refused::<Fingerprint>(&[
        "\"abababababababababababababababa\"",
        "\"ababababababababababababababab\"",
        "\"ababababababababababababababababab\"",
        "\"ABABABABABABABABABABABABABABABAB\"",
        "\"xbababababababababababababababab\"",
        "\"\"",
    ]);
}
