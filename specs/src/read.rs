//! Reads a layout file, and the ones it inlines.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::keys::{Keys, Sheet};
use crate::words::{Align, Charset, Encoding, Format, Kind, SecretKind};
use crate::{Field, Finding, Findings, Layout, MAX_LENGTH, Rule};
use crate::{check, count, leniency};

/// A layout file is a few kilobytes; more is not one.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// A layout inlines a header, which inlines nothing or a common part; deeper nesting is an error.
const MAX_DEPTH: usize = 4;

const LAYOUT_KEYS: &[&str] = &["name", "title", "length", "charset", "source", "field"];

const FIELD_KEYS: &[&str] = &[
    "name", "title", "at", "len", "kind", "align", "pad", "value", "format", "secret", "blank", "assumed",
    "spec", "repeat", "codes", "signed", "charset", "truncate", "lenient", "count",
];

/// Reads and checks the layout file at `path`; groups are looked up in the same folder.
///
/// # Errors
/// All that is wrong with the file and the layouts it inlines.
pub fn read(path: &Path) -> Result<Layout, Findings> {
    let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else {
        return Err(Findings(vec![unreadable(
            path.display().to_string(),
            "no file name in UTF-8".to_owned(),
        )]));
    };
    read_with(stem, &|name| {
        let path = if name == stem { path.to_owned() } else { path.with_file_name(format!("{name}.toml")) };
        let file = path.display().to_string();
        match load(&path) {
            Ok(text) => Fetched::Text { file, text: Cow::Owned(text) },
            Err(why) => Fetched::Missing { file, why },
        }
    })
}

/// A layout file's text, or why there is none.
pub(crate) enum Fetched {
    Text { file: String, text: Cow<'static, str> },
    Missing { file: String, why: String },
}

/// Reads the layout `name` and the ones it inlines from wherever `fetch` finds them.
pub(crate) fn read_with(name: &str, fetch: &dyn Fn(&str) -> Fetched) -> Result<Layout, Findings> {
    let mut reader = Reader { fetch, open: Vec::new(), findings: Vec::new() };
    match reader.layout(name) {
        Ok(Some(layout)) if reader.findings.is_empty() => Ok(layout),
        Ok(_) => Err(Findings(reader.findings)),
        Err(missing) => Err(Findings(vec![*missing])),
    }
}

struct Reader<'f> {
    fetch: &'f dyn Fn(&str) -> Fetched,
    /// The layouts being read, outermost first: one that occurs again contains itself.
    open: Vec<String>,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    /// Reads one layout; `None` when it is too broken to be described.
    fn layout(&mut self, name: &str) -> Result<Option<Layout>, Box<Finding>> {
        let (file, text) = match (self.fetch)(name) {
            Fetched::Text { file, text } => (file, text),
            Fetched::Missing { file, why } => return Err(Box::new(unreadable(file, why))),
        };
        self.open.push(name.to_owned());
        let mut own = Vec::new();
        let sheet = &mut Sheet { file: &file, text: &text, findings: &mut own };
        let (document, faults) = DeTable::parse_recoverable(&text);
        for fault in &faults {
            let line = fault.span().map_or(1, |span| sheet.line(span.start));
            sheet.report(line, None, Rule::Syntax, "TOML", fault.message());
        }
        // A half-parsed file would only produce findings about what the parser lost.
        let layout = if faults.is_empty() { self.document(sheet, name, document.get_ref()) } else { None };
        self.open.pop();
        own.sort_by_key(|finding| finding.line);
        self.findings.append(&mut own);
        Ok(layout)
    }

    fn document(&mut self, sheet: &mut Sheet<'_>, stem: &str, document: &DeTable<'_>) -> Option<Layout> {
        let keys = Keys { table: document, field: None, line: 1 };
        keys.only(sheet, LAYOUT_KEYS);
        let name = keys.required_text(sheet, "name");
        if let Some(name) = &name
            && name.value != stem
        {
            let expected = format!("name = {stem:?}, as the file is called");
            sheet.report(name.line, None, Rule::Name, expected, format!("{:?}", name.value));
        }
        let title = keys.required_text(sheet, "title");
        let length = keys.required_number(sheet, "length", 1, MAX_LENGTH);
        keys.require(sheet, "charset");
        let charset = keys.word(sheet, "charset", Charset::WORDS, Charset::from_word);
        let source = keys.required_text(sheet, "source");

        let fields = self.fields(sheet, &keys);
        check::names(sheet, &fields);
        check::coverage(sheet, &fields, length.as_ref());
        if let Some(charset) = &charset {
            check::charset(sheet, &fields, charset.value);
        }
        let length = length?;
        Some(Layout {
            name: name?.value,
            title: title?.value,
            length: length.value,
            charset: charset?.value,
            source: source?.value,
            fields: fields.into_iter().collect::<Option<_>>()?,
            length_line: length.line,
        })
    }

    /// The `[[field]]` tables; `None` stands for one that has no name, place or kind.
    fn fields(&mut self, sheet: &mut Sheet<'_>, keys: &Keys<'_, '_>) -> Vec<Option<Field>> {
        if keys.require(sheet, "field").is_none() {
            return Vec::new();
        }
        let Some(value) = keys.table.get("field") else { return Vec::new() };
        let line = sheet.line(value.span().start);
        let DeValue::Array(tables) = value.get_ref() else {
            keys.wrong_type::<()>(sheet, line, "field", "[[field]] tables", value.get_ref());
            return Vec::new();
        };
        let mut fields = Vec::new();
        for table in tables {
            let line = sheet.line(table.span().start);
            let field = match table.get_ref() {
                DeValue::Table(table) => self.field(sheet, table, line, &fields),
                other => keys.wrong_type(sheet, line, "field", "[[field]] tables", other),
            };
            fields.push(field);
        }
        fields
    }

