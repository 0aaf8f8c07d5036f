use codec::{Telegram, Text};

#[derive(Telegram)]
#[telegram(spec = "too_long", dir = "layouts", length = 9)]
struct Spec {
    #[field(at = 0, len = 4, kind = "text")]
    first: Text<4>,
}

fn main() {}
