//! Any bytes, read as frames.
#![no_main]

#[path = "../laws/frame.rs"]
mod frame;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Err(why) = frame::check(input) {
        panic!("{why}");
    }
});
