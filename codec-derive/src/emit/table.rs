//! The layout as a constant, for rules, messages and values; and the telegram that values are written over.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use specs::{Align, Encoding, FlatField, Format, Kind, Layout};

/// The whole table.
pub(super) fn layout(layout: &Layout) -> TokenStream {
    let (name, title, length) = (&layout.name, &layout.title, layout.length);
    let (fields, digest) = (rows(layout), digest(layout));
    quote! { ::codec::Layout { name: #name, title: #title, length: #length, fields: #fields, digest: #digest } }
}

/// What tells a layout's fields from those of another layout of the same name (FNV-1a).
pub(super) fn digest(layout: &Layout) -> u64 {
    let step = |digest: u64, byte| (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    rows(layout).to_string().bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

fn rows(layout: &Layout) -> TokenStream {
    let flat = layout.flat_fields();
    let fields = flat.iter().map(|field| row(field, &flat));
    quote! { &[#(#fields),*] }
}

fn row(flat: &FlatField<'_>, all: &[FlatField<'_>]) -> TokenStream {
    let field = flat.field;
    let (path, title, at, len, pad) = (&flat.path, &field.title, flat.at, field.len, field.pad);
    let kind = match field.kind {
        Kind::Number => quote!(Number),
        Kind::Digits => quote!(Digits),
        Kind::Text => quote!(Text),
        Kind::Korean => match field.encoding {
            Encoding::Ksx1001 => quote!(Korean(::codec::Encoding::Ksx1001)),
            Encoding::Uhc => quote!(Korean(::codec::Encoding::Uhc)),
        },
        Kind::Datetime => {
            let format = format(field.format.expect("the reader gives every datetime a format"));
            quote!(Datetime(#format))
        }
        Kind::Code => quote!(Code),
        Kind::Binary => quote!(Binary),
        Kind::Filler | Kind::Group => quote!(Filler),
    };
    let align = match field.align {
        Align::Left => quote!(Left),
        Align::Right => quote!(Right),
    };
    let constant = optional(field.padded_value().map(|value| {
        let value = Literal::byte_string(&value);
        quote!(#value)
    }));
    let limit = optional(limit(flat, all).map(|limit| quote!(#limit)));
    let occurrence = optional(flat.count.map(|count| {
        let (index, count_at) = (count.index, count.at);
        let count_len = length_at(count_at, all);
        quote!(::codec::Occurrence { index: #index, count_at: #count_at, count_len: #count_len })
    }));
    let (secret, blank_is_absent, signed) = (field.secret.is_some(), field.blank_is_absent, field.signed);
    let specs::Leniency { padding, alignment, nul, cut } = field.lenient;
    quote! {
        ::codec::Field {
            name: #path, title: #title, at: #at, len: #len, kind: ::codec::Kind::#kind, align: ::codec::Align::#align,
            pad: #pad, constant: #constant, secret: #secret, blank_is_absent: #blank_is_absent, signed: #signed,
            lenient: ::codec::Leniency { padding: #padding, alignment: #alignment, nul: #nul, cut: #cut },
            limit: #limit, occurrence: #occurrence,
        }
    }
}

fn optional(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}

/// The most a counting field may say.
pub(super) fn limit(flat: &FlatField<'_>, all: &[FlatField<'_>]) -> Option<usize> {
    let counted = all.iter().filter_map(|other| other.count.filter(|count| count.at == flat.at));
    counted.map(|count| count.index + 1).max()
}

/// The length of the field that begins there.
pub(super) fn length_at(at: usize, all: &[FlatField<'_>]) -> usize {
    all.iter().find(|field| field.at == at).map_or(0, |field| field.field.len)
}

/// The form of a datetime.
pub(super) fn format(format: Format) -> TokenStream {
    let variant = match format {
        Format::DateTime => quote!(DateTime),
        Format::ShortDateTime => quote!(ShortDateTime),
        Format::MonthDayTime => quote!(MonthDayTime),
        Format::Date => quote!(Date),
        Format::ShortDate => quote!(ShortDate),
        Format::Time => quote!(Time),
    };
    quote!(::codec::Format::#variant)
}

/// A telegram of constants and padding; occurrences that may stay unused are blank.
pub(super) fn template(layout: &Layout) -> Vec<u8> {
    let bytes = |flat: &FlatField<'_>| {
        if flat.count.is_some() {
            return vec![b' '; flat.field.len];
        }
        flat.field.padded_value().unwrap_or_else(|| vec![flat.field.pad; flat.field.len])
    };
    layout.flat_fields().iter().flat_map(bytes).collect()
}
