use codec::{Telegram, Text};

#[derive(Telegram)]
#[telegram(spec = "small", dir = "../layouts", length = 40)]
struct Small {
    note: Text<20>,
}

fn main() {}
