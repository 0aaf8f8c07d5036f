use codec::{Digits, Telegram, Text};

#[derive(Telegram)]
#[telegram(spec = "small", dir = "../layouts", length = 39)]
struct Small {
    #[field(at = 4, len = 11, kind = "text")]
    amount: Text<12>,
    #[field(at = 16, len = 3, kind = "digits")]
    cvc: Digits<3>,
    #[field(at = 19, len = 20, kind = "text", secret = "pan")]
    note: Text<19>,
}

fn main() {}
