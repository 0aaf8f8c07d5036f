//! The Rust type a field of the layout must have.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use specs::{Encoding, Field, Format, Kind};
use syn::{Expr, ExprLit, GenericArgument, Ident, Lit, PathArguments, PathSegment, Type};

/// Why a type cannot stand for a field.
pub(crate) enum WrongType {
    /// It is another type.
    Other,
    /// It is an integer with too few digits.
    TooSmall,
}

/// The integer types and how many digits each holds whatever they are.
const UNSIGNED: &[(&str, usize)] = &[("u8", 2), ("u16", 4), ("u32", 9), ("u64", 19), ("u128", 38)];
const SIGNED: &[(&str, usize)] = &[("i8", 2), ("i16", 4), ("i32", 9), ("i64", 18), ("i128", 38)];

/// The types of this crate and of the language that are no enum of codes.
const NO_CODES: &[&str] = &[
    "Binary",
    "Date",
    "DateTime",
    "Digits",
    "Items",
    "Korean",
    "MonthDayTime",
    "Option",
    "Secret",
    "String",
    "Text",
    "Time",
    "Truncated",
    "bool",
    "char",
    "str",
];

/// The type as one would write it; `None` when no type can hold the field.
pub(crate) fn expected(field: &Field) -> Option<String> {
    let len = field.len;
    let inner = match (field.kind, field.format) {
        (Kind::Number, _) => integers(field).iter().find(|(_, digits)| *digits >= len)?.0.to_owned(),
        (Kind::Digits, _) => format!("Digits<{len}>"),
        (Kind::Text, _) => format!("Text<{len}>"),
        (Kind::Korean, _) if field.encoding == Encoding::Uhc => format!("Korean<{len}, Uhc>"),
        (Kind::Korean, _) => format!("Korean<{len}>"),
        (Kind::Code, _) => format!("Code<{len}>"),
        (Kind::Binary, _) => format!("Binary<{len}>"),
        (Kind::Datetime, format) => datetime(format?).to_owned(),
        (Kind::Filler, _) => return None,
        (Kind::Group, _) => {
            let group = format!("a struct that derives Telegram from {}", field.group.as_ref()?.name);
            return Some(match (field.count.is_some(), field.repeat) {
                (true, repeat) => format!("Items<_, {repeat}> of {group}"),
                (false, 1) => group,
                (false, repeat) => format!("[_; {repeat}] of {group}"),
            });
        }
    };
    let whole = if field.truncate { format!("Truncated<{inner}>") } else { inner };
    let kept = if field.secret.is_some() { format!("Secret<{whole}>") } else { whole };
    Some(if field.blank_is_absent { format!("Option<{kept}>") } else { kept })
}

