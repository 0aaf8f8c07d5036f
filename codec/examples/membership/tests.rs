//! What the example tells, and the golden telegrams of 한강멤버십.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use super::*;

#[test]
fn it_tells_what_is_written_beside_it() {
    let mut told = Vec::new();
    tell(&mut told).unwrap();
    assert_eq!(String::from_utf8(told).unwrap(), include_str!("told.txt"));
}

#[test]
fn what_the_structs_write_is_what_the_layout_files_alone_give() {
    let (earn, golden) = (purchase::earn().unwrap(), bytes(include_str!("golden/earn.hex")));
    assert_eq!(earn.encode_to_bytes().unwrap(), golden);
    assert_eq!(Earn::decode(&golden).unwrap(), earn);

    let (answer, golden) = (purchase::answer().unwrap(), bytes(include_str!("golden/answer.hex")));
    assert_eq!(answer.encode_to_bytes().unwrap(), golden);
    assert_eq!(Answer::decode(&golden).unwrap(), answer);
}

#[test]
fn the_old_host_is_understood_and_never_imitated() {
    let strict = bytes(include_str!("golden/answer.hex"));
    let mut old = strict.clone();
    old[106..115].copy_from_slice(b"      300");
    old[125..131].copy_from_slice(b"     7");
    old[171 + "THANK YOU".len()..211].fill(0);
    let answer = Answer::decode(&old).unwrap();
    assert_eq!(answer, purchase::answer().unwrap());
    assert_eq!(answer.encode_to_bytes().unwrap(), strict);
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16).unwrap()).unwrap();
    hex.trim_end().as_bytes().chunks(2).map(|pair| 16 * digit(pair[0]) + digit(pair[1])).collect()
}
