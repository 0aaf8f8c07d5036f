//! Fixed-width telegrams: layouts, views, EUC-KR, frames, errors.
//!
//! A telegram is a struct that must equal its layout file: what it says of each field's place, length and kind is compared when it is
//! compiled, and every difference is a compile error with both values.
//!
//! ```standalone_crate
//! use codec::{Digits, Korean, Owned, Telegram, Truncated};
//!
//! /// 품목, as `hangang-line.toml` has it
//! #[derive(Telegram, Clone, Debug, PartialEq)]
//! #[telegram(spec = "hangang-line", dir = "../examples/membership/layouts", length = 40)]
//! struct Line {
//!     #[field(at = 0, len = 13, kind = "digits")]
//!     barcode: Digits<13>,
//!     #[field(at = 13, len = 16, kind = "korean")]
//!     name: Truncated<Korean<16>>,
//!     #[field(at = 29, len = 3, kind = "number")]
//!     quantity: u16,
//!     #[field(at = 32, len = 8, kind = "number")]
//!     amount: i32,
//! }
//!
//! let (barcode, name) = ("8801115114031".parse()?, Truncated::cut("바나나맛우유"));
//! let milk = Line { barcode, name, quantity: 3, amount: -4_500 };
//! let mut bytes = [0; Line::LENGTH];
//! milk.encode_into(&mut bytes)?; // all of it or nothing; also encode(&mut impl BufMut)
//! assert_eq!(bytes[29..], *b"  3-0004500");
//!
//! let view = Line::view(&bytes)?; // one pass, nothing copied; the accessors cannot fail
//! assert_eq!(view.quantity(), 3);
//! assert_eq!(Line::decode(&bytes)?, milk); // every field at once; also view.to_owned()
//!
//! Line::patch(&mut bytes)?.set_quantity(2)?.set_amount(-3_000)?; // some fields where they stand
//!
//! let kept = Owned::<Line>::new(bytes.to_vec().into())?; // crosses an await, a channel, a thread
//! assert_eq!(kept.view().amount(), -3_000);
//!
//! bytes[29..32].copy_from_slice(b"2 x");
//! assert_eq!(
//!     Line::view(&bytes).unwrap_err().to_string(),
//!     r#"hangang-line field "quantity" (수량) at 29..32: expected at most 3 digits, right-aligned, blank-padded, found "2 x""#,
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - **Every attribute**, and what each key of a layout file makes of a field, stands with an example at
//!   [`#[derive(Telegram)]`](macro@Telegram) and [`#[derive(Code)]`](macro@Code).
//! - **Strict.** A number is digits with the padding its layout says, a date exists, a double-byte character is whole, a
//!   constant stands as given. What does not fit is an error; only a [`Truncated`] is cut. What a counterparty may get wrong, its layout
//!   file says field by field (`lenient`). Fillers may hold anything.
//! - **Inline.** Views, decoding, patching and encoding allocate nothing; [`Text`], [`Digits`], [`Code`](struct@Code), [`Korean`] and
//!   [`Binary`] are arrays of their field's length. Only [`Telegram::encode_to_bytes`] makes a buffer.
//! - **Secret.** A field its layout calls secret is a [`Secret`]: masked when debugged, wiped when dropped. An [`Error`]
//!   never shows one.
//! - **Errors** are `Copy`: layout, path (`lines[2].quantity`), offset, rule, expected and found. [`Telegram::validate_all`] tells every
//!   bad field.
//! - **Frames** are the other half of a socket: see [`frame`].

mod binary;
mod conform;
mod datetime;
#[doc(hidden)]
pub mod derived;
mod digits;
mod error;
pub mod frame;
mod inline;
mod items;
mod korean;
mod layout;
mod message;
mod month_day_time;
mod number;
mod owned;
#[doc(hidden)]
pub mod scan;
mod secret;
mod telegram;
mod text;
pub mod tlv;
pub mod track2;
mod truncated;
mod value;
mod word;

/// Makes an enum the values of a [`code`](Kind::Code) field: `#[code(len = …)]` and `#[code("…")]`.
///
/// ```
/// use codec::{Code, Coded};
///
/// #[derive(Code, Clone, Copy, Debug, PartialEq, Eq)]
/// #[code(len = 1)]
/// enum EntryMode {
///     #[code("I")]
///     Chip,
///     #[code("S")]
///     Swipe,
///     Other(Code<1>),
/// }
///
/// assert_eq!(EntryMode::from(Code::new("I")?), EntryMode::Chip);
/// assert_eq!(EntryMode::from(Code::new("Z")?), EntryMode::Other(Code::new("Z")?)); // kept, not lost
/// assert_eq!(Code::from(EntryMode::Swipe), "S");
/// assert_eq!(EntryMode::CODES, ["I", "S"]);
/// # Ok::<(), codec::ValueError>(())
/// ```
///
/// `Other` is for codes without a variant: `Other(Code::new("I")?)` is written like `Chip` and read back as `Chip`, but does not equal it
/// before; `EntryMode::from(Code::new("I")?)` never makes it.
pub use codec_derive::Code;
#[doc = include_str!("derive_telegram.md")]
pub use codec_derive::Telegram;

pub use binary::Binary;
pub use digits::Digits;
pub use error::{Error, Expected, Found, Rule};
pub use inline::ValueError;
pub use items::{Items, OccurrenceViews, Occurrences};
pub use korean::{Charset, Korean, Ksx1001, Uhc};
pub use layout::{Align, Encoding, Field, Format, Kind, Layout, Leniency, Occurrence};
pub use month_day_time::MonthDayTime;
pub use owned::Owned;
pub use secret::Secret;
pub use telegram::{Faults, Telegram};
pub use text::{Code, Coded, Text};
pub use truncated::Truncated;
