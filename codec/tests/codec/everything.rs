//! A telegram with a field of every kind.

use codec::{Binary, Code, Digits, Korean, MonthDayTime, Secret, Telegram, Text};
use jiff::civil::{Date, DateTime, Time};

/// A part others begin with.
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "part", dir = "../layouts", length = 10)]
pub(crate) struct Part {
    /// Type of the telegram.
    #[field(at = 0, len = 4, kind = "digits")]
    pub(crate) kind: Digits<4>,
    /// Serial.
    #[field(at = 4, len = 6, kind = "text")]
    pub(crate) trace: Text<6>,
}

/// Every kind of field.
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "everything", dir = "../layouts", length = 200)]
#[allow(missing_docs, reason = "the names say their kinds")]
pub(crate) struct Everything {
    #[field(at = 0, len = 10, kind = "group")]
    pub(crate) part: Part,
    #[field(at = 14, len = 12, kind = "number")]
    pub(crate) amount: u64,
    #[field(at = 26, len = 10, kind = "number")]
    pub(crate) blank_padded: u64,
    #[field(at = 36, len = 12, kind = "number")]
    pub(crate) vat: Option<u64>,
    #[field(at = 48, len = 20, kind = "number")]
    pub(crate) large: u128,
    #[field(at = 68, len = 20, kind = "digits", secret = "pan")]
    pub(crate) card_no: Option<Secret<Digits<20>>>,
    #[field(at = 88, len = 6, kind = "digits")]
    pub(crate) serial: Digits<6>,
    #[field(at = 94, len = 20, kind = "korean")]
    pub(crate) message: Korean<20>,
    #[field(at = 114, len = 1, kind = "code")]
    pub(crate) entry: Code<1>,
    #[field(at = 115, len = 9, kind = "text")]
    pub(crate) note: Option<Text<9>>,
    #[field(at = 124, len = 14, kind = "datetime")]
    pub(crate) at14: DateTime,
    #[field(at = 138, len = 12, kind = "datetime")]
    pub(crate) at12: Option<DateTime>,
    #[field(at = 150, len = 10, kind = "datetime")]
    pub(crate) at10: MonthDayTime,
    #[field(at = 160, len = 8, kind = "datetime")]
    pub(crate) day8: Date,
    #[field(at = 168, len = 6, kind = "datetime")]
    pub(crate) day6: Date,
    #[field(at = 174, len = 6, kind = "datetime")]
    pub(crate) time6: Time,
    #[field(at = 180, len = 16, kind = "binary", secret = "block")]
    pub(crate) block: Secret<Binary<16>>,
}

/// One with something in every field.
pub(crate) fn example() -> Everything {
    Everything {
        part: Part { kind: Digits::new("0100").unwrap(), trace: Text::new("A-7").unwrap() },
        amount: 12_300,
        blank_padded: 0,
        vat: Some(1118),
        large: 18_446_744_073_709_551_616,
        card_no: Some(Secret::new(Digits::new("4579730000000008").unwrap())),
        serial: Digits::zero_padded(42).unwrap(),
        message: Korean::new("정상 승인 OK").unwrap(),
        entry: Code::new("I").unwrap(),
        note: Some(Text::new("a b").unwrap()),
        at14: jiff::civil::datetime(2026, 11, 21, 3, 30, 59, 0),
        at12: None,
        at10: jiff::civil::datetime(2028, 2, 29, 23, 59, 0, 0).into(),
        day8: jiff::civil::date(2026, 12, 31),
        day6: jiff::civil::date(2099, 1, 1),
        time6: jiff::civil::time(0, 0, 0, 0),
        block: Secret::new(Binary::new(&[0xff, 0x00, 0x20]).unwrap()),
    }
}

/// Its bytes; `정상 승인` is C1A4 BBF3 20 BDC2 C0CE.
pub(crate) fn example_bytes() -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(b"0100A-7   ");
    bytes.extend(b" 190");
    bytes.extend(b"000000012300");
    bytes.extend(b"         0");
    bytes.extend(b"000000001118");
    bytes.extend(b"18446744073709551616");
    bytes.extend(b"4579730000000008    ");
    bytes.extend(b"000042");
    bytes.extend(b"\xc1\xa4\xbb\xf3 \xbd\xc2\xc0\xce OK        ");
    bytes.extend(b"I");
    bytes.extend(b"a b      ");
    bytes.extend(b"20261121033059");
    bytes.extend(b"            ");
    bytes.extend(b"0229235900");
    bytes.extend(b"20261231");
    bytes.extend(b"990101");
    bytes.extend(b"000000");
    bytes.extend(b"\xff\x00              ");
    bytes.extend(b"    ");
    assert_eq!(bytes.len(), 200);
    bytes
}
