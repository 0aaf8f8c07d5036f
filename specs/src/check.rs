//! The rules of a layout, beyond the types of its keys.

use std::collections::HashSet;

use toml::de::DeValue;

use crate::keys::{At, Keys, Sheet};
use crate::words::{Align, Charset, Kind};
use crate::{Field, Finding, Rule};

/// A name is lower case, so that it can be a Rust field and a JSON key as it stands.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Names that no field of a struct, or accessor of its view, can have.
const RESERVED: &[&str] = &[
    "abstract", "as", "as_bytes", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self",
    "static", "struct", "super", "to_owned", "trait", "true", "try", "type", "typeof", "unsafe", "unsized",
    "use", "view", "virtual", "where", "while", "yield",
];

/// A layout's name cannot lead out of its folder.
pub(crate) fn is_file_stem(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// Names are well-formed and occur once.
pub(crate) fn names(sheet: &mut Sheet<'_>, fields: &[Option<Field>]) {
    let mut seen = HashSet::new();
    for field in fields.iter().flatten() {
        let name = field.name.as_str();
        if !is_name(name) {
            let expected = "a name of a-z, 0-9 and _ that begins with a letter";
            sheet.report(field.line, Some(name), Rule::Name, expected, format!("{name:?}"));
        }
        if RESERVED.contains(&name) {
            let expected = "a name that a Rust field can have";
            sheet.report(field.line, Some(name), Rule::Name, expected, format!("the word {name:?}"));
        }
        if !seen.insert(name) {
            sheet.report(field.line, Some(name), Rule::Duplicate, "each name once", "it again");
        }
    }
}

/// The fields cover the record, in the order of the file, without gap or overlap.
pub(crate) fn coverage(sheet: &mut Sheet<'_>, fields: &[Option<Field>], length: Option<&At<usize>>) {
    // Unknown behind a field whose place could not be read: nothing follows from it.
    let mut end = Some(0);
    let mut previous: Option<&str> = None;
    for field in fields {
        let Some(field) = field else {
            end = None;
            continue;
        };
        if let Some(end) = end
            && field.at != end
        {
            let place = match previous {
                Some(previous) => format!("where \"{previous}\" ends"),
                None => "where the record begins".to_owned(),
            };
            let (rule, note) = if field.at > end {
                (Rule::Gap, format!("a gap of {}", bytes(field.at - end)))
            } else {
                (Rule::Overlap, format!("an overlap of {}", bytes(end - field.at)))
            };
            sheet.findings.push(Finding {
                file: sheet.file.to_owned(),
                line: field.line,
                field: Some(field.name.clone()),
                rule,
                expected: format!("at = {end} ({place})"),
                found: field.at.to_string(),
                note: Some(note),
            });
        }
        end = Some(field.at.saturating_add(field.len.saturating_mul(field.repeat)));
        previous = Some(&field.name);
    }
    let (Some(end), Some(previous), Some(length)) = (end, previous, length) else { return };
    if end != length.value {
        let expected = format!("length = {end} (where \"{previous}\" ends)");
        sheet.report(length.line, None, Rule::Length, expected, length.value.to_string());
    }
}

fn bytes(count: usize) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}

/// Korean fields stand in an EUC-KR layout only.
pub(crate) fn charset(sheet: &mut Sheet<'_>, fields: &[Option<Field>], charset: Charset) {
    if charset == Charset::EucKr {
        return;
    }
    for field in fields.iter().flatten().filter(|field| field.kind == Kind::Korean) {
        let expected = "charset = \"euc-kr\" for a korean field";
        sheet.report(field.line, Some(&field.name), Rule::Charset, expected, format!("\"{charset}\""));
    }
}

/// The pad byte: exactly one printable ASCII byte.
pub(crate) fn pad(sheet: &mut Sheet<'_>, keys: &Keys<'_, '_>) -> Option<u8> {
    let pad = keys.text(sheet, "pad")?;
    if let [byte @ 0x20..0x7f] = pad.value.as_bytes() {
        return Some(*byte);
    }
    let found = format!("{:?}", pad.value);
    sheet.report(pad.line, keys.field.as_deref(), Rule::Pad, "pad to be one printable byte", found);
    None
}

