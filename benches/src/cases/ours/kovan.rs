//! KOVAN's approval request, as the dialect of the product has it.

use codec::frame::{FrameFormat, Framing};
use codec::{Code, Digits, MonthDayTime, Secret, Telegram, Text};
use jiff::civil::{Date, Time};

use super::{Measured, Values, values};

/// KOVAN 승인 요청.
#[derive(Telegram)]
#[telegram(spec = "kovan-approval", length = 356)]
pub(in crate::cases) struct Kovan {
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

impl Measured for Kovan {
    const FRAME: FrameFormat = FrameFormat::new(Framing::Ascii4, 200, 400);

    fn sample(number: u8) -> Self {
        let second = i8::try_from(number).expect("a few");
        let time = Time::constant(9, 30, second, 0);
        Self {
            host: text("023400052"),
            amount: 1_004 * 10_u64.pow(u32::from(number)),
            transmitted_at: MonthDayTime::new(11, 21, time).expect("a day of every year"),
            trace: Digits::zero_padded(u64::from(number) + 42).expect("short enough"),
            time,
            date: Date::constant(2026, 11, 21),
            entry: Code::new(if number.is_multiple_of(2) { "01" } else { "05" }).expect("printable"),
            institution: text("12345"),
            track2: text::<37>(&format!("457973000000{number:04}=2812")).into(),
            transaction_id: text(&format!("20261121{number:04}")),
            merchant_no: text(&"9".repeat(usize::from(number) + 1)),
            cat_id: text("7001234567"),
            business_no: text("1208800001"),
            sub_mall_business_no: text(if number == 3 { "1208800002" } else { "" }),
            sub_mall_url: text(if number == 3 { "https://shop.example" } else { "" }),
            sub_mall_ip: text("192.0.2.1"),
            installment: number,
            cavv: text(""),
            xid: text(if number == 6 { "MDAwMDAwMDAwMDAwMDAwMDAwMDE=" } else { "" }),
            retry: Digits::new("00").expect("digits"),
        }
    }

    fn values(&self) -> Values {
        values!(self, host amount transmitted_at trace time date entry institution track2 transaction_id merchant_no cat_id
            business_no sub_mall_business_no sub_mall_url sub_mall_ip installment cavv xid retry)
    }
}

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).expect("printable and short enough")
}
