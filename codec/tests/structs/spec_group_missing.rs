use codec::{Telegram, Text};

#[derive(Telegram)]
#[telegram(spec = "lost_group", dir = "layouts", length = 7)]
struct Spec {
    #[field(at = 0, len = 4, kind = "text")]
    first: Text<4>,
}

fn main() {}
