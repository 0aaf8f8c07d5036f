//! `#[derive(Telegram)]`: a struct that must equal its layout file.
//!
//! The macro reads the layout file when it is expanded, compares the struct with it, and reports every
//! difference at once with both values. What it generates is described by the `codec` crate, which re-exports it.

mod attributes;
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
/// name, and `secret = "…"` where the file has it. Every field of the layout that is neither a constant nor a filler
/// must be there; constants and fillers come from the file alone. The type follows from the kind and the length:
///
/// | kind | type |
/// |---|---|
/// | `number` | `u8` to 2 digits, `u16` to 4, `u32` to 9, `u64` to 19, `u128` to 38; a wider one is allowed |
/// | `digits`, `text`, `korean`, `code`, `binary` | `Digits<N>`, `Text<N>`, `Korean<N>`, `Code<N>`, `Binary<N>` of the field's length |
/// | `datetime` | `jiff::civil::{DateTime, Date, Time}` or `MonthDayTime`, by the format; fractions of a second are not written |
/// | `group` | another `Telegram` whose spec is the group's |
///
/// A secret stands in `Secret<…>`, and a field with `blank = "none"` in `Option<…>` around that.
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
