use codec::{Telegram, Text};

#[derive(Telegram)]
#[telegram(spec = "part", dir = "layouts", length = 10)]
struct Part {
    #[field(at = 0, len = 4, kind = "text")]
    kind: Text<4>,
    #[field(at = 4, len = 6, kind = "text")]
    trace: Text<6>,
}

#[derive(Telegram)]
#[telegram(spec = "grouped", dir = "../layouts", length = 10)]
struct Grouped {
    #[field(at = 0, len = 10, kind = "group")]
    part: Part,
}

fn main() {}
