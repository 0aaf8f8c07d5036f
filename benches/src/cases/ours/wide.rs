//! A wide layout, made up for measuring: 45 fields over 800 bytes, two of them Korean.

use codec::frame::{FrameFormat, Framing};
use codec::{Code, Digits, Korean, Telegram, Text};
use jiff::civil::{Date, DateTime};

use super::{Measured, Values, values};

const ISSUERS: [&str; 3] = ["한강카드", "KB국민카드", "우리 BC"];

/// 측정용 넓은 전문.
#[derive(Telegram)]
#[telegram(spec = "wide", dir = "../../../layouts", length = 800)]
pub(in crate::cases) struct Wide {
    #[field(at = 0, len = 4, kind = "digits")]
    message_type: Digits<4>,
    #[field(at = 4, len = 2, kind = "digits")]
    version: Digits<2>,
    #[field(at = 6, len = 10, kind = "text")]
    terminal_id: Text<10>,
    #[field(at = 16, len = 10, kind = "digits")]
    merchant_no: Digits<10>,
    #[field(at = 26, len = 6, kind = "digits")]
    trace_no: Digits<6>,
    #[field(at = 32, len = 14, kind = "datetime")]
    sent_at: DateTime,
    #[field(at = 46, len = 4, kind = "text")]
    response_code: Text<4>,
    #[field(at = 50, len = 1, kind = "code")]
    entry_mode: Code<1>,
    #[field(at = 51, len = 8, kind = "digits")]
    card_bin: Digits<8>,
    #[field(at = 59, len = 20, kind = "text")]
    masked_card: Text<20>,
    #[field(at = 79, len = 2, kind = "number")]
    installment: u8,
    #[field(at = 81, len = 3, kind = "digits")]
    currency: Digits<3>,
    #[field(at = 84, len = 12, kind = "number")]
    total_amount: u64,
    #[field(at = 96, len = 12, kind = "number")]
    supply_amount: u64,
    #[field(at = 108, len = 12, kind = "number")]
    vat: u64,
    #[field(at = 120, len = 12, kind = "number")]
    service_charge: u64,
    #[field(at = 132, len = 12, kind = "number")]
    tax_free: u64,
    #[field(at = 144, len = 9, kind = "number")]
    point_used: u64,
    #[field(at = 153, len = 9, kind = "number")]
    point_left: u64,
    #[field(at = 162, len = 12, kind = "text")]
    approval_no: Text<12>,
    #[field(at = 174, len = 14, kind = "datetime")]
    approved_at: DateTime,
    #[field(at = 188, len = 20, kind = "text")]
    van_trace: Text<20>,
    #[field(at = 208, len = 4, kind = "text")]
    issuer_code: Text<4>,
    #[field(at = 212, len = 20, kind = "korean")]
    issuer_name: Korean<20>,
    #[field(at = 232, len = 4, kind = "text")]
    acquirer_code: Text<4>,
    #[field(at = 236, len = 15, kind = "text")]
    acquirer_merchant_no: Text<15>,
    #[field(at = 251, len = 1, kind = "code")]
    capture_kind: Code<1>,
    #[field(at = 252, len = 4, kind = "text")]
    host_code: Text<4>,
    #[field(at = 256, len = 80, kind = "korean")]
    message: Korean<80>,
    #[field(at = 336, len = 6, kind = "digits")]
    original_trace_no: Digits<6>,
    #[field(at = 342, len = 6, kind = "datetime")]
    original_date: Date,
    #[field(at = 348, len = 12, kind = "number")]
    original_amount: u64,
    #[field(at = 360, len = 12, kind = "number")]
    cancelled_amount: u64,
    #[field(at = 372, len = 3, kind = "number")]
    cancel_count: u16,
    #[field(at = 375, len = 50, kind = "text")]
    order_no: Text<50>,
    #[field(at = 425, len = 20, kind = "text")]
    customer_no: Text<20>,
    #[field(at = 445, len = 50, kind = "text")]
    email: Text<50>,
    #[field(at = 495, len = 13, kind = "text")]
    phone: Text<13>,
    #[field(at = 508, len = 20, kind = "text")]
    ip: Text<20>,
    #[field(at = 528, len = 40, kind = "text")]
    domain: Text<40>,
    #[field(at = 568, len = 10, kind = "digits")]
    business_no: Digits<10>,
    #[field(at = 578, len = 28, kind = "text")]
    cavv: Text<28>,
    #[field(at = 606, len = 28, kind = "text")]
    xid: Text<28>,
    #[field(at = 634, len = 100, kind = "text")]
    merchant_data: Text<100>,
}

