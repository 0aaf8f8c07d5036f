//! Telegram layouts as their owners publish them, and the reader that checks them.
//!
//! A layout is one TOML file in [`LAYOUTS_DIR`]: the record's name, length and charset, and its
//! fields in the order of the wire. The reader accepts a file only when the fields cover the
//! record without gap or overlap and every field makes sense; otherwise it returns **all** its
//! [`Findings`] at once, each with file, line, field, what was expected and what was found.
//!
//! ```
//! let layout = specs::embedded("terminal-header").expect("the shipped layouts are checked by tests");
//! assert_eq!(layout.length, 60);
//! let trace = layout.field("trace_no").expect("every terminal telegram has one");
//! assert_eq!((trace.at, trace.len, trace.kind), (26, 6, specs::Kind::Digits));
//! ```
//!
//! The keys of a layout are `name` (as the file is called), `title`, `length` in bytes, `charset` (`ascii` or `euc-kr`) and
//! `source`; then one `[[field]]` after the other, in the order of the wire:
//!
//! | key | of | meaning |
//! |---|---|---|
//! | `name`, `title` | every field | lower case and unique; what people call it, the name where it is left out |
//! | `at`, `len` | every field | byte offset from 0, and length in bytes |
//! | `kind` | every field | see [`Kind`] |
//! | `align`, `pad` | what can be shorter than its field | `right` and `"0"` for a number, else `left` and `" "`. Digits that always fill their field are `right` and `"0"`. A filler is written as its `pad` |
//! | `value` | a constant | what it holds, without its padding: digits or printable ASCII |
//! | `format` | a datetime | see [`Format`] |
//! | `secret` | what nobody may see | see [`SecretKind`] |
//! | `blank` | what may be absent | `"none"`: all blanks mean absent |
//! | `codes` | a code | `{ I = "IC" }`: its values and their meanings; others stay legal |
//! | `signed` | a number | `true`: a negative one has `-` in the field's first byte where zeros pad it (`-0000123`), directly before its digits where blanks do (`    -123`). No `+`, no `-0` |
//! | `charset` | korean | `"uhc"` for code page 949; otherwise `"ksx1001"`. See [`Encoding`] |
//! | `truncate` | text, korean | `true`: a longer value is cut when written, never inside a character; otherwise it is an error |
//! | `lenient` | a counterparty that pads oddly | `["padding", "alignment", "nul", "cut"]` or some of them: what is accepted when read and never written. See [`Leniency`] |
//! | `spec`, `repeat` | a group | the layout inlined there, `len` bytes each time, `repeat` times |
//! | `count` | a group with `repeat` | the earlier number field of the same layout that says how many of the occurrences are in use, from the first; the rest is not read, and written as blanks |
//! | `assumed` | a guess of ours | why, where the source is silent |
//!
//! `docs/new-layout.md` goes from a counterparty's document to such a file, and on to a struct and a test; what each key makes
//! of a struct's field is shown at `codec`'s `#[derive(Telegram)]`.
//!
//! Nothing here depends on the codec: tools that read telegrams by these files are a second,
//! independent reading of the same layout.

mod check;
mod count;
mod embedded;
mod field;
mod findings;
mod keys;
mod layout;
mod leniency;
mod read;
mod words;

pub use embedded::{embedded, embedded_names, sample, sample_names};
pub use field::{Count, Field, FlatField};
pub use findings::{Finding, Findings, Rule};
pub use layout::Layout;
pub use leniency::Leniency;
pub use read::read;
pub use words::{Align, Charset, Encoding, Format, Kind, SecretKind};

/// The folder of the layout files, as it was when this crate was compiled.
///
/// For build-time readers (the derive macro) and tests. A running program uses [`embedded`].
pub const LAYOUTS_DIR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/layouts");

/// The longest record a layout may describe, in bytes: what a two-byte frame length can count.
pub const MAX_LENGTH: usize = 65_535;
