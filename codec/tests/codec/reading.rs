//! Decoding and encoding of one golden telegram.

use codec::Telegram as _;

use crate::everything::{Everything, example, example_bytes};

#[test]
fn a_golden_telegram_decodes_to_its_values() {
    assert_eq!(Everything::decode(&example_bytes()), Ok(example()));
}

#[test]
fn values_encode_to_the_golden_telegram() {
    assert_eq!(example().encode_to_bytes().unwrap(), example_bytes());
}
