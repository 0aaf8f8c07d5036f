//! The parsers of EMV data and of track 2.

use codec::{tlv, track2};
use proptest::prelude::*;

/// A tag of one to four bytes, which does not begin like padding.
fn tag() -> impl Strategy<Value = Vec<u8>> {
    let first = |is_long: bool| {
        (0x01..=0xfe_u8).prop_filter("padding, or of another length", move |byte| {
            *byte != b' ' && (byte & 0x1f == 0x1f) == is_long
        })
    };
    prop_oneof![
        first(false).prop_map(|tag| vec![tag]),
        (first(true), proptest::collection::vec(0x80..=0xff_u8, 0..=2), 0x00..=0x7f_u8)
            .prop_map(|(first, middle, last)| [vec![first], middle, vec![last]].concat()),
    ]
}

/// An object's bytes, its tag and its value; the length in one to three bytes.
fn object() -> impl Strategy<Value = (Vec<u8>, u32, Vec<u8>)> {
    (tag(), proptest::collection::vec(any::<u8>(), 0..300), 0..3_u8).prop_map(|(tag, value, form)| {
        let len = u16::try_from(value.len()).unwrap();
        let [high, low] = len.to_be_bytes();
        let length = match (form, len) {
            (0, 0..=0x7f) => vec![low],
            (0 | 1, 0..=0xff) => vec![0x81, low],
            _ => vec![0x82, high, low],
        };
        let number = tag.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        ([tag, length, value.clone()].concat(), number, value)
    })
}

proptest! {
    #[test]
    fn data_objects_are_read_in_their_order_whatever_pads_them(
        objects in proptest::collection::vec((object(), "[ \\x00]{0,3}"), 0..6),
    ) {
        let mut bytes = Vec::new();
        let mut starts = Vec::new();
        for ((object, _, _), padding) in &objects {
            starts.push(bytes.len());
            bytes.extend(object);
            bytes.extend(padding.bytes());
        }
        let parsed = tlv::parse(&bytes).unwrap();
        let read: Vec<_> = parsed.into_iter().map(|object| (object.tag, object.value.to_vec())).collect();
        let expected: Vec<_> = objects.iter().map(|((_, tag, value), _)| (*tag, value.clone())).collect();
        prop_assert_eq!(read, expected);
        if let Some(((_, tag, _), _)) = objects.first() {
            prop_assert!(parsed.get(*tag).is_some());
        }
        // Cut anywhere within an object, it is that one that is told.
        for (start, ((object, _, _), _)) in starts.iter().zip(&objects) {
            for cut in [1, object.len() / 2, object.len() - 1].into_iter().filter(|cut| (1..object.len()).contains(cut)) {
                prop_assert_eq!(tlv::parse(&bytes[..start + cut]).map(|_| ()), Err(tlv::Malformed { at: *start }));
            }
        }
    }

    #[test]
    fn no_bytes_make_a_parser_panic_or_show_a_value(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(objects) = tlv::parse(&bytes) {
            let length: usize = objects.into_iter().map(|object| object.value.len() + 2).sum();
            prop_assert!(length <= bytes.len(), "each object has a tag and a length at least");
            prop_assert_eq!(format!("{objects:?}").matches("bytes)").count(), objects.into_iter().count());
        }
        if let Ok(track) = track2::parse(&bytes) {
            prop_assert_eq!(format!("{track:?}"), "Track2(***)");
        }
    }

    #[test]
    fn a_track_is_read_in_its_parts(
        card in "[0-9]{12,19}", separator in "[=D]", expiry in "[0-9]{4}", service in "([0-9]{3})?", rest in "[0-9]{0,8}", blanks in " {0,5}",
    ) {
        let text = format!("{card}{separator}{expiry}{service}{rest}{blanks}");
        let track = track2::parse(text.as_bytes()).unwrap();
        prop_assert_eq!((track.card_no(), track.expiry()), (card.as_str(), expiry.as_str()));
        let behind = format!("{}{}", track.service_code().unwrap_or_default(), track.discretionary());
        prop_assert_eq!(behind, format!("{service}{rest}"));
    }
}

#[test]
fn what_is_no_track_is_refused_and_not_shown() {
    for track in [
        "",
        "4579730000000008",
        "45797300000=2812",
        "45797300000000080000=2812",
        "4579730000000008=281",
        "4579730000000008=2812x",
        "4579730000000008=2812 1",
        " 4579730000000008=2812",
        "457973000000000X=2812",
        "4579730000000008==2812",
        "４579730000000008=2812",
    ] {
        let error = track2::parse(track.as_bytes()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected 12 to 19 digits, '=' and an expiry of 4 digits, then digits only",
            "{track}"
        );
    }
}

#[test]
fn what_is_no_data_object_is_refused_with_its_place() {
    for (bytes, at) in [
        (&b"\x9f"[..], 0),
        (b"\x95", 0),
        (b"\x95\x02\x00", 0),
        (b"\x95\x01\x00\x9f\x26\x80", 3),
        (b"  \x95\x83\x00\x00\x01\x00", 2),
        (b"\x95\x81", 0),
        (b"\x95\x82\x01\x00\x00", 0),
        (b"\x9f\xff\xff\xff\xff\x01\x00", 0),
    ] {
        assert_eq!(tlv::parse(bytes).unwrap_err(), tlv::Malformed { at }, "{}", bytes.escape_ascii());
    }
    assert_eq!(tlv::parse(b"  \x00\xff  ").unwrap().into_iter().count(), 0);
}