/// The meanings of a code's values.
pub(crate) fn code_table(sheet: &mut Sheet<'_>, keys: &Keys<'_, '_>) -> Vec<(String, String)> {
    let Some(value) = keys.table.get("codes") else { return Vec::new() };
    let line = sheet.line(value.span().start);
    let DeValue::Table(table) = value.get_ref() else {
        keys.wrong_type::<()>(sheet, line, "codes", "a table of value = meaning", value.get_ref());
        return Vec::new();
    };
    let mut codes = Vec::new();
    for (code, meaning) in table {
        match meaning.get_ref() {
            DeValue::String(meaning) => codes.push((code.get_ref().to_string(), meaning.to_string())),
            other => {
                let line = sheet.line(meaning.span().start);
                keys.wrong_type::<()>(sheet, line, "codes", "a table of value = meaning", other);
            }
        }
    }
    codes
}

/// The rules of one field.
pub(crate) fn field(sheet: &mut Sheet<'_>, keys: &Keys<'_, '_>, field: &Field) {
    let mut one = One { sheet, keys, field };
    one.alignment();
    one.padding();
    one.format();
    one.secret();
    one.blank();
    one.codes();
    one.repeat();
    one.constant();
    one.signed();
    one.encoding();
    one.truncate();
    one.leniency();
}

struct One<'s, 't, 'k, 'i> {
    sheet: &'s mut Sheet<'t>,
    keys: &'s Keys<'k, 'i>,
    field: &'s Field,
}

impl One<'_, '_, '_, '_> {
    fn report(&mut self, key: &str, rule: Rule, expected: impl Into<String>, found: impl Into<String>) {
        let line =
            self.keys.table.get(key).map_or(self.field.line, |value| self.sheet.line(value.span().start));
        self.sheet.report(line, Some(&self.field.name), rule, expected, found);
    }

    fn has(&self, key: &str) -> bool {
        self.keys.table.contains_key(key)
    }

    /// `key` is given although this kind has no use for it.
    fn out_of_place(&mut self, key: &str, rule: Rule, place: &str) {
        if self.has(key) {
            let found = format!("kind = \"{}\"", self.field.kind);
            self.report(key, rule, format!("{key} only on {place}"), found);
        }
    }

    fn alignment(&mut self) {
        match self.field.kind {
            Kind::Number | Kind::Digits | Kind::Text | Kind::Korean | Kind::Code => {}
            Kind::Datetime | Kind::Binary | Kind::Filler | Kind::Group => {
                self.out_of_place("align", Rule::Align, "a number, digits, text, korean or code");
            }
        }
    }

    fn padding(&mut self) {
        let field = self.field;
        let found = format!("pad = \"{}\", align = \"{}\"", char::from(field.pad), field.align);
        match field.kind {
            Kind::Number | Kind::Digits => {
                let suits = field.pad == b' ' || (field.pad == b'0' && field.align == Align::Right);
                if !suits {
                    let expected = "pad = \"0\" with align = \"right\", or pad = \" \"";
                    self.report("pad", Rule::Pad, expected, found);
                }
            }
            Kind::Text | Kind::Korean | Kind::Code | Kind::Binary => {
                if field.pad != b' ' {
                    self.report("pad", Rule::Pad, format!("pad = \" \" on kind = \"{}\"", field.kind), found);
                }
            }
            Kind::Filler => {}
            Kind::Datetime | Kind::Group => {
                self.out_of_place("pad", Rule::Pad, "a kind that can be shorter than its field");
            }
        }
    }

    fn format(&mut self) {
        let field = self.field;
        if field.kind != Kind::Datetime {
            self.out_of_place("format", Rule::Format, "kind = \"datetime\"");
        } else if let Some(format) = field.format {
            let len = format.word().len();
            if len != field.len {
                self.report(
                    "format",
                    Rule::Format,
                    format!("len = {len}, as \"{format}\" is"),
                    field.len.to_string(),
                );
            }
        } else if !self.has("format") {
            self.report("format", Rule::Format, "the format of the datetime", "none");
        }
    }

    fn secret(&mut self) {
        if matches!(self.field.kind, Kind::Filler | Kind::Group) {
            self.out_of_place("secret", Rule::Secret, "a field that holds data");
        }
    }

    fn blank(&mut self) {
        if matches!(self.field.kind, Kind::Filler | Kind::Group) {
            self.out_of_place("blank", Rule::Blank, "a field that holds data");
        } else if self.field.value.is_some() && self.field.blank_is_absent {
            self.report("blank", Rule::Blank, "blank only where there is no constant", "value and blank");
        }
    }

