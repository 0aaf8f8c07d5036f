//! A purchase with something taken back, and what 한강멤버십 answers. Card numbers are invented.

use codec::{Binary, Code, Digits, Items, Korean, Secret, Text, Truncated, ValueError};
use jiff::civil::{DateTime, date, datetime, time};

use crate::telegrams::{
    Answer, Basket, Card, Coupon, Earn, Entry, Header, Line, Member, Points, Purpose, Reading,
};

/// What the chip gave: its cryptogram (9F26), its counter (9F36) and the terminal's verdict (95).
const EMV: &[u8] =
    b"\x9f\x26\x08\x12\x34\x56\x78\x9a\xbc\xde\xf0\x9f\x36\x02\x00\x2a\x95\x05\x00\x00\x00\x80\x00";

/// The request.
pub(crate) fn earn() -> Result<Earn, ValueError> {
    let mut lines = Items::new();
    lines.push(line("8801115114031", "바나나맛우유", 3, 4_500)?)?;
    lines.push(line("8809999000011", "청송 꿀사과 한 봉지", 1, 8_900)?)?;
    lines.push(line("20000018", "두부", 1, -2_000)?)?;
    Ok(Earn {
        header: header("0100", datetime(2026, 11, 21, 18, 30, 5, 0))?,
        purpose: Purpose::Earn,
        card: Card {
            member_no: Some(Secret::new(Digits::new("9410123412341237")?)),
            track2: Some(Secret::new(Text::new("4579730000000008=28122011234567890")?)),
            cvc: None,
            pin_block: None,
            cipher: None,
        },
        reading: Reading { entry: Entry::Chip, emv_length: 23, emv: Some(Binary::new(EMV)?) },
        total: 11_400,
        points: 114,
        basket: Basket {
            lines,
            coupons: [
                Coupon {
                    number: Some(Digits::new("00120034")?),
                    discount: Some(1_000),
                    until: Some(date(2026, 12, 31)),
                },
                Coupon { number: None, discount: None, until: None },
            ],
        },
        sold_at: time(18, 30, 2, 0),
        cashier: Some(Text::new("KIM")?),
    })
}

fn line(barcode: &str, name: &str, quantity: u16, amount: i32) -> Result<Line, ValueError> {
    let (barcode, name) = (Digits::new(barcode)?, Truncated::cut(name));
    Ok(Line { barcode, name, quantity, amount })
}

/// The answer.
pub(crate) fn answer() -> Result<Answer, ValueError> {
    let at = datetime(2026, 11, 21, 18, 30, 6, 0);
    Ok(Answer {
        header: header("0110", at)?,
        result: Code::new("00")?,
        approval_no: Some(Digits::new("3000017")?),
        approved_at: Some(at),
        member: Member {
            name: Korean::new("똠방각하")?,
            grade: Code::new("G")?,
            joined_on: Some(date(2019, 3, 2)),
        },
        points: Points {
            balance: -4_200,
            expiring: 300,
            expires_at: Some(datetime(2026, 12, 31, 23, 59, 59, 0).into()),
            rank: 7,
        },
        message: Truncated::cut("적립되었습니다"),
        notice: Truncated::cut("THANK YOU"),
    })
}

fn header(telegram_type: &str, sent_at: DateTime) -> Result<Header, ValueError> {
    Ok(Header {
        telegram_type: Digits::new(telegram_type)?,
        serial: Digits::zero_padded(42)?,
        sent_at,
        branch: Text::new("MAPO-1")?,
    })
}
