use codec::{Telegram, Text};

#[derive(Telegram)]
#[telegram(spec = "plain", dir = "few", length = 4)]
struct Unnamed(Text<4>);

#[derive(Telegram)]
#[telegram(spec = "plain", dir = "few", length = 4)]
enum Either {
    First(Text<4>),
}

#[derive(Telegram)]
#[telegram(spec = "plain", dir = "few", length = 4)]
struct Generic<T> {
    #[field(at = 0, len = 4, kind = "text")]
    first: T,
}

#[derive(Telegram)]
struct Nowhere {
    #[field(at = 0, len = 4, kind = "text")]
    first: Text<4>,
}

fn main() {}
