//! What stands on a field of which kind.

use super::*;

#[test]
fn a_constant_fits_its_field_and_kind() {
    check(
        SECOND,
        "kind = \"number\"\nvalue = \"123456789\"\n",
        Rule::Constant,
        "x.toml:18: field \"second\": expected a constant of at most 8 bytes, found \"123456789\", 9 bytes",
    );
    check(
        SECOND,
        "kind = \"number\"\nvalue = \"12a\"\n",
        Rule::Constant,
        "x.toml:18: field \"second\": expected a constant of digits, found \"12a\"",
    );
    check(
        FIRST,
        "kind = \"text\"\nvalue = \"승인\"\n",
        Rule::Constant,
        "x.toml:12: field \"first\": expected a constant of printable ASCII, found \"승인\"",
    );
    check(
        SECOND,
        "kind = \"digits\"\nalign = \"right\"\npad = \"0\"\nvalue = \"12\"\n",
        Rule::Constant,
        "x.toml:20: field \"second\": expected a constant of exactly 8 bytes, found \"12\", 2 bytes",
    );
    check(
        SECOND,
        "kind = \"filler\"\nvalue = \"12\"\n",
        Rule::Constant,
        "x.toml:18: field \"second\": expected value only on a field that holds data, found kind = \"filler\"",
    );
}

#[test]
fn a_format_stands_on_a_datetime_of_its_length() {
    check(
        SECOND,
        "kind = \"number\"\nformat = \"yyyyMMdd\"\n",
        Rule::Format,
        "x.toml:18: field \"second\": expected format only on kind = \"datetime\", found kind = \"number\"",
    );
    check(
        SECOND,
        "kind = \"datetime\"\nformat = \"yyMMdd\"\n",
        Rule::Format,
        "x.toml:18: field \"second\": expected len = 6, as \"yyMMdd\" is, found 8",
    );
    check(
        SECOND,
        "kind = \"datetime\"\n",
        Rule::Format,
        "x.toml:14: field \"second\": expected the format of the datetime, found none",
    );
    check(
        SECOND,
        "kind = \"datetime\"\nformat = \"ddMMyyyy\"\n",
        Rule::Value,
        "x.toml:18: field \"second\": expected format = yyyyMMddHHmmss | yyMMddHHmmss | MMddHHmmss | yyyyMMdd | yyMMdd \
         | HHmmss, found \"ddMMyyyy\"",
    );
}

#[test]
fn padding_and_alignment_suit_the_kind() {
    check(
        SECOND,
        "kind = \"number\"\npad = \"00\"\n",
        Rule::Pad,
        "x.toml:18: field \"second\": expected pad to be one printable byte, found \"00\"",
    );
    check(
        SECOND,
        "kind = \"number\"\npad = \"x\"\n",
        Rule::Pad,
        "x.toml:18: field \"second\": expected pad = \"0\" with align = \"right\", or pad = \" \", found pad = \"x\", \
         align = \"right\"",
    );
    check(
        SECOND,
        "kind = \"number\"\nalign = \"left\"\n",
        Rule::Pad,
        "x.toml:14: field \"second\": expected pad = \"0\" with align = \"right\", or pad = \" \", found pad = \"0\", \
         align = \"left\"",
    );
    check(
        FIRST,
        "kind = \"text\"\npad = \"0\"\n",
        Rule::Pad,
        "x.toml:12: field \"first\": expected pad = \" \" on kind = \"text\", found pad = \"0\", align = \"left\"",
    );
    check(
        FIRST,
        "kind = \"binary\"\nalign = \"right\"\n",
        Rule::Align,
        "x.toml:12: field \"first\": expected align only on a number, digits, text, korean or code, found kind = \
         \"binary\"",
    );
}

#[test]
fn secret_blank_codes_and_repeat_stand_where_they_mean_something() {
    check(
        FIRST,
        "kind = \"filler\"\nsecret = \"pan\"\n",
        Rule::Secret,
        "x.toml:12: field \"first\": expected secret only on a field that holds data, found kind = \"filler\"",
    );
    check(
        FIRST,
        "kind = \"text\"\nblank = \"none\"\nvalue = \"A\"\n",
        Rule::Blank,
        "x.toml:12: field \"first\": expected blank only where there is no constant, found value and blank",
    );
    check(
        FIRST,
        "kind = \"text\"\ncodes = { A = \"가\" }\n",
        Rule::Codes,
        "x.toml:12: field \"first\": expected codes only on kind = \"code\", found kind = \"text\"",
    );
    check(
        FIRST,
        "kind = \"code\"\ncodes = { ABCDEFGHIJKLM = \"가\" }\n",
        Rule::Codes,
        "x.toml:12: field \"first\": expected codes of at most 12 bytes printable ASCII, found \"ABCDEFGHIJKLM\"",
    );
    check(
        FIRST,
        "kind = \"text\"\nrepeat = 2\n",
        Rule::Repeat,
        "x.toml:12: field \"first\": expected repeat only on kind = \"group\", found kind = \"text\"\n\
         x.toml:15: field \"second\": expected at = 24 (where \"first\" ends), found 12: an overlap of 12 bytes",
    );
    check(
        FIRST,
        "kind = \"group\"\nspec = \"part\"\nrepeat = 0\n",
        Rule::Value,
        "x.toml:13: field \"first\": expected repeat from 1 to 65535, found 0",
    );
}

