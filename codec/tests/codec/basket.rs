//! Groups that repeat, signs, leniencies, cut texts, enums of codes, parsers, patches.

use bytes::Bytes;
use codec::{Code, Digits, Items, Korean, Owned, Rule, Secret, Telegram, Text, Truncated, Uhc};

use crate::everything::Part;

#[derive(Code, Clone, Copy, Debug, PartialEq, Eq)]
#[code(len = 1)]
enum Entry {
    #[code("I")]
    Chip,
    #[code("S")]
    Swipe,
    Other(Code<1>),
}

/// One line.
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "item", dir = "../layouts", length = 13)]
struct Item {
    #[field(at = 0, len = 4, kind = "text")]
    code: Text<4>,
    #[field(at = 4, len = 3, kind = "number", pad = "0", align = "right")]
    qty: u16,
    #[field(at = 7, len = 6, kind = "number")]
    price: i32,
}

/// Several lines.
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "basket", dir = "../layouts", length = 140)]
struct Basket {
    #[field(at = 2, len = 13, kind = "group")]
    items: Items<Item, 3>,
    #[field(at = 41, len = 10, kind = "group")]
    parts: [Part; 2],
    #[field(at = 61, len = 10, kind = "korean")]
    name: Korean<10, Uhc>,
    #[field(at = 71, len = 11, kind = "korean")]
    message: Truncated<Korean<11>>,
    #[field(at = 82, len = 8, kind = "number", pad = " ")]
    balance: i32,
    #[field(at = 90, len = 6, kind = "number")]
    old: u32,
    #[field(at = 96, len = 6, kind = "text")]
    old_text: Text<6>,
    #[field(at = 102, len = 1, kind = "code")]
    entry: Entry,
    #[field(at = 103, len = 37, kind = "text", secret = "track", with = codec::track2)]
    track2: Secret<Text<37>>,
}

fn item(code: &str, qty: u16, price: i32) -> Item {
    Item { code: Text::new(code).unwrap(), qty, price }
}

fn basket() -> Basket {
    let mut items = Items::new();
    items.push(item("A1", 2, 12_500)).unwrap();
    items.push(item("B2", 1, -300)).unwrap();
    let part = |kind| Part { kind: Digits::new(kind).unwrap(), trace: Text::new("T").unwrap() };
    Basket {
        items,
        parts: [part("0001"), part("0002")],
        name: Korean::new("똠방각하").unwrap(),
        message: Truncated::cut("승인되었습니다"),
        balance: -4_200,
        old: 77,
        old_text: Text::new("OLD").unwrap(),
        entry: Entry::Chip,
        track2: Secret::new(Text::new("4579730000000008=2812").unwrap()),
    }
}

fn bytes() -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(b"02A1  002012500B2  001-00300             ");
    bytes.extend(b"0001T     0002T     ");
    bytes.extend(b"\x8c\x63\xb9\xe6\xb0\xa2\xc7\xcf  ");
    bytes.extend(b"\xbd\xc2\xc0\xce\xb5\xc7\xbe\xfa\xbd\xc0 ");
    bytes.extend(b"   -4200000077OLD   I4579730000000008=2812                ");
    assert_eq!(bytes.len(), 140);
    bytes
}

#[test]
fn what_is_written_stands_where_the_layout_says_and_is_read_back() {
    let written = basket().encode_to_bytes().unwrap();
    assert_eq!(written.escape_ascii().to_string(), bytes().escape_ascii().to_string());
    assert_eq!(Basket::decode(&written).unwrap(), basket());
}

#[test]
fn a_view_reads_the_occurrences_in_use_and_parses_when_asked() {
    let bytes = bytes();
    let view = Basket::view(&bytes).unwrap();
    assert_eq!(view.items().len(), 2);
    assert_eq!(view.items().into_iter().map(ItemView::price).collect::<Vec<_>>(), [12_500, -300]);
    assert!(view.items().get(2).is_none());
    assert_eq!(view.parts().len(), 2);
    assert_eq!(view.entry(), Entry::Chip);
    assert_eq!(view.parse_track2().unwrap().expiry(), "2812");
    assert!(!format!("{view:?} {:?}", view.parse_track2()).contains("4579"));
}

