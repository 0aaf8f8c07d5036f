//! The vault: what is sealed, fingerprinted and digested.

use std::collections::BTreeSet;

use jiff::civil::date;
use payment::{Amounts, CardFacts, Fingerprint, MerchantNo, Request, SealedCard, TerminalId, TraceNo, Won};
use proptest::prelude::*;
use switch::{
    config::DuplicateField,
    keys::Keys,
    vault::{Vault, VaultError},
};

use crate::{
    keys::write,
    sample::{card, key, opaque, request, vault},
};

const CARD: &str = "9410123412341237";
const A: &str = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";
const B: &str = "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=";
const F: &str = "RkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkY=";

/// A vault of the card keys named, `active` sealing.
fn vault_of(active: &str, card: &[(&str, &str)], fingerprint: &str) -> Vault {
    let folder = tempfile::tempdir().unwrap();
    let card: Vec<String> = card.iter().map(|(id, secret)| format!("{id} = \"{secret}\"\n")).collect();
    let card = card.concat();
    let text = format!("active = \"{active}\"\nfingerprint = \"{fingerprint}\"\n[card]\n{card}");
    Vault::new(&Keys::open(&write(folder.path(), &text), false).unwrap())
}

#[test]
fn every_byte_of_a_sealed_card_is_guarded() {
    let (_folder, vault) = vault();
    let sealed = vault.seal(&key(1), &card(CARD)).unwrap();
    for at in 0..sealed.as_bytes().len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = sealed.as_bytes().to_vec();
            changed[at] ^= change;
            let opened = vault.open(&key(1), &SealedCard::new(&changed));
            assert!(matches!(opened, Err(VaultError::Tampered | VaultError::UnknownKey)), "byte {at}");
        }
    }
    for length in 0..sealed.as_bytes().len() {
        assert!(
            vault.open(&key(1), &SealedCard::new(&sealed.as_bytes()[..length])).is_err(),
            "{length} bytes"
        );
    }
    let longer = [sealed.as_bytes(), b"\0"].concat();
    assert_eq!(vault.open(&key(1), &SealedCard::new(&longer)), Err(VaultError::Tampered));
}

#[test]
fn a_sealed_card_is_of_its_payment_alone() {
    let (_folder, vault) = vault();
    let sealed = vault.seal(&key(1), &card(CARD)).unwrap();
    let mut other_day = key(1);
    other_day.business_date = date(2026, 11, 6);
    let mut other_terminal = key(1);
    other_terminal.terminal = TerminalId::new("1000000002").unwrap();
    for other in [key(2), other_day, other_terminal] {
        assert_eq!(vault.open(&other, &sealed), Err(VaultError::Tampered), "{other}");
    }
    assert_eq!(vault.open(&key(1), &sealed), Ok(card(CARD)));
}

#[test]
fn the_same_card_is_never_sealed_the_same_twice_nor_in_the_clear() {
    let (_folder, vault) = vault();
    let first = vault.seal(&key(1), &card(CARD)).unwrap();
    let second = vault.seal(&key(1), &card(CARD)).unwrap();
    assert_ne!(first, second);
    assert!(!first.as_bytes().windows(6).any(|window| CARD.as_bytes().windows(6).any(|part| part == window)));
}

#[test]
fn an_old_key_still_opens_what_it_sealed() {
    let before = vault_of("k1", &[("k1", A)], F);
    let old = before.seal(&key(1), &card(CARD)).unwrap();
    let after = vault_of("k2", &[("k1", A), ("k2", B)], F);
    assert_eq!(after.open(&key(1), &old), Ok(card(CARD)));
    let new = after.seal(&key(1), &card(CARD)).unwrap();
    assert_eq!(after.open(&key(1), &new), Ok(card(CARD)));
    assert_eq!(before.open(&key(1), &new), Err(VaultError::UnknownKey));
    let without_old = vault_of("k2", &[("k2", B)], F);
    assert_eq!(without_old.open(&key(1), &old), Err(VaultError::UnknownKey));
}

#[test]
fn another_secret_under_the_same_id_opens_nothing() {
    let sealed = vault_of("k1", &[("k1", A)], F).seal(&key(1), &card(CARD)).unwrap();
    assert_eq!(vault_of("k1", &[("k1", B)], F).open(&key(1), &sealed), Err(VaultError::Tampered));
    assert_eq!(
        vault_of("k1", &[("k1", A)], B).open(&key(1), &sealed),
        Ok(card(CARD)),
        "the fingerprint's secret seals nothing"
    );
}

#[test]
fn a_fingerprint_is_of_the_number_and_the_secret_alone() {
    let one = vault_of("k1", &[("k1", A)], F);
    let number = |text: &str| card(text).number;
    assert_eq!(one.fingerprint(&number(CARD)), one.fingerprint(&number(CARD)));
    assert_ne!(one.fingerprint(&number(CARD)), one.fingerprint(&number("9410123412341238")));
    let rotated = vault_of("k2", &[("k2", B)], F);
    assert_eq!(one.fingerprint(&number(CARD)), rotated.fingerprint(&number(CARD)));
    let other = vault_of("k1", &[("k1", A)], B);
    assert_ne!(one.fingerprint(&number(CARD)), other.fingerprint(&number(CARD)));
}

