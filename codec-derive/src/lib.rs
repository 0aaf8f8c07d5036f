//! `#[derive(Telegram)]`: a struct that must equal its layout file.
//!
//! The macro reads the layout file when it is expanded, compares the struct with it, and reports every
//! difference at once with both values. What it generates is described by the `codec` crate, which re-exports it.

mod attributes;
mod code;
mod compare;
mod emit;
mod rust_type;
mod spec;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct a telegram, or says how it differs from its layout file.
///
/// `#[telegram(spec = "kovan-approval", length = 356)]` on the struct names the layout file and repeats its length.
/// The file is looked up among the shipped layouts; `dir = "layouts"` names another folder, relative to the source file
/// as with `include_str!`.
///
/// `#[field(at = 38, len = 12, kind = "number")]` on each field repeats what the file says of the field of the same
/// name, and `secret = "…"` where the file has it; `align = "…"` and `pad = "…"` may be repeated. Every field of the layout must be
/// there, but for constants, fillers and what counts a group: those come from the file alone. The type follows from the
/// kind and the length:
///
/// | kind | type |
/// |---|---|
/// | `number` | `u8` to 2 digits, `u16` to 4, `u32` to 9, `u64` to 19, `u128` to 38; a wider one is allowed. `i8` to `i128` (`i64` to 18 digits) where `signed = true` |
/// | `digits`, `text`, `binary` | `Digits<N>`, `Text<N>`, `Binary<N>` of the field's length |
/// | `korean` | `Korean<N>`; `Korean<N, Uhc>` where `charset = "uhc"` |
/// | `code` | `Code<N>`, or an enum that derives `Code` |
/// | `datetime` | `jiff::civil::{DateTime, Date, Time}` or `MonthDayTime`, by the format; fractions of a second are not written |
/// | `group` | another `Telegram` whose spec is the group's; `[Group; 3]` where `repeat = 3`, and `Items<Group, 3>` where the occurrences are counted |
///
/// A text with `truncate = true` stands in `Truncated<…>`, a secret in `Secret<…>` around that, and a field with `blank = "none"` in
/// `Option<…>` around all.
///
/// `with = codec::tlv` names a module with a parser of the field's content, `fn parse(&[u8]) -> Result<Parsed<'_>, Malformed>`: the view
/// then has `parse_…` beside the field's accessor.
#[proc_macro_derive(Telegram, attributes(telegram, field))]
pub fn derive_telegram(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    match expand(&input) {
        Ok(code) => code.into(),
        Err(error) => error.into_compile_error().into(),
    }
}

fn expand(input: &DeriveInput) -> syn::Result<proc_macro2::TokenStream> {
    let record = attributes::record(input)?;
    let spec = spec::load(&record.attribute)?;
    let members = compare::compare(&record, &spec.layout)?;
    Ok(emit::emit(&record, &spec, &members))
}

/// Makes an enum the values of a `code` field. A code that no variant has is kept in the variant `Other`.
///
/// `#[code(len = 1)]` on the enum is the field's length; each variant but `Other(Code<1>)` says its code. Where the layout file lists the
/// codes of a field, the enum must have exactly those.
#[proc_macro_derive(Code, attributes(code))]
pub fn derive_code(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    code::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