#[test]
fn an_occurrence_that_is_not_in_use_is_not_looked_at_and_the_others_are_blamed_by_their_path() {
    let mut bytes = bytes();
    bytes[28..41].fill(0xff);
    assert!(Basket::view(&bytes).is_ok());
    bytes[15 + 4] = b'x';
    let error = Basket::view(&bytes).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"basket field "items[1].qty" (수량) at 19..22: expected 3 digits, found "x01""#
    );
    bytes[0..2].copy_from_slice(b"04");
    let error = Basket::view(&bytes).unwrap_err();
    assert_eq!(error.to_string(), r#"basket field "count" (품목수) at 0..2: expected at most 3, found "04""#);
    assert_eq!(error.rule(), Rule::Count);
    let all: Vec<_> = Basket::validate_all(&bytes).filter_map(|error| error.field()).collect();
    assert_eq!(all, ["count", "items[1].qty", "items[2].code", "items[2].qty", "items[2].price"]);
}

#[test]
fn leniencies_are_read_and_never_written() {
    let cases: &[(usize, &[u8], bool)] = &[
        (90, b"    77", true),
        (90, b"77    ", false),
        (90, b"      ", false),
        (90, b"7 7   ", false),
        (81, b"\xc1", true),
        (79, b"\xbd\x20", false),
        (81, b"\x81", false),
        (96, b" OLD  ", true),
        (96, b"OLD\0\0\0", true),
        (96, b"O\0D   ", false),
        (82, b"    4200", true),
        (82, b"   +4200", false),
        (82, b"      -0", false),
        (82, b"-    420", false),
        (9, b"-00300", true),
        (9, b"-00000", false),
        (9, b"+00300", false),
        (9, b" 00300", false),
    ];
    for (at, field, accepted) in cases {
        let mut bytes = bytes();
        bytes[*at..*at + field.len()].copy_from_slice(field);
        let decoded = Basket::decode(&bytes);
        assert_eq!(decoded.is_ok(), *accepted, "{at} {:?} {decoded:?}", field.escape_ascii().to_string());
        if let (Ok(decoded), 81 | 90..) = (decoded, *at) {
            assert_eq!(decoded, basket());
        }
    }
}

#[test]
fn a_patch_changes_its_fields_and_nothing_else() {
    let mut patched = bytes();
    patched[28..41].fill(b'?');
    let mut expected = patched.clone();
    let mut patch = Basket::patch(&mut patched).unwrap();
    patch.set_balance(1).unwrap().set_entry(Entry::Swipe).unwrap();
    patch.items(1).unwrap().set_qty(9).unwrap();
    patch.parts(0).unwrap().set_trace("Z".parse().unwrap()).unwrap();
    assert!(patch.items(2).is_none());
    let error = patch.set_balance(-10_000_000).unwrap_err();
    assert_eq!((error.rule(), error.at()), (Rule::TooLarge, 82));
    assert_eq!(patch.view().balance(), 1);
    expected[82..90].copy_from_slice(b"       1");
    expected[102] = b'S';
    expected[19..22].copy_from_slice(b"009");
    expected[45] = b'Z';
    assert_eq!(patched.escape_ascii().to_string(), expected.escape_ascii().to_string());
}

#[test]
fn an_owned_telegram_shares_its_bytes() {
    let bytes = Bytes::from(bytes());
    let owned = Owned::<Basket>::new(bytes.clone()).unwrap();
    let other = std::thread::spawn({
        let owned = owned.clone();
        move || owned.view().balance()
    });
    assert_eq!(other.join().unwrap(), -4_200);
    assert_eq!(owned.bytes().as_ptr(), bytes.as_ptr());
    assert!(format!("{owned:?}").contains("balance: -4200"));
    assert!(Owned::<Basket>::new(bytes.slice(1..)).is_err());
}

#[test]
fn an_unknown_code_is_kept() {
    let mut bytes = bytes();
    bytes[102] = b'Z';
    let decoded = Basket::decode(&bytes).unwrap();
    assert_eq!(decoded.entry, Entry::Other(Code::new("Z").unwrap()));
    assert_eq!(decoded.encode_to_bytes().unwrap(), bytes);
}
