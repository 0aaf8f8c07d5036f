//! A struct that differs from its layout file does not compile, nor does one whose layout file is wrong. Every difference is
//! told, with the place in the struct, the line of the file, and both values.
//!
//! `tests/structs/<case>.rs` is a mistake and `<case>.stderr` what the compiler says of it. The layouts of the cases stand in
//! `tests/layouts` and `tests/structs/layouts`; `tests/structs/few` is a folder that never grows, to be listed.

#[allow(dead_code, reason = "that it compiles is the test")]
mod many;

use codec::Telegram as _;

#[test]
fn a_struct_that_differs_from_its_spec_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/structs/*.rs");
}

/// What most cases are a mistake away from.
#[test]
fn the_struct_without_a_mistake_compiles() {
    assert_eq!(many::Many::LENGTH, 135);
}