impl Measured for Wide {
    const FRAME: FrameFormat = FrameFormat::new(Framing::Ascii4, 1, 1000);

    fn sample(number: u8) -> Self {
        let amount = 11_000 + 1_003 * 10_u64.pow(u32::from(number));
        let second = i8::try_from(number).expect("a few");
        let date = Date::constant(2026, 11, 21);
        Self {
            message_type: digits("0110"),
            version: digits("01"),
            terminal_id: text("1000000001"),
            merchant_no: digits("1208800001"),
            trace_no: Digits::zero_padded(u64::from(number) + 42).expect("short enough"),
            sent_at: date.at(9, 30, second, 0),
            response_code: text("0000"),
            entry_mode: Code::new("I").expect("printable"),
            card_bin: digits("45797300"),
            masked_card: text(&format!("457973******{number:04}")),
            installment: number,
            currency: digits("410"),
            total_amount: amount,
            supply_amount: amount - amount / 11,
            vat: amount / 11,
            service_charge: 0,
            tax_free: 0,
            point_used: u64::from(number),
            point_left: 1_000_000 * u64::from(number),
            approval_no: text(&format!("{:08}", 30_112_345 + u32::from(number))),
            approved_at: date.at(9, 30, second + 1, 0),
            van_trace: text(&format!("K{number}2026112109300{number}")),
            issuer_code: text("026"),
            issuer_name: korean(ISSUERS[usize::from(number) % ISSUERS.len()]),
            acquirer_code: text("031"),
            acquirer_merchant_no: text("000123456789"),
            capture_kind: Code::new("D").expect("printable"),
            host_code: text("00"),
            message: korean(if number == 3 {
                ""
            } else {
                "정상 승인되었습니다. 감사합니다 (VISA) 카드사 전화 1544-0000"
            }),
            original_trace_no: digits("000041"),
            original_date: date,
            original_amount: amount,
            cancelled_amount: u64::from(number),
            cancel_count: u16::from(number),
            order_no: text(&format!("ORDER-2026-11-21-{number:06}")),
            customer_no: text("C0012345"),
            email: text(if number == 2 { "" } else { "customer@shop.example" }),
            phone: text("010-0000-0000"),
            ip: text("192.0.2.1"),
            domain: text("shop.example"),
            business_no: digits("1208800002"),
            cavv: text(""),
            xid: text(if number == 6 { "MDAwMDAwMDAwMDAwMDAwMDAwMDE=" } else { "" }),
            merchant_data: text(
                &"receipt 7 ".repeat(usize::from(number) + 1)[..usize::from(number) * 10 + 9],
            ),
        }
    }

    fn values(&self) -> Values {
        values!(self, message_type version terminal_id merchant_no trace_no sent_at response_code entry_mode card_bin masked_card installment currency total_amount supply_amount vat service_charge tax_free point_used point_left approval_no approved_at van_trace issuer_code issuer_name acquirer_code acquirer_merchant_no capture_kind host_code message original_trace_no original_date original_amount cancelled_amount cancel_count order_no customer_no email phone ip domain business_no cavv xid merchant_data)
    }
}

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).expect("printable and short enough")
}

fn korean<const N: usize>(text: &str) -> Korean<N> {
    Korean::new(text).expect("in EUC-KR and short enough")
}

fn digits<const N: usize>(digits: &str) -> Digits<N> {
    Digits::new(digits).expect("digits")
}
