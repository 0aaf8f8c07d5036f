use codec::{Code, Digits, Secret, Telegram, Text};

#[derive(Telegram)]
#[telegram(spec = "small", dir = "../layouts", length = 40)]
struct Small {
    #[field(at = 4, at = 5, len = 12, kind = "number")]
    amount: u64,
    #[field(at = 16, len = 3, kind = "digits", secret = "cvc")]
    #[field(at = 17, len = 3, kind = "digits", secret = "cvc")]
    cvc: Option<Secret<Digits<3>>>,
    #[field(at = 19, len = 20, kind = "text")]
    note: Text<20>,
}

#[derive(Telegram)]
#[telegram(spec = "small", dir = "../layouts", length = 40)]
#[telegram(spec = "part", dir = "../layouts", length = 10)]
struct Two {}

#[derive(Code, Clone, Copy)]
#[code(len = 1)]
enum Entry {
    #[code("I")]
    #[code("S")]
    Chip,
    Other(Code<1>),
}

fn main() {}
