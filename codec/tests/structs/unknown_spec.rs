use codec::{Telegram, Text};

#[derive(Telegram)]
#[telegram(spec = "plan", dir = "few", length = 4)]
struct Spec {
    #[field(at = 0, len = 4, kind = "text")]
    first: Text<4>,
}

fn main() {}
