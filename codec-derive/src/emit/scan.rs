//! The check of a whole telegram: a table of what each byte may be, and a call for what a table cannot say.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use specs::{Align, Encoding, FlatField, Kind, Layout};

use super::table;

/// What a byte may be: from `low` to `low + span`.
#[derive(Clone, Copy)]
struct Range {
    low: u8,
    span: u8,
}

const ANY: Range = Range { low: 0, span: 255 };
const DIGIT: Range = Range { low: b'0', span: 9 };
const DIGIT_OR_BLANK: Range = Range { low: b' ', span: b'9' - b' ' };
const PRINTABLE: Range = Range { low: b' ', span: b'~' - b' ' };
const PRINTABLE_OR_HALF: Range = Range { low: b' ', span: 0xfe - b' ' };

/// The expression that says whether `bytes` conform.
pub(super) fn emit(layout: &Layout) -> TokenStream {
    let flat = layout.flat_fields();
    let (mut low, mut span, mut checks) = (Vec::new(), Vec::new(), Vec::new());
    for (index, field) in flat.iter().enumerate() {
        let (ranges, check) = check(field, index, &flat);
        low.extend(ranges.iter().map(|range| range.low));
        span.extend(ranges.iter().map(|range| range.span));
        checks.extend(check);
    }
    let (low, span) = (Literal::byte_string(&low), Literal::byte_string(&span));
    quote! { ::codec::derived::scan::in_range(bytes, #low, #span) #(&& #checks)* }
}

/// What one field's bytes may be, and the call for what that leaves open.
fn check(flat: &FlatField<'_>, index: usize, all: &[FlatField<'_>]) -> (Vec<Range>, Option<TokenStream>) {
    let field = flat.field;
    let (start, end) = (flat.at, flat.at + field.len);
    let bytes = quote!(&bytes[#start..#end]);
    let every = |range| vec![range; field.len];
    let is_free = matches!(field.kind, Kind::Binary | Kind::Filler) && field.value.is_none();
    if is_free {
        return (every(ANY), None);
    }
    if flat.count.is_some() {
        return (every(ANY), Some(quote!(::codec::derived::scan::if_used(bytes, &FIELDS[#index]))));
    }
    if let Some(value) = field.padded_value() {
        return (value.into_iter().map(|low| Range { low, span: 0 }).collect(), None);
    }
    let is_special = field.signed
        || !field.lenient.is_strict()
        || table::limit(flat, all).is_some()
        || (field.kind == Kind::Korean && field.encoding == Encoding::Uhc);
    if is_special {
        return (every(ANY), Some(quote!(::codec::derived::scan::by_rule(#bytes, &FIELDS[#index]))));
    }
    let optional = field.blank_is_absent;
    match (field.kind, field.align) {
        (Kind::Number | Kind::Digits, Align::Right) if field.pad == b'0' && !optional => (every(DIGIT), None),
        (Kind::Number | Kind::Digits, Align::Right) if field.pad == b'0' => {
            (every(DIGIT_OR_BLANK), Some(quote!(::codec::derived::scan::digits_or_blank(#bytes))))
        }
        (Kind::Number | Kind::Digits, align) => {
            let (check, edge) = match align {
                Align::Left => (quote!(left_digits), 0),
                Align::Right => (quote!(right_digits), field.len - 1),
            };
            let mut ranges = every(DIGIT_OR_BLANK);
            if !optional {
                ranges[edge] = DIGIT;
            }
            (ranges, Some(quote!(::codec::derived::scan::#check(#bytes))))
        }
        (Kind::Text | Kind::Code, _) if field.len == 1 => (every(PRINTABLE), None),
        (Kind::Text | Kind::Code, Align::Left) => {
            (every(PRINTABLE), Some(quote!(::codec::derived::scan::left_text(#bytes))))
        }
        (Kind::Text | Kind::Code, Align::Right) => {
            (every(PRINTABLE), Some(quote!(::codec::derived::scan::right_text(#bytes))))
        }
        (Kind::Korean, _) => {
            (every(PRINTABLE_OR_HALF), Some(quote!(::codec::derived::scan::ksx1001(#bytes))))
        }
        (Kind::Datetime, _) => {
            let format = table::format(field.format.expect("the reader gives every datetime a format"));
            if optional {
                let check = quote!(::codec::derived::scan::datetime_or_blank(#bytes, #format));
                (every(DIGIT_OR_BLANK), Some(check))
            } else {
                (every(DIGIT), Some(quote!(::codec::derived::scan::datetime(#bytes, #format))))
            }
        }
        (Kind::Binary | Kind::Filler | Kind::Group, _) => (every(ANY), None),
    }
}
