//! What each kind and each leniency accepts, byte for byte.

use super::*;

/// A layout of that one field of 8 bytes.
fn one(keys: &str) -> Layout {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.toml");
    let text = format!(
        "name = \"one\"\ntitle = \"하나\"\nlength = 8\ncharset = \"euc-kr\"\nsource = \"for tests\"\n\n[[field]]\n\
         name = \"value\"\nat = 0\nlen = 8\n{keys}\n"
    );
    std::fs::write(&path, text).unwrap();
    Layout::read(&path).unwrap_or_else(|findings| panic!("{findings}"))
}

/// Each telegram with the value it has, or with the rule it breaks.
#[track_caller]
fn check(keys: &str, cases: &[(&[u8], Result<&str, Fault>)]) {
    let layout = one(keys);
    for (telegram, expected) in cases {
        let found = match layout.check(telegram) {
            Ok(()) => Ok(layout.decode(telegram).text("value").unwrap().into_owned()),
            Err((field, fault)) => {
                assert_eq!(field.map(|field| field.path.as_str()), Some("value"));
                Err(fault)
            }
        };
        assert_eq!(found, expected.map(str::to_owned), "{keys}: {}", telegram.escape_ascii());
    }
}

#[test]
fn a_signed_number_has_its_sign_where_its_padding_puts_it() {
    let signed = Err(Fault::Signed);
    check(
        "kind = \"number\"\nsigned = true",
        &[
            (b"-0000123", Ok("-123")),
            (b"00000123", Ok("123")),
            (b"-9999999", Ok("-9999999")),
            (b"99999999", Ok("99999999")),
            (b"00000000", Ok("0")),
            (b"-0000000", signed),
            (b"+0000123", signed),
            (b"0000-123", signed),
            (b"    -123", signed),
            (b"-    123", signed),
            (b"--000123", signed),
            (b"0000123-", signed),
            (b"        ", Err(Fault::Digits)),
        ],
    );
    check(
        "kind = \"number\"\nsigned = true\npad = \" \"",
        &[
            (b"    -123", Ok("-123")),
            (b"     123", Ok("123")),
            (b"-1234567", Ok("-1234567")),
            (b"   -0123", Ok("-123")),
            (b"-    123", signed),
            (b"    -  0", signed),
            (b"      -0", signed),
            (b"       -", signed),
            (b"-123    ", signed),
            (b"        ", Err(Fault::Present)),
        ],
    );
    check(
        "kind = \"number\"\nsigned = true\npad = \" \"\nalign = \"left\"",
        &[(b"-123    ", Ok("-123")), (b"123     ", Ok("123")), (b"    -123", signed), (b"-0      ", signed)],
    );
    check(
        "kind = \"number\"",
        &[(b"-0000123", Err(Fault::Digits)), (b"    0123", Err(Fault::Digits)), (b"00000123", Ok("123"))],
    );
}

#[test]
fn text_stands_at_its_side() {
    let (left, right) = (Err(Fault::Aligned(Align::Left)), Err(Fault::Aligned(Align::Right)));
    for kind in ["text", "code"] {
        check(
            &format!("kind = \"{kind}\""),
            &[
                (b"AB C    ", Ok("AB C")),
                (b"        ", Ok("")),
                (b" AB C   ", left),
                (b"       A", left),
                (b"AB\0\0\0\0\0\0", Err(Fault::Text)),
            ],
        );
        check(
            &format!("kind = \"{kind}\"\nalign = \"right\""),
            &[(b"    AB C", Ok("AB C")), (b"        ", Ok("")), (b"   AB C ", right), (b"A       ", right)],
        );
    }
}

#[test]
fn korean_is_pairs_of_its_character_set() {
    let (ksx, uhc) = (Err(Fault::Korean), Err(Fault::Uhc));
    // C8 FE and C9 A1 are no characters of KS X 1001, yet pairs of it.
    check(
        "kind = \"korean\"",
        &[
            (b"\xc7\xd1\xb0\xad A  ", Ok("한강 A")),
            (b"        ", Ok("")),
            (b" \xc7\xd1     ", Ok(" 한")),
            (b"\xc9\xa1      ", Ok("\u{fffd}")),
            (b"\xfe\xfe      ", Ok("\u{fffd}")),
            (b"1234567\xc7", ksx),
            (b"\xc7 \xd1     ", ksx),
            (b"\x81\x41      ", ksx),
            (b"\xa0\xa1      ", ksx),
            (b"\xa1\xa0      ", ksx),
            (b"\xff\xff      ", ksx),
            (b"AB\t     ", ksx),
            (b"AB\x7f     ", ksx),
        ],
    );
    check(
        "kind = \"korean\"\ncharset = \"uhc\"",
        &[
            (b"\xc7\xd1\x8c\x63    ", Ok("한똠")),
            (b"\x81\x41\xfe\xfe    ", Ok("갂\u{fffd}")),
            (b"\x81\x5b      ", uhc),
            (b"\x81\x40      ", uhc),
            (b"\x81\x60      ", uhc),
            (b"\x81\x7b      ", uhc),
            (b"\x81\x80      ", uhc),
            (b"\x80\x41      ", uhc),
            (b"1234567\x81", uhc),
        ],
    );
}

