//! The Rust type a field of the layout must have.

use specs::{Field, Format, Kind};
use syn::{Expr, ExprLit, GenericArgument, Lit, PathArguments, PathSegment, Type};

/// Why a type cannot stand for a field.
pub(crate) enum WrongType {
    /// It is another type.
    Other,
    /// It is an integer with too few digits.
    TooSmall,
}

/// The integer types and how many digits each holds whatever they are.
const INTEGERS: &[(&str, usize)] = &[("u8", 2), ("u16", 4), ("u32", 9), ("u64", 19), ("u128", 38)];

/// The type as one would write it; `None` when no type can hold the field.
pub(crate) fn expected(field: &Field) -> Option<String> {
    let len = field.len;
    let inner = match (field.kind, field.format) {
        (Kind::Number, _) => INTEGERS.iter().find(|(_, digits)| *digits >= len)?.0.to_owned(),
        (Kind::Digits, _) => format!("Digits<{len}>"),
        (Kind::Text, _) => format!("Text<{len}>"),
        (Kind::Korean, _) => format!("Korean<{len}>"),
        (Kind::Code, _) => format!("Code<{len}>"),
        (Kind::Binary, _) => format!("Binary<{len}>"),
        (Kind::Datetime, format) => datetime(format?).to_owned(),
        (Kind::Filler, _) => return None,
        (Kind::Group, _) => format!("a struct that derives Telegram from {}", field.group.as_ref()?.name),
    };
    let kept = if field.secret.is_some() { format!("Secret<{inner}>") } else { inner };
    Some(if field.blank_is_absent { format!("Option<{kept}>") } else { kept })
}

/// Whether `ty` can stand for the field.
pub(crate) fn check(ty: &Type, field: &Field) -> Result<(), WrongType> {
    let mut ty = ty;
    if field.blank_is_absent {
        ty = argument(ty, "Option").ok_or(WrongType::Other)?;
    }
    if field.secret.is_some() {
        ty = argument(ty, "Secret").ok_or(WrongType::Other)?;
    }
    let segment = last_segment(ty).ok_or(WrongType::Other)?;
    let name = segment.ident.to_string();
    let fits = match (field.kind, field.format) {
        (Kind::Number, _) => {
            let (_, digits) =
                INTEGERS.iter().find(|(integer, _)| *integer == name).ok_or(WrongType::Other)?;
            return if *digits >= field.len { Ok(()) } else { Err(WrongType::TooSmall) };
        }
        (Kind::Digits, _) => name == "Digits" && length(segment) == Some(field.len),
        (Kind::Text, _) => name == "Text" && length(segment) == Some(field.len),
        (Kind::Korean, _) => name == "Korean" && length(segment) == Some(field.len),
        (Kind::Code, _) => name == "Code" && length(segment) == Some(field.len),
        (Kind::Binary, _) => name == "Binary" && length(segment) == Some(field.len),
        (Kind::Datetime, format) => format.is_some_and(|format| name == datetime(format)),
        (Kind::Filler, _) => false,
        // Whether it is a telegram of that spec is for the compiler to check, which knows the type.
        (Kind::Group, _) => name != "Option" && name != "Secret",
    };
    if fits { Ok(()) } else { Err(WrongType::Other) }
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

/// The type inside `wrapper<…>`.
fn argument<'a>(ty: &'a Type, wrapper: &str) -> Option<&'a Type> {
    let segment = last_segment(ty)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) if segment.ident == wrapper => Some(inner),
        _ => None,
    }
}

/// The number in `Text<37>`.
fn length(segment: &PathSegment) -> Option<usize> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Const(Expr::Lit(ExprLit { lit: Lit::Int(number), .. })) => {
            number.base10_parse().ok()
        }
        _ => None,
    }
}
