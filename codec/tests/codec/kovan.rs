//! An approval request to KOVAN, byte for byte.

use codec::{Code, Digits, MonthDayTime, Secret, Telegram, Text};
use jiff::civil::{Date, Time, date, time};

/// KOVAN 승인 요청
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "kovan-approval", length = 356)]
struct Approval {
    #[field(at = 3, len = 9, kind = "text")]
    host: Text<9>,
    #[field(at = 38, len = 12, kind = "number")]
    amount: u64,
    #[field(at = 50, len = 10, kind = "datetime")]
    transmitted_at: MonthDayTime,
    #[field(at = 60, len = 6, kind = "digits")]
    trace: Digits<6>,
    #[field(at = 66, len = 6, kind = "datetime")]
    time: Time,
    #[field(at = 72, len = 6, kind = "datetime")]
    date: Date,
    #[field(at = 79, len = 2, kind = "code")]
    entry: Code<2>,
    #[field(at = 84, len = 5, kind = "text")]
    institution: Text<5>,
    #[field(at = 91, len = 37, kind = "text", secret = "track")]
    track2: Secret<Text<37>>,
    #[field(at = 128, len = 12, kind = "text")]
    transaction_id: Text<12>,
    #[field(at = 140, len = 15, kind = "text")]
    merchant_no: Text<15>,
    #[field(at = 155, len = 10, kind = "text")]
    cat_id: Text<10>,
    #[field(at = 165, len = 10, kind = "text")]
    business_no: Text<10>,
    #[field(at = 208, len = 10, kind = "text")]
    sub_mall_business_no: Text<10>,
    #[field(at = 233, len = 40, kind = "text")]
    sub_mall_url: Text<40>,
    #[field(at = 273, len = 20, kind = "text")]
    sub_mall_ip: Text<20>,
    #[field(at = 296, len = 2, kind = "number")]
    installment: u8,
    #[field(at = 298, len = 28, kind = "text")]
    cavv: Text<28>,
    #[field(at = 326, len = 28, kind = "text")]
    xid: Text<28>,
    #[field(at = 354, len = 2, kind = "digits")]
    retry: Digits<2>,
}

fn request() -> Approval {
    Approval {
        host: Text::new("023400052").unwrap(),
        amount: 50_000,
        transmitted_at: date(2026, 11, 21).at(9, 30, 1, 0).into(),
        trace: Digits::zero_padded(7).unwrap(),
        time: time(9, 30, 0, 0),
        date: date(2026, 11, 21),
        entry: Code::new("90").unwrap(),
        institution: Text::EMPTY,
        track2: Secret::new(Text::new("4579730000000008=28121010000000000000").unwrap()),
        transaction_id: Text::new("260000000007").unwrap(),
        merchant_no: Text::new("1").unwrap(),
        cat_id: Text::new("7001234567").unwrap(),
        business_no: Text::new("1208800001").unwrap(),
        sub_mall_business_no: Text::EMPTY,
        sub_mall_url: Text::EMPTY,
        sub_mall_ip: Text::EMPTY,
        installment: 3,
        cavv: Text::EMPTY,
        xid: Text::EMPTY,
        retry: Digits::new("00").unwrap(),
    }
}

fn golden() -> Vec<u8> {
    let parts = [
        "ISO023400052",
        "0200",
        "3238040128608A02",
        "000030",
        "000000050000",
        "1121093001",
        "000007",
        "093000",
        "261121",
        "790",
        "069     ",
        "374579730000000008=28121010000000000000",
        "260000000007",
        "1              ",
        "7001234567",
        "1208800001",
        &" ".repeat(20),
        "410",
        &" ".repeat(95),
        "00203",
        &" ".repeat(56),
        "00",
    ];
    parts.concat().into_bytes()
}

#[test]
fn a_kovan_approval_request_is_written_as_published() {
    let bytes = request().encode_to_bytes().unwrap();
    assert_eq!(bytes.escape_ascii().to_string(), golden().escape_ascii().to_string());
    assert_eq!(Approval::decode(&golden()), Ok(request()));
}

#[test]
fn another_bitmap_is_refused_and_a_run_as_long_as_a_card_number_masked() {
    let mut bytes = golden();
    bytes[31] = b'3';
    let error = Approval::decode(&bytes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "kovan-approval field \"bitmap\" (비트맵) at 16..32: expected \"3238040128608A02\", found \"323804*******A03\""
    );
}

#[test]
fn a_shifted_telegram_shows_no_card_number() {
    let golden = golden();
    for shift in 1..200 {
        let mut bytes = golden[shift..].to_vec();
        bytes.resize(356, b' ');
        let error = Approval::decode(&bytes).unwrap_err().to_string();
        assert!(!error.contains("4579730000000008"), "{error}");
    }
}