    /// Reads one field; `earlier` are those before it.
    fn field(
        &mut self,
        sheet: &mut Sheet<'_>,
        table: &DeTable<'_>,
        line: usize,
        earlier: &[Option<Field>],
    ) -> Option<Field> {
        let mut keys = Keys { table, field: None, line };
        let name = keys.required_text(sheet, "name");
        keys.field = name.as_ref().map(|name| name.value.clone());
        keys.only(sheet, FIELD_KEYS);
        let title = keys.text(sheet, "title");
        let at = keys.required_number(sheet, "at", 0, MAX_LENGTH);
        let len = keys.required_number(sheet, "len", 1, MAX_LENGTH);
        keys.require(sheet, "kind");
        let kind = keys.word(sheet, "kind", Kind::WORDS, Kind::from_word);
        let align = keys.word(sheet, "align", Align::WORDS, Align::from_word);
        let pad = check::pad(sheet, &keys);
        let value = keys.text(sheet, "value");
        let format = keys.word(sheet, "format", Format::WORDS, Format::from_word);
        let secret = keys.word(sheet, "secret", SecretKind::WORDS, SecretKind::from_word);
        let blank = keys.word(sheet, "blank", &["none"], |word| (word == "none").then_some(()));
        let assumed = keys.text(sheet, "assumed");
        let repeat = keys.number(sheet, "repeat", 1, MAX_LENGTH);
        let codes = check::code_table(sheet, &keys);
        let signed = keys.flag(sheet, "signed");
        let encoding = keys.word(sheet, "charset", Encoding::WORDS, Encoding::from_word);
        let truncate = keys.flag(sheet, "truncate");
        let lenient = leniency::read(sheet, &keys);
        let count = keys.text(sheet, "count");

        let (name, at, len, kind) = (name?, at?, len?, kind?.value);
        let number = kind == Kind::Number;
        let field = Field {
            title: title.map_or_else(|| name.value.clone(), |title| title.value),
            line: name.line,
            name: name.value,
            at: at.value,
            len: len.value,
            kind,
            align: align.map_or(if number { Align::Right } else { Align::Left }, |align| align.value),
            pad: pad.unwrap_or(if number { b'0' } else { b' ' }),
            value: value.map(|value| value.value),
            format: format.map(|format| format.value),
            secret: secret.map(|secret| secret.value),
            blank_is_absent: blank.is_some(),
            assumed: assumed.map(|assumed| assumed.value),
            group: self.group(sheet, &keys, kind, len.value),
            repeat: repeat.map_or(1, |repeat| repeat.value),
            codes,
            signed,
            encoding: encoding.map_or(Encoding::Ksx1001, |encoding| encoding.value),
            truncate,
            lenient,
            count: count.map(|count| count.value),
        };
        check::field(sheet, &keys, &field);
        count::check(sheet, &keys, &field, earlier);
        Some(field)
    }

    /// Reads the layout a group inlines.
    fn group(
        &mut self,
        sheet: &mut Sheet<'_>,
        keys: &Keys<'_, '_>,
        kind: Kind,
        len: usize,
    ) -> Option<Box<Layout>> {
        let name = keys.field.as_deref();
        if kind != Kind::Group {
            if let Some(spec) = keys.text(sheet, "spec") {
                sheet.report(
                    spec.line,
                    name,
                    Rule::Group,
                    "spec only on kind = \"group\"",
                    format!("kind = \"{kind}\""),
                );
            }
            return None;
        }
        let spec = keys.required_text(sheet, "spec")?;
        let (line, found) = (spec.line, format!("spec = {:?}", spec.value));
        let spec = spec.value;
        if !check::is_file_stem(&spec) {
            sheet.report(line, name, Rule::Group, "the name of a layout in the same folder", found);
            return None;
        }
        if self.open.contains(&spec) || self.open.len() >= MAX_DEPTH {
            let expected = format!("a layout that does not contain this one, at most {MAX_DEPTH} deep");
            sheet.report(
                line,
                name,
                Rule::Group,
                expected,
                format!("{found} inside {}", self.open.join(" > ")),
            );
            return None;
        }
        match self.layout(&spec) {
            Ok(Some(layout)) => {
                if layout.length != len {
                    let expected = format!("len = {}, the length of {spec}.toml", layout.length);
                    sheet.report(line, name, Rule::Group, expected, len.to_string());
                }
                Some(Box::new(layout))
            }
            Ok(None) => None,
            Err(missing) => {
                let expected = format!("a layout file {}", missing.file);
                sheet.report(line, name, Rule::Group, expected, missing.found);
                None
            }
        }
    }
}

fn load(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    let read = file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if read as u64 > MAX_FILE_BYTES {
        return Err(format!("more than {MAX_FILE_BYTES} bytes"));
    }
    Ok(text)
}

fn unreadable(file: String, why: String) -> Finding {
    Finding {
        file,
        line: 0,
        field: None,
        rule: Rule::Readable,
        expected: "a layout file".to_owned(),
        found: why,
        note: None,
    }
}
