use codec::{Digits, Telegram, Text};

type Secret<T> = T;

#[derive(Telegram)]
#[telegram(spec = "small", dir = "../layouts", length = 40)]
struct Small {
    #[field(at = 4, len = 12, kind = "number")]
    amount: u64,
    #[field(at = 16, len = 3, kind = "digits", secret = "cvc")]
    cvc: Option<Secret<Digits<3>>>,
    #[field(at = 19, len = 20, kind = "text")]
    note: Text<20>,
}

fn main() {}
