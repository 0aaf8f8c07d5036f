//! Compares a struct with its layout: every difference is an error with both values.

use std::fmt::Display;

use proc_macro2::Span;
use quote::ToTokens as _;
use specs::{Encoding, Field, Kind, Layout};
use syn::spanned::Spanned as _;

use crate::attributes::{Errors, FieldAttribute, Record, RecordField};
use crate::rust_type::{self, WrongType};

/// A field of the struct with the layout's field it equals.
pub(crate) struct Member<'a> {
    pub(crate) field: &'a RecordField<'a>,
    pub(crate) spec: &'a Field,
}

/// The struct's fields in the order of the wire, or all its differences from the layout.
pub(crate) fn compare<'a>(record: &'a Record<'a>, layout: &'a Layout) -> syn::Result<Vec<Member<'a>>> {
    let mut differences = Differences { layout, errors: Errors::default() };
    let length = &record.attribute.length;
    differences.number(length.span(), layout.length_line, "length", layout.length, length.base10_parse());

    let mut members = Vec::new();
    for field in &record.fields {
        if let Some(spec) = differences.counterpart(field) {
            differences.field(field, spec);
            members.push(Member { field, spec });
        }
    }
    for spec in &layout.fields {
        let is_there = record.fields.iter().any(|field| field.name == &spec.name);
        if !is_there && from_spec_alone(layout, spec).is_none() {
            differences.missing(record.name.span(), spec);
        }
    }
    differences.errors.finish()?;
    members.sort_by_key(|member| member.spec.at);
    Ok(members)
}

/// Why a field of the layout is none of the struct.
fn from_spec_alone(layout: &Layout, spec: &Field) -> Option<String> {
    if let Some(value) = &spec.value {
        return Some(format!("is the constant {value:?}: it comes from the spec alone"));
    }
    if spec.kind == Kind::Filler {
        return Some("is a filler: it comes from the spec alone".to_owned());
    }
    let counted = layout.fields.iter().find(|field| field.count.as_ref() == Some(&spec.name))?;
    Some(format!("counts the group \"{}\": it follows from the group", counted.name))
}

struct Differences<'a> {
    layout: &'a Layout,
    errors: Errors,
}