#[test]
fn a_leniency_accepts_what_it_names_and_nothing_else() {
    check(
        "kind = \"number\"\nlenient = [\"padding\"]",
        &[
            (b"00000123", Ok("123")),
            (b"     123", Ok("123")),
            (b"   00123", Ok("123")),
            (b"        ", Err(Fault::Digits)),
            (b"123     ", Err(Fault::Digits)),
            (b"  12 345", Err(Fault::Digits)),
        ],
    );
    check(
        "kind = \"number\"\nsigned = true\nlenient = [\"padding\"]",
        &[(b"-0000123", Ok("-123")), (b"    -123", Ok("-123")), (b"-    123", Err(Fault::Signed))],
    );
    check(
        "kind = \"number\"\npad = \" \"\nlenient = [\"alignment\"]",
        &[
            (b"     123", Ok("123")),
            (b"123     ", Ok("123")),
            (b"  0123  ", Ok("123")),
            (b"  1 23  ", Err(Fault::PadThenDigits)),
            (b"        ", Err(Fault::Present)),
        ],
    );
    check(
        "kind = \"text\"\nlenient = [\"alignment\"]",
        &[
            (b"AB      ", Ok("AB")),
            (b"      AB", Ok("AB")),
            (b"  A B   ", Ok("A B")),
            (b"AB\0\0\0\0\0\0", Err(Fault::Text)),
        ],
    );
    check(
        "kind = \"text\"\nlenient = [\"nul\"]",
        &[
            (b"AB\0\0\0\0\0\0", Ok("AB")),
            (b"AB   \0\0\0", Ok("AB")),
            (b"\0\0\0\0\0\0\0\0", Ok("")),
            (b"AB\0\0   \0", Err(Fault::Text)),
            (b" AB\0\0\0\0\0", Err(Fault::Aligned(Align::Left))),
        ],
    );
    check(
        "kind = \"text\"\nalign = \"right\"\nlenient = [\"nul\"]",
        &[(b"    AB\0\0", Ok("AB")), (b"   AB \0\0", Err(Fault::Aligned(Align::Right)))],
    );
    check(
        "kind = \"korean\"\nlenient = [\"nul\"]",
        &[
            (b"\xc7\xd1\0\0\0\0\0\0", Ok("한")),
            (b"\xc7\xd1\0\0\0\0\0A", Err(Fault::Korean)),
            (b"12345\xc7\0\0", Err(Fault::Korean)),
        ],
    );
    check(
        "kind = \"code\"\nblank = \"none\"\nlenient = [\"nul\", \"alignment\"]",
        &[(b"\0\0\0\0\0\0\0\0", Ok("")), (b"   A  \0\0", Ok("A"))],
    );
}

#[test]
fn what_is_only_accepted_is_never_written() {
    let written = |keys: &str, text: &str| one(keys).build(&values(&[("value", text)]), now());
    let rule = |keys: &str, text: &str| match written(keys, text) {
        Err(BuildError::Rule { fault, .. }) => Some(fault),
        _ => None,
    };
    assert_eq!(rule("kind = \"number\"\nlenient = [\"padding\"]", "     123"), Some(Fault::Digits));
    assert_eq!(rule("kind = \"text\"\nlenient = [\"alignment\"]", " AB"), Some(Fault::Aligned(Align::Left)));
    assert_eq!(rule("kind = \"text\"\nlenient = [\"nul\"]", "AB\0"), Some(Fault::Text));
    assert_eq!(rule("kind = \"korean\"", "똠"), Some(Fault::Korean));
    assert_eq!(written("kind = \"korean\"\ncharset = \"uhc\"", "똠").unwrap(), b"\x8c\x63      ");
}

#[test]
fn signs_are_written_where_they_belong_and_zero_has_none() {
    let written = |keys: &str, text: &str| one(keys).build(&values(&[("value", text)]), now());
    let zeros = "kind = \"number\"\nsigned = true";
    let blanks = "kind = \"number\"\nsigned = true\npad = \" \"";
    let left = "kind = \"number\"\nsigned = true\npad = \" \"\nalign = \"left\"";
    assert_eq!(written(zeros, "-123").unwrap(), b"-0000123");
    assert_eq!(written(zeros, "-9999999").unwrap(), b"-9999999");
    assert_eq!(written(blanks, "-123").unwrap(), b"    -123");
    assert_eq!(written(left, "-123").unwrap(), b"-123    ");
    assert!(matches!(written(zeros, "-0"), Err(BuildError::Rule { fault: Fault::Signed, .. })));
    assert!(matches!(written(zeros, "-12345678"), Err(BuildError::TooLong { .. })));
    assert!(matches!(
        written("kind = \"number\"", "-123"),
        Err(BuildError::Rule { fault: Fault::Digits, .. })
    ));
}

#[test]
fn only_what_may_be_cut_is_cut_and_never_inside_a_character() {
    let written = |keys: &str, text: &str| one(keys).build(&values(&[("value", text)]), now());
    assert!(matches!(written("kind = \"text\"", "123456789"), Err(BuildError::TooLong { .. })));
    assert_eq!(
        written("kind = \"korean\"", "다섯글자다").unwrap_err().to_string(),
        "one field \"value\": expected at most 8 bytes, found 10"
    );
    assert_eq!(written("kind = \"text\"\ntruncate = true", "123456789").unwrap(), b"12345678");
    assert_eq!(
        written("kind = \"text\"\nalign = \"right\"\ntruncate = true", "123456  9").unwrap(),
        b"  123456"
    );
    let cut = written("kind = \"korean\"\ntruncate = true", "A한강한강").unwrap();
    assert_eq!(cut, b"A\xc7\xd1\xb0\xad\xc7\xd1 ");
}
