//! Any bytes, read as a telegram of any layout.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use dialects::compiled::{self, Compiled};
use telegram_replay::layout::Layout;

#[path = "../laws/decode.rs"]
mod decode;
/// 한강멤버십, which has every kind of field and every key of a layout file.
#[allow(dead_code, reason = "only decoded and encoded here")]
#[path = "../../codec/examples/membership/telegrams.rs"]
mod membership;

static READERS: LazyLock<decode::Readers> = LazyLock::new(|| {
    let mut all = compiled::all();
    all.push(Compiled::of::<membership::Earn>());
    all.push(Compiled::of::<membership::Answer>());
    decode::Readers::new(all, |name| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../codec/examples/membership/layouts");
        let layout = Layout::embedded(name).or_else(|_| Layout::read(&folder.join(format!("{name}.toml"))));
        layout.unwrap_or_else(|findings| panic!("{findings}"))
    })
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Err(why) = READERS.check(input) {
        panic!("{why}");
    }
});