/// The type that `ty` must be, written so that no other type of the same name can be meant.
pub(crate) fn canonical(ty: &Type, field: &Field) -> TokenStream {
    let len = field.len;
    let inner = match (field.kind, field.format) {
        (Kind::Number, _) => {
            let integer = innermost(ty);
            quote!(::core::primitive::#integer)
        }
        (Kind::Digits, _) => quote!(::codec::Digits<#len>),
        (Kind::Text, _) => quote!(::codec::Text<#len>),
        (Kind::Korean, _) if field.encoding == Encoding::Uhc => quote!(::codec::Korean<#len, ::codec::Uhc>),
        (Kind::Korean, _) => quote!(::codec::Korean<#len, ::codec::Ksx1001>),
        (Kind::Code, _) => {
            codes_enum(ty).map_or_else(|| quote!(::codec::Code<#len>), ToTokens::to_token_stream)
        }
        (Kind::Binary, _) => quote!(::codec::Binary<#len>),
        (Kind::Datetime, Some(Format::MonthDayTime)) => quote!(::codec::MonthDayTime),
        (Kind::Datetime, _) => {
            let moment = innermost(ty);
            quote!(::codec::derived::civil::#moment)
        }
        (Kind::Filler | Kind::Group, _) => return ty.to_token_stream(),
    };
    let whole = if field.truncate { quote!(::codec::Truncated<#inner>) } else { inner };
    let kept = if field.secret.is_some() { quote!(::codec::Secret<#whole>) } else { whole };
    if field.blank_is_absent { quote!(::core::option::Option<#kept>) } else { kept }
}

/// The name inside all wrappers, which was checked to be one that suits the field.
fn innermost(ty: &Type) -> Option<&Ident> {
    let inside = ["Option", "Secret", "Truncated"].into_iter().find_map(|wrapper| argument(ty, wrapper));
    inside.map_or_else(|| last_segment(ty).map(|segment| &segment.ident), innermost)
}

/// Whether `ty` can stand for the field.
pub(crate) fn check(ty: &Type, field: &Field) -> Result<(), WrongType> {
    if field.kind == Kind::Group {
        return check_group(ty, field);
    }
    let mut ty = ty;
    if field.blank_is_absent {
        ty = argument(ty, "Option").ok_or(WrongType::Other)?;
    }
    if field.secret.is_some() {
        ty = argument(ty, "Secret").ok_or(WrongType::Other)?;
    }
    if field.truncate {
        ty = argument(ty, "Truncated").ok_or(WrongType::Other)?;
    }
    let segment = last_segment(ty).ok_or(WrongType::Other)?;
    let name = segment.ident.to_string();
    let of_length = |expected: &str| name == expected && length(segment) == Some(field.len);
    let fits = match (field.kind, field.format) {
        (Kind::Number, _) => {
            let (_, digits) =
                integers(field).iter().find(|(integer, _)| *integer == name).ok_or(WrongType::Other)?;
            return if *digits >= field.len { Ok(()) } else { Err(WrongType::TooSmall) };
        }
        (Kind::Digits, _) => of_length("Digits"),
        (Kind::Text, _) => of_length("Text"),
        (Kind::Korean, _) => {
            let charset = match field.encoding {
                Encoding::Ksx1001 => [None, Some("Ksx1001")],
                Encoding::Uhc => [Some("Uhc"); 2],
            };
            of_length("Korean") && charset.contains(&charset_argument(segment).as_deref())
        }
        (Kind::Code, _) if name == "Code" => of_length("Code"),
        (Kind::Code, _) => codes_enum(ty).is_some(),
        (Kind::Binary, _) => of_length("Binary"),
        (Kind::Datetime, format) => format.is_some_and(|format| name == datetime(format)),
        (Kind::Filler | Kind::Group, _) => false,
    };
    if fits { Ok(()) } else { Err(WrongType::Other) }
}

/// Whether the type is a group's; that it is a telegram of the group's spec is for the compiler to check, which knows it.
fn check_group(ty: &Type, field: &Field) -> Result<(), WrongType> {
    let fits = match (&field.count, field.repeat) {
        (Some(_), repeat) => occurrences(ty).is_some_and(|(_, counted, places)| counted && places == repeat),
        (None, 1) => {
            last_segment(ty).is_some_and(|segment| segment.ident != "Option" && segment.ident != "Secret")
        }
        (None, repeat) => occurrences(ty).is_some_and(|(_, counted, places)| !counted && places == repeat),
    };
    if fits { Ok(()) } else { Err(WrongType::Other) }
}

/// The group of `Items<Group, 3>` or `[Group; 3]`, whether it is counted, and how many places there are.
pub(crate) fn occurrences(ty: &Type) -> Option<(&Type, bool, usize)> {
    match ty {
        Type::Group(group) => occurrences(&group.elem),
        Type::Array(array) => Some((&array.elem, false, number(&array.len)?)),
        _ => Some((argument(ty, "Items")?, true, length(last_segment(ty)?)?)),
    }
}

/// The enum of codes a type is or has inside, if it is one.
pub(crate) fn codes_enum(ty: &Type) -> Option<&Type> {
    let inside = ["Option", "Secret"].into_iter().find_map(|wrapper| argument(ty, wrapper));
    if let Some(inside) = inside {
        return codes_enum(inside);
    }
    let name = last_segment(ty)?.ident.to_string();
    let is_integer =
        [UNSIGNED, SIGNED].iter().any(|integers| integers.iter().any(|(integer, _)| *integer == name));
    (name != "Code" && !is_integer && !NO_CODES.contains(&name.as_str())).then_some(ty)
}

fn integers(field: &Field) -> &'static [(&'static str, usize)] {
    if field.signed { SIGNED } else { UNSIGNED }
}

fn datetime(format: Format) -> &'static str {
    match format {
        Format::DateTime | Format::ShortDateTime => "DateTime",
        Format::MonthDayTime => "MonthDayTime",
        Format::Date | Format::ShortDate => "Date",
        Format::Time => "Time",
    }
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        _ => None,
    }
}

/// The first type inside `wrapper<…>`.
fn argument<'a>(ty: &'a Type, wrapper: &str) -> Option<&'a Type> {
    let segment = last_segment(ty)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) if segment.ident == wrapper => Some(inner),
        _ => None,
    }
}

/// The number in `Text<37>` or `Items<Item, 3>`.
fn length(segment: &PathSegment) -> Option<usize> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Const(value) => number(value),
        _ => None,
    })
}

/// The charset in `Korean<20, Uhc>`.
fn charset_argument(segment: &PathSegment) -> Option<String> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(charset) => Some(last_segment(charset)?.ident.to_string()),
        _ => None,
    })
}

fn number(value: &Expr) -> Option<usize> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        _ => None,
    }
}
