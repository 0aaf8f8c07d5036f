use codec::{Telegram, Text};

#[derive(Telegram)]
#[telegram(spec = "wide_code", dir = "layouts", length = 1)]
struct Spec {
    #[field(at = 0, len = 4, kind = "text")]
    first: Text<4>,
}

fn main() {}
