use codec::{Telegram, Text};

#[derive(Telegram)]
#[telegram(spec = "plain", dir = "nowhere", length = 4)]
struct Spec {
    #[field(at = 0, len = 4, kind = "text")]
    first: Text<4>,
}

fn main() {}
