//! Frames, byte by byte.

use bytes::{Bytes, BytesMut};
use codec::frame::{FrameError, FrameFormat, Framing, LengthPad};
use proptest::prelude::*;

/// A format of telegrams of 2 to 20 bytes.
fn format(framing: Framing) -> FrameFormat {
    FrameFormat::new(framing, 2, 20)
}

/// A length of four digits that is the telegram's own first field, as card companies have it.
fn own_length(framing: Framing, length_pad: LengthPad) -> FrameFormat {
    FrameFormat { length_pad, length_in_telegram: true, ..format(framing) }
}

/// `telegram` becomes `frame`, and `frame` becomes `telegram` exactly at its last byte.
#[track_caller]
fn check(format: FrameFormat, telegram: &[u8], frame: &[u8]) {
    let mut out = BytesMut::from(&b"before"[..]);
    format.encode(telegram, &mut out).unwrap();
    assert_eq!(&out[..], [b"before", frame].concat());

    let mut buffer = BytesMut::new();
    for byte in &frame[..frame.len() - 1] {
        buffer.extend_from_slice(&[*byte]);
        assert_eq!(format.decode(&mut buffer), Ok(None));
    }
    buffer.extend_from_slice(&frame[frame.len() - 1..]);
    buffer.extend_from_slice(frame);
    for _ in 0..2 {
        assert_eq!(format.decode(&mut buffer), Ok(Some(Bytes::copy_from_slice(telegram))));
    }
    assert!(buffer.is_empty());
    assert!(frame.len() <= format.max_frame());
}

#[test]
fn every_framing_counts_as_it_says() {
    check(format(Framing::Ascii4), b"hello", b"0005hello");
    check(format(Framing::Ascii4Inclusive), b"hello", b"0009hello");
    check(format(Framing::Binary2), b"hello", b"\x00\x05hello");
    check(format(Framing::Binary2Inclusive), b"hello", b"\x00\x07hello");
    // The XOR of "0002hi" and ETX.
    check(format(Framing::StxLrc), b"hi", b"\x020002hi\x03\x00");
    check(FrameFormat { length_pad: LengthPad::Blank, ..format(Framing::Ascii4) }, b"hello", b"   5hello");
}

#[test]
fn the_length_may_be_the_telegrams_own_first_field() {
    check(own_length(Framing::Ascii4, LengthPad::Blank), b"   5hello", b"   5hello");
    check(own_length(Framing::Ascii4, LengthPad::Zero), b"0005hello", b"0005hello");
    check(own_length(Framing::Ascii4Inclusive, LengthPad::Zero), b"0009hello", b"0009hello");
    let format = own_length(Framing::Ascii4, LengthPad::Zero);
    let mut out = BytesMut::new();
    assert_eq!(format.encode(b"0006hello", &mut out), Err(FrameError::LengthMismatch { expected: 5 }));
    assert!(out.is_empty());
}

/// What the first frame in `bytes` is.
fn first(format: FrameFormat, bytes: &[u8]) -> Result<Option<Bytes>, FrameError> {
    format.decode(&mut BytesMut::from(bytes))
}

/// A format, what arrived, and what comes of it.
type Case<'a> = (FrameFormat, &'a [u8], Result<Option<Bytes>, FrameError>);

#[test]
fn a_length_is_judged_before_the_telegram_is_there() {
    let bad = |found: &[u8; 4]| Err(FrameError::BadLength { found: *found });
    let short = |length| Err(FrameError::TooShort { length, min: 2 });
    let cases: &[Case<'_>] = &[
        (format(Framing::Ascii4), b"00A5", bad(b"00A5")),
        (format(Framing::Ascii4), b"+005", bad(b"+005")),
        (format(Framing::Ascii4), b"   5", bad(b"   5")),
        (format(Framing::Ascii4), b"    ", bad(b"    ")),
        (format(Framing::Ascii4), b"0000", short(0)),
        (format(Framing::Ascii4), b"0001", short(1)),
        (format(Framing::Ascii4), b"0020", Ok(None)),
        (format(Framing::Ascii4), b"0021", Err(FrameError::TooLong { length: 21, max: 20 })),
        (format(Framing::Ascii4), b"9999", Err(FrameError::TooLong { length: 9999, max: 20 })),
        (format(Framing::Ascii4Inclusive), b"0003", short(0)),
        (format(Framing::Ascii4Inclusive), b"0004", short(0)),
        (format(Framing::Binary2), b"\x00\x00", short(0)),
        (format(Framing::Binary2), b"\xff\xff", Err(FrameError::TooLong { length: 65_535, max: 20 })),
        (format(Framing::Binary2Inclusive), b"\x00\x01", short(0)),
        (format(Framing::StxLrc), b"0002", Err(FrameError::NoStx)),
        (format(Framing::StxLrc), b"\x0200x2", bad(b"00x2")),
        (own_length(Framing::Ascii4, LengthPad::Blank), b"    ", bad(b"    ")),
        (own_length(Framing::Ascii4, LengthPad::Blank), b" 5 1", bad(b" 5 1")),
        (own_length(Framing::Ascii4, LengthPad::Blank), b"0005", Ok(None)),
    ];
    for (format, bytes, expected) in cases {
        assert_eq!(first(*format, bytes), *expected, "{} {bytes:?}", format.framing);
    }
}

