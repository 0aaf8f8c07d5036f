//! The card company's request, as the dialect of the product has it.

use codec::frame::{FrameFormat, Framing, LengthPad};
use codec::{Digits, Secret, Telegram, Text};

use super::{Measured, Values, values};

/// 카드사 직승인 요청.
#[derive(Telegram)]
#[telegram(spec = "card450-request", length = 450)]
pub(in crate::cases) struct Card450 {
    #[field(at = 4, len = 10, kind = "text")]
    kind: Text<10>,
    #[field(at = 14, len = 20, kind = "text")]
    management_no: Text<20>,
    #[field(at = 34, len = 20, kind = "digits", secret = "pan")]
    card_no: Option<Secret<Digits<20>>>,
    #[field(at = 54, len = 2, kind = "number")]
    installment: u8,
    #[field(at = 56, len = 4, kind = "digits", secret = "pan")]
    expiry: Option<Secret<Digits<4>>>,
    #[field(at = 60, len = 3, kind = "digits", secret = "cvc")]
    cvc: Option<Secret<Digits<3>>>,
    #[field(at = 63, len = 10, kind = "number")]
    amount: u64,
    #[field(at = 73, len = 10, kind = "number")]
    vat: u64,
    #[field(at = 83, len = 20, kind = "text")]
    original_management_no: Text<20>,
    #[field(at = 103, len = 300, kind = "text", secret = "block")]
    encrypted_card: Secret<Text<300>>,
}

impl Measured for Card450 {
    const FRAME: FrameFormat = FrameFormat {
        length_pad: LengthPad::Blank,
        length_in_telegram: true,
        ..FrameFormat::new(Framing::Ascii4, 450, 450)
    };

    fn sample(number: u8) -> Self {
        let block: String =
            ('A'..='Z').cycle().skip(number.into()).take(300 - usize::from(number) * 4).collect();
        let amount = 11 * 10_u64.pow(u32::from(number)) + u64::from(number);
        Self {
            kind: text(if number.is_multiple_of(2) { "PAYMENT" } else { "CANCEL" }),
            management_no: text(&format!("M20261121-{number:07}")),
            card_no: Some(Digits::new(&format!("457973{:010}", amount % 9_999)).expect("digits").into()),
            installment: number * 2,
            expiry: Some(Digits::new("2812").expect("digits").into()),
            cvc: (number != 5).then(|| Digits::new("123").expect("digits").into()),
            amount,
            vat: amount / 11,
            original_management_no: text(if number.is_multiple_of(2) { "" } else { "M20261121-0000009" }),
            encrypted_card: text::<300>(&block).into(),
        }
    }

    fn values(&self) -> Values {
        values!(self, kind management_no card_no installment expiry cvc amount vat original_management_no encrypted_card)
    }
}

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).expect("printable and short enough")
}