    fn codes(&mut self) {
        if self.field.kind != Kind::Code {
            self.out_of_place("codes", Rule::Codes, "kind = \"code\"");
            return;
        }
        let field = self.field;
        for (code, _) in &field.codes {
            if code.len() > field.len || !is_printable(code) {
                let expected = format!("codes of at most {} printable ASCII", bytes(field.len));
                self.report("codes", Rule::Codes, expected, format!("{code:?}"));
            }
        }
    }

    fn repeat(&mut self) {
        if self.field.kind != Kind::Group {
            self.out_of_place("repeat", Rule::Repeat, "kind = \"group\"");
        }
    }

    fn constant(&mut self) {
        let field = self.field;
        let Some(value) = &field.value else { return };
        if matches!(field.kind, Kind::Filler | Kind::Group) {
            self.out_of_place("value", Rule::Constant, "a field that holds data");
            return;
        }
        if value.len() > field.len {
            let expected = format!("a constant of at most {}", bytes(field.len));
            self.report("value", Rule::Constant, expected, format!("{value:?}, {}", bytes(value.len())));
            return;
        }
        let must_fill = match field.kind {
            Kind::Datetime => true,
            Kind::Digits => field.pad == b'0',
            Kind::Number | Kind::Text | Kind::Korean | Kind::Code | Kind::Binary => false,
            Kind::Filler | Kind::Group => return,
        };
        let (what, fits) = match field.kind {
            Kind::Number | Kind::Digits | Kind::Datetime => {
                ("digits", !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()))
            }
            Kind::Text | Kind::Korean | Kind::Code | Kind::Binary => ("printable ASCII", is_printable(value)),
            Kind::Filler | Kind::Group => return,
        };
        if !fits {
            self.report("value", Rule::Constant, format!("a constant of {what}"), format!("{value:?}"));
        } else if must_fill && value.len() < field.len {
            let expected = format!("a constant of exactly {}", bytes(field.len));
            self.report("value", Rule::Constant, expected, format!("{value:?}, {}", bytes(value.len())));
        }
    }

    fn signed(&mut self) {
        if self.field.kind != Kind::Number {
            self.out_of_place("signed", Rule::Signed, "kind = \"number\"");
        } else if self.field.signed {
            self.no_constant("signed", Rule::Signed);
        }
    }

    fn encoding(&mut self) {
        if self.field.kind != Kind::Korean {
            self.out_of_place("charset", Rule::Charset, "kind = \"korean\"");
        }
    }

    fn truncate(&mut self) {
        if !matches!(self.field.kind, Kind::Text | Kind::Korean) {
            self.out_of_place("truncate", Rule::Truncate, "text or korean");
        } else if self.field.truncate {
            self.no_constant("truncate", Rule::Truncate);
        }
    }

    fn leniency(&mut self) {
        let Field { kind, pad, lenient, .. } = *self.field;
        let place = format!("kind = \"{kind}\", pad = \"{}\"", char::from(pad));
        if lenient.padding && (kind != Kind::Number || pad != b'0') {
            let expected = "\"padding\" only on a number with pad = \"0\"";
            self.report("lenient", Rule::Lenient, expected, place.clone());
        }
        if lenient.alignment && (!matches!(kind, Kind::Number | Kind::Text | Kind::Code) || pad != b' ') {
            let expected = "\"alignment\" only on a number, text or code with pad = \" \"";
            self.report("lenient", Rule::Lenient, expected, place.clone());
        }
        if lenient.nul && !matches!(kind, Kind::Text | Kind::Korean | Kind::Code) {
            self.report("lenient", Rule::Lenient, "\"nul\" only on text, korean or a code", place);
        }
        if lenient.cut && kind != Kind::Korean {
            self.report("lenient", Rule::Lenient, "\"cut\" only on korean", format!("kind = \"{kind}\""));
        }
        if !lenient.is_strict() {
            self.no_constant("lenient", Rule::Lenient);
        }
    }

    /// `key` is given although the field always holds the same.
    fn no_constant(&mut self, key: &str, rule: Rule) {
        if self.field.value.is_some() {
            self.report(
                key,
                rule,
                format!("{key} only where there is no constant"),
                format!("value and {key}"),
            );
        }
    }
}