#[test]
fn an_empty_telegram_is_never_one_whatever_the_minimum() {
    let format = FrameFormat::new(Framing::Ascii4, 0, 10);
    assert_eq!(first(format, b"0000"), Err(FrameError::TooShort { length: 0, min: 1 }));
}

#[test]
fn a_huge_length_makes_no_buffer_grow() {
    let mut buffer = BytesMut::from(&b"9999"[..]);
    let before = buffer.capacity();
    assert!(format(Framing::Ascii4).decode(&mut buffer).is_err());
    assert_eq!(buffer.capacity(), before);
}

#[test]
fn a_garbled_frame_is_taken_off_and_the_next_one_is_read() {
    let format = format(Framing::StxLrc);
    let good = b"\x020002hi\x03\x00";
    let mut buffer = BytesMut::from(&b"\x020002hi\x03\x01"[..]);
    buffer.extend_from_slice(b"\x020002hi\x04\x00");
    buffer.extend_from_slice(good);
    let garbled = format.decode(&mut buffer).unwrap_err();
    assert_eq!(garbled, FrameError::BadLrc { consumed: 9 });
    assert!(garbled.is_recoverable());
    assert_eq!(format.decode(&mut buffer), Err(FrameError::NoEtx { consumed: 9 }));
    assert_eq!(format.decode(&mut buffer), Ok(Some(Bytes::from_static(b"hi"))));
}

#[test]
fn a_telegram_that_cannot_be_framed_leaves_the_buffer_alone() {
    let mut out = BytesMut::new();
    let wide = FrameFormat::new(Framing::Ascii4Inclusive, 1, 20_000);
    assert_eq!(wide.encode(&[0; 9996], &mut out), Err(FrameError::TooLong { length: 10_000, max: 9_999 }));
    assert_eq!(
        wide.encode(&vec![0; 20_001], &mut out),
        Err(FrameError::TooLong { length: 20_001, max: 20_000 })
    );
    assert_eq!(
        format(Framing::Ascii4).encode(b"x", &mut out),
        Err(FrameError::TooShort { length: 1, min: 2 })
    );
    assert!(out.is_empty());
}

#[test]
fn errors_show_no_more_than_the_length() {
    let error = first(format(Framing::Ascii4), b"4579730000000008").unwrap_err();
    assert_eq!(error.to_string(), "telegram of 4579 bytes, at most 20 are allowed");
    let error = first(format(Framing::Ascii4), b"=2812").unwrap_err();
    assert_eq!(error.to_string(), "frame length is not a number: bytes 3d 32 38 31");
}

#[test]
fn framings_are_named_as_in_the_configuration() {
    for framing in Framing::ALL {
        assert_eq!(framing.to_string().parse(), Ok(framing));
    }
    assert!("ascii5".parse::<Framing>().is_err());
}

proptest! {
    #[test]
    fn frames_cut_anywhere_come_out_whole_and_in_order(
        telegrams in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 2..=20), 1..8),
        framing in proptest::sample::select(Framing::ALL.to_vec()),
        piece in 1..50_usize,
    ) {
        let format = format(framing);
        let mut wire = BytesMut::new();
        for telegram in &telegrams {
            format.encode(telegram, &mut wire).unwrap();
        }
        let mut buffer = BytesMut::new();
        let mut read = Vec::new();
        for piece in wire.chunks(piece) {
            buffer.extend_from_slice(piece);
            while let Some(telegram) = format.decode(&mut buffer).unwrap() {
                read.push(telegram.to_vec());
            }
        }
        prop_assert_eq!(read, telegrams);
        prop_assert!(buffer.is_empty());
    }

    #[test]
    fn no_bytes_panic_and_every_step_consumes_or_waits(
        bytes in proptest::collection::vec(any::<u8>(), 0..60),
        framing in proptest::sample::select(Framing::ALL.to_vec()),
    ) {
        let mut buffer = BytesMut::from(&bytes[..]);
        loop {
            let before = buffer.len();
            match format(framing).decode(&mut buffer) {
                Ok(Some(_)) => prop_assert!(buffer.len() < before),
                Err(error) if error.is_recoverable() => prop_assert!(buffer.len() < before),
                Ok(None) | Err(_) => break,
            }
        }
    }
}