#[test]
fn korean_needs_the_charset() {
    let folder =
        folder(|text| text.replace("euc-kr", "ascii").replacen("kind = \"text\"", "kind = \"korean\"", 1));
    let found = findings(&folder);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].rule, found[0].line), (Rule::Charset, 8));
}

#[test]
fn a_sign_stands_on_a_number_that_varies() {
    check(
        FIRST,
        "kind = \"text\"\nsigned = true\n",
        Rule::Signed,
        "x.toml:12: field \"first\": expected signed only on kind = \"number\", found kind = \"text\"",
    );
    check(
        SECOND,
        "kind = \"number\"\nvalue = \"1\"\nsigned = true\n",
        Rule::Signed,
        "x.toml:19: field \"second\": expected signed only where there is no constant, found value and signed",
    );
    check(
        SECOND,
        "kind = \"number\"\nsigned = \"yes\"\n",
        Rule::Type,
        "x.toml:18: field \"second\": expected signed to be true or false, found a string",
    );
}

#[test]
fn a_fields_own_charset_stands_on_korean() {
    check(
        FIRST,
        "kind = \"text\"\ncharset = \"uhc\"\n",
        Rule::Charset,
        "x.toml:12: field \"first\": expected charset only on kind = \"korean\", found kind = \"text\"",
    );
    check(
        FIRST,
        "kind = \"korean\"\ncharset = \"cp949\"\n",
        Rule::Value,
        "x.toml:12: field \"first\": expected charset = ksx1001 | uhc, found \"cp949\"",
    );
}

#[test]
fn text_that_varies_can_be_cut() {
    check(
        SECOND,
        "kind = \"number\"\ntruncate = true\n",
        Rule::Truncate,
        "x.toml:18: field \"second\": expected truncate only on text or korean, found kind = \"number\"",
    );
    check(
        FIRST,
        "kind = \"text\"\nvalue = \"A\"\ntruncate = true\n",
        Rule::Truncate,
        "x.toml:13: field \"first\": expected truncate only where there is no constant, found value and truncate",
    );
}

#[test]
fn a_leniency_suits_what_it_loosens() {
    check(
        SECOND,
        "kind = \"number\"\npad = \" \"\nlenient = [\"padding\"]\n",
        Rule::Lenient,
        "x.toml:19: field \"second\": expected \"padding\" only on a number with pad = \"0\", found kind = \"number\", \
         pad = \" \"",
    );
    check(
        SECOND,
        "kind = \"number\"\nlenient = [\"alignment\"]\n",
        Rule::Lenient,
        "x.toml:18: field \"second\": expected \"alignment\" only on a number, text or code with pad = \" \", found kind \
         = \"number\", pad = \"0\"",
    );
    check(
        SECOND,
        "kind = \"digits\"\nlenient = [\"nul\"]\n",
        Rule::Lenient,
        "x.toml:18: field \"second\": expected \"nul\" only on text, korean or a code, found kind = \"digits\", pad = \" \"",
    );
    check(
        FIRST,
        "kind = \"text\"\nlenient = [\"cut\"]\n",
        Rule::Lenient,
        "x.toml:12: field \"first\": expected \"cut\" only on korean, found kind = \"text\"",
    );
    check(
        FIRST,
        "kind = \"text\"\nlenient = [\"nul\", \"nul\"]\n",
        Rule::Lenient,
        "x.toml:12: field \"first\": expected each word once, found \"nul\" again",
    );
    check(
        FIRST,
        "kind = \"text\"\nvalue = \"A\"\nlenient = [\"nul\"]\n",
        Rule::Lenient,
        "x.toml:13: field \"first\": expected lenient only where there is no constant, found value and lenient",
    );
    check(
        FIRST,
        "kind = \"text\"\nlenient = [\"case\"]\n",
        Rule::Value,
        "x.toml:12: field \"first\": expected lenient to be a list of padding | alignment | nul | cut, found \"case\"",
    );
    check(
        FIRST,
        "kind = \"text\"\nlenient = \"nul\"\n",
        Rule::Type,
        "x.toml:12: field \"first\": expected lenient to be a list of padding | alignment | nul | cut, found a string",
    );
    check(
        FIRST,
        "kind = \"text\"\nlenient = [1]\n",
        Rule::Type,
        "x.toml:12: field \"first\": expected lenient to be a list of padding | alignment | nul | cut, found a whole number",
    );
}
