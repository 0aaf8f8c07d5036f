//! A struct that differs from its layout file does not compile.

#[test]
fn a_struct_that_differs_from_its_spec_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/structs/*.rs");
}
