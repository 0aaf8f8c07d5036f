use codec::{Telegram, Text};

#[derive(Telegram)]
#[telegram(spec = "small", dir = "../layouts", length = 40)]
struct Small {
    #[field(at = 19, len = 20, kind = "text")]
    note: Text<20>,
}

fn main() {}
