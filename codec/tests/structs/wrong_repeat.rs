use codec::{Binary, Code, Digits, Items, Korean, Secret, Telegram, Text, Truncated, Uhc};
use jiff::civil::Date;

#[derive(Telegram)]
#[telegram(spec = "line", dir = "layouts", length = 7)]
struct Line {
    #[field(at = 0, len = 4, kind = "text")]
    code: Text<4>,
    #[field(at = 4, len = 3, kind = "number")]
    quantity: u16,
}

#[derive(Code, Clone, Copy, Debug)]
#[code(len = 1)]
enum Entry {
    #[code("I")]
    Ic,
    #[code("S")]
    Swiped,
    Other(Code<1>),
}

#[derive(Telegram)]
#[telegram(spec = "many", dir = "layouts", length = 135)]
struct Many {
    #[field(at = 2, len = 7, kind = "group")]
    lines: Items<Line, 2>,
    #[field(at = 23, len = 7, kind = "group")]
    pairs: [Line; 3],
    #[field(at = 37, len = 16, kind = "digits", secret = "pan")]
    card_no: Secret<Digits<16>>,
    #[field(at = 53, len = 9, kind = "number")]
    vat: Option<u32>,
    #[field(at = 62, len = 20, kind = "korean")]
    message: Truncated<Korean<20>>,
    #[field(at = 82, len = 10, kind = "korean")]
    name: Korean<10, Uhc>,
    #[field(at = 92, len = 8, kind = "text")]
    note: Text<8>,
    #[field(at = 100, len = 6, kind = "text", align = "right")]
    branch: Text<6>,
    #[field(at = 106, len = 6, kind = "digits", pad = " ")]
    serial: Digits<6>,
    #[field(at = 112, len = 10, kind = "number")]
    balance: i64,
    #[field(at = 122, len = 1, kind = "code")]
    entry: Entry,
    #[field(at = 123, len = 8, kind = "datetime")]
    sold_on: Date,
    #[field(at = 131, len = 4, kind = "binary")]
    block: Binary<4>,
}

fn main() {}