impl<'a> Differences<'a> {
    /// The layout's field that the struct's field stands for.
    fn counterpart(&mut self, field: &RecordField<'_>) -> Option<&'a Field> {
        let layout = self.layout;
        let name = field.name;
        let Some(spec) = layout.fields.iter().find(|spec| name == &spec.name) else {
            let message = format!("spec {}.toml has no field \"{name}\"", layout.name);
            self.errors.add(syn::Error::new(name.span(), message));
            return None;
        };
        match from_spec_alone(layout, spec) {
            Some(why) => {
                self.refuse(name.span(), spec, &why);
                None
            }
            None => Some(spec),
        }
    }

    /// What the attribute and the type say.
    fn field(&mut self, field: &RecordField<'_>, spec: &Field) {
        let said = &field.attribute;
        self.number(said.at.span(), spec.line, "at", spec.at, said.at.base10_parse());
        self.number(said.len.span(), spec.line, "len", spec.len, said.len.base10_parse());
        let kind = said.kind.value();
        if kind != spec.kind.word() {
            self.differs(said.kind.span(), spec.line, "kind", Quoted(spec.kind.word()), Quoted(&kind));
        }
        if let Some(align) = &said.align
            && align.value() != spec.align.word()
        {
            let (expected, stated) = (spec.align.word(), align.value());
            self.differs(align.span(), spec.line, "align", Quoted(expected), Quoted(&stated));
        }
        if let Some(pad) = &said.pad
            && pad.value().as_bytes() != [spec.pad]
        {
            let (expected, stated) = (char::from(spec.pad).to_string(), pad.value());
            self.differs(pad.span(), spec.line, "pad", Quoted(&expected), Quoted(&stated));
        }
        self.secret(said, spec);
        self.rust_type(field, spec);
    }

    fn secret(&mut self, said: &FieldAttribute, spec: &Field) {
        match (spec.secret, &said.secret) {
            (None, None) => {}
            (Some(secret), Some(stated)) if stated.value() == secret.word() => {}
            (Some(secret), Some(stated)) => {
                let (expected, stated_value) = (Quoted(secret.word()), stated.value());
                self.differs(stated.span(), spec.line, "secret", expected, Quoted(&stated_value));
            }
            (Some(secret), None) => {
                self.differs(said.span, spec.line, "secret", Quoted(secret.word()), "nothing");
            }
            (None, Some(stated)) => {
                let message = format!("{} says nothing of a secret, the struct does", self.place(spec.line));
                self.errors.add(syn::Error::new(stated.span(), message));
            }
        }
    }

    fn rust_type(&mut self, field: &RecordField<'_>, spec: &Field) {
        let Err(wrong) = rust_type::check(field.ty, spec) else { return };
        let place = self.place(spec.line);
        let expected =
            rust_type::expected(spec).unwrap_or_else(|| "no type: it has too many digits".to_owned());
        let found = field.ty.to_token_stream().to_string().replace(' ', "");
        let message = match wrong {
            WrongType::Other => {
                let mut what = format!("kind = \"{}\", len = {}", spec.kind, spec.len);
                if let Some(format) = spec.format {
                    what = format!("{what}, format = \"{format}\"");
                }
                if let Some(secret) = spec.secret {
                    what = format!("{what}, secret = \"{secret}\"");
                }
                for (said, is_so) in [
                    ("signed = true", spec.signed),
                    ("charset = \"uhc\"", spec.encoding == Encoding::Uhc),
                    ("truncate = true", spec.truncate),
                    ("blank = \"none\"", spec.blank_is_absent),
                ] {
                    if is_so {
                        what = format!("{what}, {said}");
                    }
                }
                if spec.kind == Kind::Group && spec.repeat > 1 {
                    what = format!("{what}, repeat = {}", spec.repeat);
                }
                if let Some(count) = &spec.count {
                    what = format!("{what}, count = \"{count}\"");
                }
                format!("{place} says {what}: expected {expected}, found {found}")
            }
            WrongType::TooSmall => {
                format!("{place} says {} digits: expected {expected}, found {found}, too small", spec.len)
            }
        };
        self.errors.add(syn::Error::new(field.ty.span(), message));
    }

    fn missing(&mut self, span: Span, spec: &Field) {
        let secret = spec.secret.map(|secret| format!(", secret = \"{secret}\"")).unwrap_or_default();
        let message = format!(
            "{} has the field \"{}\" ({}), the struct has not:\n#[field(at = {}, len = {}, kind = \"{}\"{secret})]\n{}: {}",
            self.place(spec.line),
            spec.name,
            spec.title,
            spec.at,
            spec.len,
            spec.kind,
            spec.name,
            rust_type::expected(spec).unwrap_or_default(),
        );
        self.errors.add(syn::Error::new(span, message));
    }

    fn number(&mut self, span: Span, line: usize, key: &str, expected: usize, stated: syn::Result<usize>) {
        match stated {
            Ok(stated) if stated == expected => {}
            Ok(stated) => self.differs(span, line, key, expected, stated),
            Err(error) => self.errors.add(error),
        }
    }

    fn differs(&mut self, span: Span, line: usize, key: &str, expected: impl Display, stated: impl Display) {
        let message = format!("{} says {key} = {expected}, the struct says {stated}", self.place(line));
        self.errors.add(syn::Error::new(span, message));
    }

    fn refuse(&mut self, span: Span, spec: &Field, why: &str) {
        let message = format!("{}: \"{}\" {why}", self.place(spec.line), spec.name);
        self.errors.add(syn::Error::new(span, message));
    }

    fn place(&self, line: usize) -> String {
        format!("spec {}.toml:{line}", self.layout.name)
    }
}

struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
