use codec::{Telegram, Text};

#[derive(Telegram)]
#[telegram(spec = "small_counter", dir = "layouts", length = 85)]
struct Spec {
    #[field(at = 0, len = 4, kind = "text")]
    first: Text<4>,
}

fn main() {}
