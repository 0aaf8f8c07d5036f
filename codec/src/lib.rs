//! Fixed-width telegrams: layouts, views, EUC-KR, frames, errors.
//!
//! A telegram is a struct that must equal its layout file in `specs/layouts`: what it says of each field's place,
//! length and kind is compared when it is compiled, and every difference is a compile error with both values.
//! Constants and fillers come from the file and are no fields of the struct.
//!
//! ```
//! use codec::{Code, Digits, Telegram, Text};
//! use jiff::civil::{DateTime, datetime};
//!
//! /// 단말기 공통 헤더
//! #[derive(Telegram, Clone, Debug, PartialEq)]
//! #[telegram(spec = "terminal-header", length = 60)]
//! pub struct Header {
//!     #[field(at = 0, len = 4, kind = "digits")]
//!     pub telegram_type: Digits<4>,
//!     #[field(at = 4, len = 2, kind = "digits")]
//!     pub version: Digits<2>,
//!     #[field(at = 6, len = 10, kind = "text")]
//!     pub terminal_id: Text<10>,
//!     #[field(at = 16, len = 10, kind = "digits")]
//!     pub merchant_no: Digits<10>,
//!     #[field(at = 26, len = 6, kind = "digits")]
//!     pub trace_no: Digits<6>,
//!     #[field(at = 32, len = 14, kind = "datetime")]
//!     pub sent_at: DateTime,
//!     #[field(at = 46, len = 1, kind = "code")]
//!     pub security: Code<1>,
//!     #[field(at = 47, len = 2, kind = "digits")]
//!     pub key_index: Digits<2>,
//!     #[field(at = 49, len = 4, kind = "text")]
//!     pub response_code: Text<4>,
//! }
//!
//! let bytes = b"0800011000000001120880000100004220261121093000000           ";
//! let header = Header::view(bytes)?; // one pass, nothing copied; the accessors cannot fail
//! assert_eq!(header.trace_no(), Digits::new("000042")?);
//! assert_eq!(header.sent_at(), datetime(2026, 11, 21, 9, 30, 0, 0));
//!
//! let mut reply = header.to_owned(); // or Header::decode(bytes)
//! reply.response_code = "0000".parse()?;
//! assert_eq!(reply.encode_to_bytes()?[49..53], *b"0000");
//!
//! let mut broken = *bytes;
//! broken[26..32].copy_from_slice(b"   +42");
//! let error = Header::decode(&broken).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     r#"terminal-header field "trace_no" (거래일련번호) at 26..32: expected 6 digits, found "   +42""#,
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - **Strict.** A number is digits with the padding its layout says, a date exists, a double-byte character is whole, a
//!   constant stands as given. What does not fit is an error, never cut. Fillers may hold anything.
//! - **Inline.** Views, decoding and encoding allocate nothing; [`Text`], [`Digits`], [`Code`], [`Korean`] and [`Binary`] are
//!   arrays of their field's length. Only [`Telegram::encode_to_bytes`] makes a buffer.
//! - **Secret.** A field its layout calls secret is a [`Secret`]: masked when debugged, wiped when dropped. An [`Error`]
//!   never shows one.
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

pub use codec_derive::{Code, Telegram};

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