#[test]
fn a_digest_is_of_all_parts_and_never_a_fingerprint() {
    let vault = vault_of("k1", &[("k1", A)], F);
    assert_eq!(vault.digest(&[b"0100", b"rest"]), vault.digest(&[b"0100rest"]));
    assert_ne!(vault.digest(&[b"0100", b"rest"]), vault.digest(&[b"0100", b"Rest"]));
    assert_ne!(vault.digest(&[b"0100", b"rest"]), vault.digest(&[b"rest", b"0100"]));
    assert_ne!(vault.digest(&[b"0100"]), vault_of("k1", &[("k1", A)], B).digest(&[b"0100"]));
    assert_ne!(vault.digest(&[CARD.as_bytes()]).0, vault.fingerprint(&card(CARD).number).0);
}

/// A payment that differs from the usual one in one respect, and the field of the fingerprint that it is.
fn others() -> [(DuplicateField, Request); 4] {
    let with = |change: fn(&mut Request)| {
        let mut request = request(CARD);
        change(&mut request);
        request
    };
    [
        (
            DuplicateField::Card,
            with(|request| {
                let number = card("9410123412341238").number;
                request.card = CardFacts::Number {
                    bin: number.bin(),
                    masked: number.masked(),
                    fingerprint: Fingerprint([3; 16]),
                };
            }),
        ),
        (
            DuplicateField::Amount,
            with(|request| {
                let total = Won::new(10_001).unwrap();
                request.amounts = Amounts::of_approval(total, None, None, None).unwrap();
            }),
        ),
        (DuplicateField::Installment, with(|request| request.installment = 3)),
        (
            DuplicateField::Terminal,
            with(|request| {
                request.key.terminal = TerminalId::new("1000000002").unwrap();
            }),
        ),
    ]
}

#[test]
fn the_same_purchase_is_the_same_merchant_and_the_same_configured_fields() {
    let vault = vault_of("k1", &[("k1", A)], F);
    let all = DuplicateField::ALL;
    for set in 0..16_u8 {
        let fields: BTreeSet<DuplicateField> = all
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| set & (1 << bit) != 0)
            .map(|(_, field)| field)
            .collect();
        let same = vault.duplicate_key(&fields, &request(CARD)).unwrap();
        for (field, other) in others() {
            let differs = vault.duplicate_key(&fields, &other).unwrap() != same;
            assert_eq!(differs, fields.contains(&field), "{fields:?} {field:?}");
        }
        let mut of_another_merchant = request(CARD);
        of_another_merchant.merchant = MerchantNo::new("1208800002").unwrap();
        assert_ne!(vault.duplicate_key(&fields, &of_another_merchant), Some(same));
        let mut the_next = request(CARD);
        the_next.key.trace_no = TraceNo::new(2).unwrap();
        the_next.sent_at = date(2026, 11, 5).at(12, 0, 1, 0);
        assert_eq!(vault.duplicate_key(&fields, &the_next), Some(same), "time and trace number tell nothing");
    }
}

#[test]
fn a_duplicate_key_is_keyed_and_of_its_own_kind() {
    let fields = BTreeSet::from([DuplicateField::Card, DuplicateField::Amount]);
    let one = vault_of("k1", &[("k1", A)], F);
    let key = one.duplicate_key(&fields, &request(CARD)).unwrap();
    assert_eq!(vault_of("k2", &[("k2", B)], F).duplicate_key(&fields, &request(CARD)), Some(key));
    assert_ne!(vault_of("k1", &[("k1", A)], B).duplicate_key(&fields, &request(CARD)), Some(key));
    let amounts = 10_000_u64.to_be_bytes();
    let parts: [&[u8]; 6] = [b"1208800001", b"card\0", &[2; 16], b"amount\0", &amounts, b""];
    assert_ne!(one.digest(&parts).0, key.0);
    let fewer = BTreeSet::from([DuplicateField::Card]);
    assert_ne!(one.duplicate_key(&fewer, &request(CARD)), Some(key));
}

#[test]
fn an_opaque_card_has_no_duplicate_key() {
    let (_folder, vault) = vault();
    let mut request = request(CARD);
    request.card = opaque("94101234");
    assert_eq!(vault.duplicate_key(&BTreeSet::from(DuplicateField::ALL), &request), None);
}

#[test]
fn what_went_wrong_is_told_without_the_card() {
    for error in [VaultError::NoRandom, VaultError::UnknownKey, VaultError::Tampered] {
        assert!(!format!("{error} {error:?}").bytes().any(|byte| byte.is_ascii_digit()));
    }
    let (_folder, vault) = vault();
    let sealed = vault.seal(&key(1), &card(CARD)).unwrap();
    assert_eq!(format!("{sealed:?}"), format!("SealedCard({} bytes)", sealed.as_bytes().len()));
}

proptest! {
    #[test]
    fn what_is_sealed_opens_to_the_same_card(number in "[0-9]{13,19}", trace_no in 0..=999_999_u32) {
        let vault = vault_of("k1", &[("k1", A)], F);
        let sealed = vault.seal(&key(trace_no), &card(&number)).unwrap();
        prop_assert_eq!(vault.open(&key(trace_no), &sealed), Ok(card(&number)));
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        let vault = vault_of("k1", &[("k1", A)], F);
        prop_assert!(vault.open(&key(1), &SealedCard::new(&bytes)).is_err());
        let framed = [&b"\x01\x02k1"[..], &bytes].concat();
        prop_assert_eq!(vault.open(&key(1), &SealedCard::new(&framed)), Err(VaultError::Tampered));
    }
}
