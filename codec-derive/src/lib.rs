//! `#[derive(Telegram)]`: a struct that must equal its layout file.
//!
//! The macro reads the layout file when it is expanded, compares the struct with it, and reports every
//! difference at once with both values. The `codec` crate re-exports it and
//! tells, with examples, what each attribute means and what is generated.

mod attributes;
mod code;
mod compare;
mod emit;
#[cfg(test)]
mod expansion;
mod rust_type;
mod spec;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// A struct that equals its layout file becomes a telegram. The type of each of its fields follows from what the file says of it:
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

/// `#[code(len = 1)]` on the enum is the field's length in bytes. Each variant but one has its code, `#[code("I")]`; the one without, by
/// custom `Other(Code<1>)`, keeps every other code as it came. Where the layout file lists the codes of a field, the enum has exactly those.
#[proc_macro_derive(Code, attributes(code))]
pub fn derive_code(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    code::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
