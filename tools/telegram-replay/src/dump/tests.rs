use codec::frame::Framing;

use super::*;
use crate::capture::{Assignment, Value};
use crate::layout::Layout;

fn approval() -> (Layout, Vec<u8>) {
    let layout = Layout::embedded("terminal-0100").unwrap();
    let values = [
        ("telegram_type", "0100"),
        ("terminal_id", "1000000001"),
        ("merchant_no", "1208800001"),
        ("trace_no", "000001"),
        ("sent_at", "20260701090807"),
        ("security", "0"),
        ("entry_mode", "I"),
        ("card_bin", "94101234"),
        ("card_track", "9410123412341237=2912"),
        ("card_block_van", "9410123412341237"),
        ("pin_block", "1234123412341234"),
        ("currency", "410"),
        ("total_amount", "50000"),
        ("merchant_data", "주문 9410123412341237"),
    ]
    .map(|(field, value)| Assignment { field: field.to_owned(), value: Value::text(value) });
    let telegram = layout.build(&values, "2026-07-01T09:08:07".parse().unwrap()).unwrap();
    (layout, telegram)
}

#[test]
fn a_table_names_every_field_and_masks_the_secrets() {
    let (layout, mut telegram) = approval();
    telegram[365..377].copy_from_slice(b"00000005000A");
    let table = Dumped::of(&layout.decode(&telegram), telegram.len()).table();
    let trimmed: Vec<_> = table.lines().map(str::trim_end).collect();
    insta::assert_snapshot!(trimmed.join("\n"));
}

#[test]
fn json_masks_the_secrets_too() {
    let (layout, telegram) = approval();
    let dumped = Dumped::of(&layout.decode(&telegram), telegram.len());
    assert!(!dumped.has_findings());
    let json = serde_json::to_string(&dumped).unwrap();
    assert!(json.contains(r#"{"at":69,"len":37,"name":"card_track","title":"#), "{json}");
    assert!(!json.contains("94101234123412"), "{json}");
    assert!(!json.contains("1234123412341234"), "{json}");
}

#[test]
fn a_telegram_of_the_wrong_length_shows_its_length_only() {
    let (layout, telegram) = approval();
    let table = Dumped::of(&layout.decode(&telegram[..700]), 700).table();
    assert_eq!(table, "terminal-0100 승인 요청 (700 bytes)\nexpected 728 bytes, found 700\n");
}

#[test]
fn frames_are_taken_apart_and_what_is_left_is_named() {
    let format = FrameFormat::new(Framing::Ascii4, 1, 9999);
    let frames = frames(b"0003abc0002de0005fg", format);
    let telegrams: Vec<_> =
        frames.telegrams.iter().map(|(range, bytes)| (range.clone(), &bytes[..])).collect();
    assert_eq!(telegrams, [(0..7, &b"abc"[..]), (7..13, b"de")]);
    assert_eq!(frames.broken.unwrap().to_string(), "an incomplete frame of 6 bytes at byte 13");
    let garbage = super::frames(b"00x3abc", format);
    assert!(garbage.broken.unwrap().to_string().contains("at byte 0"));
    assert_eq!(super::frames(b"0003abc", format).broken, None);
}
