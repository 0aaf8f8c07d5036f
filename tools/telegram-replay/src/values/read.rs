//! Takes the values of a telegram out of TOML and checks each against its field.

use jiff::civil::DateTime;
use specs::{Format, Kind};
use toml::de::{DeArray, DeInteger, DeTable, DeValue};
use toml::value::{Date, Datetime, Time};

use super::{MAX_FILE_BYTES, ValueFinding};
use crate::capture::{Assignment, Value};
use crate::hidden::Hidden;
use crate::layout::{BuildError, Field, Layout, harmless};

pub(super) struct Reader<'a> {
    layout: &'a Layout,
    file: &'a str,
    text: &'a str,
    now: DateTime,
    values: Vec<Assignment>,
    pub(super) findings: Vec<ValueFinding>,
}

/// What a key names.
enum Named<'a> {
    Field(&'a Field),
    Group,
    /// A group that stands there so many times, counted by that field or not.
    Groups(usize, Option<&'a Field>),
    Nothing,
}

impl<'a> Reader<'a> {
    pub(super) fn new(layout: &'a Layout, file: &'a str, text: &'a str, now: DateTime) -> Self {
        Self { layout, file, text, now, values: Vec::new(), findings: Vec::new() }
    }

    /// All values that fit; whatever does not is a finding.
    pub(super) fn values(&mut self) -> Vec<Assignment> {
        if self.text.len() > MAX_FILE_BYTES {
            let found = format!("{} bytes", self.text.len());
            self.report(0, None, format!("at most {MAX_FILE_BYTES} bytes"), Some(found));
            return Vec::new();
        }
        let (document, faults) = DeTable::parse_recoverable(self.text);
        for fault in &faults {
            let line = fault.span().map_or(1, |span| self.line(span.start));
            self.report(line, None, "TOML".to_owned(), Some(fault.message().to_owned()));
        }
        // A half-parsed file would only produce findings about what the parser lost.
        if faults.is_empty() {
            self.table("", document.get_ref());
        }
        std::mem::take(&mut self.values)
    }

    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let path = format!("{prefix}{}", key.get_ref());
            let (line, value) = (self.line(value.span().start), value.get_ref());
            match (self.named(prefix, &path), value) {
                (Named::Field(field), value) => self.field(line, field, value),
                (Named::Group, DeValue::Table(group)) => self.table(&format!("{path}."), group),
                (Named::Groups(most, counter), DeValue::Array(list)) => {
                    self.groups(line, &path, list, most, counter);
                }
                (Named::Group, other) => self.wrong_type(line, path, "a table, as a group is", other),
                (Named::Groups(..), other) => {
                    self.wrong_type(line, path, "a list of tables, as a repeated group is", other);
                }
                (Named::Nothing, _) => {
                    let line = self.line(key.span().start);
                    let (layout, name) = (self.layout.name(), harmless(&path));
                    self.report(line, None, format!("a field of {layout}"), Some(format!("\"{name}\"")));
                }
            }
        }
    }

    fn named(&self, prefix: &str, path: &str) -> Named<'a> {
        let fields = self.layout.fields();
        let (group, groups) = (format!("{path}."), format!("{path}["));
        if let Some(field) = fields.iter().find(|field| field.path == path) {
            return Named::Field(field);
        }
        if fields.iter().any(|field| field.path.starts_with(&group)) {
            return Named::Group;
        }
        let Some(inside) = fields.iter().rfind(|field| field.path.starts_with(&groups)) else {
            return Named::Nothing;
        };
        let index =
            inside.path[groups.len()..].split_once(']').and_then(|(index, _)| index.parse::<usize>().ok());
        // A counter beside the group counts it; one further out counts a group around it.
        let counter = inside.occurrence.map(|occurrence| &fields[occurrence.counter]);
        let counter = counter.filter(|counter| counter.path.starts_with(prefix));
        Named::Groups(index.map_or(0, |last| last + 1), counter)
    }

    fn groups(&mut self, line: usize, path: &str, list: &DeArray<'_>, most: usize, counter: Option<&Field>) {
        if list.len() > most {
            let found = list.len().to_string();
            self.report(line, Some(path.to_owned()), format!("at most {most} occurrences"), Some(found));
            return;
        }
        if let Some(counter) = counter {
            let count = Value::text(list.len().to_string());
            self.values.push(Assignment { field: counter.path.clone(), value: count });
        }
        for (index, group) in list.iter().enumerate() {
            let (line, path) = (self.line(group.span().start), format!("{path}[{index}]"));
            match group.get_ref() {
                DeValue::Table(group) => self.table(&format!("{path}."), group),
                other => self.wrong_type(line, path, "a table, as a group is", other),
            }
        }
    }

    fn field(&mut self, line: usize, field: &Field, value: &DeValue<'_>) {
        let path = || field.path.clone();
        if field.counts.is_some() {
            let expected = "no value: it follows from the group it counts".to_owned();
            return self.report(line, Some(path()), expected, None);
        }
        if field.kind == Kind::Filler {
            return self.report(line, Some(path()), "no value: a filler has none".to_owned(), None);
        }
        let value = match taken(field, value) {
            Ok(value) => value,
            Err(expected) => return self.wrong_type(line, path(), &expected, value),
        };
        match self.layout.bytes(field, &value, self.now) {
            Ok(_) => self.values.push(Assignment { field: path(), value }),
            Err(error) => {
                let (expected, found) = told(field, &value, &error);
                self.report(line, Some(path()), expected, found);
            }
        }
    }

    fn wrong_type(&mut self, line: usize, path: String, expected: &str, found: &DeValue<'_>) {
        self.report(line, Some(path), expected.to_owned(), Some(type_of(found).to_owned()));
    }

    fn report(&mut self, line: usize, field: Option<String>, expected: String, found: Option<String>) {
        self.findings.push(ValueFinding { file: self.file.to_owned(), line, field, expected, found });
    }

    /// The line (from 1) of a byte offset.
    fn line(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or(self.text);
        1 + before.matches('\n').count()
    }
}

/// The value for a field of that kind, or what it should have been.
fn taken(field: &Field, value: &DeValue<'_>) -> Result<Value, String> {
    match (field.kind, value) {
        (Kind::Number, DeValue::Integer(number)) => {
            decimal(number).map(Value::text).ok_or_else(|| "a whole number of at most 38 digits".to_owned())
        }
        (Kind::Number, _) => Err("a whole number".to_owned()),
        (Kind::Datetime, DeValue::Datetime(datetime)) => {
            let format = field.format.expect("the reader gives every datetime a format");
            written(format, datetime)
                .map(Value::text)
                .ok_or_else(|| format!("what {format} has of a local date and time"))
        }
        (Kind::Binary, DeValue::Table(table)) => hex(table)
            .map(|bytes| Value::Bytes(Hidden(bytes)))
            .ok_or_else(|| "{ hex = \"9F 26\" }".to_owned()),
        (
            Kind::Digits
            | Kind::Text
            | Kind::Korean
            | Kind::Datetime
            | Kind::Code
            | Kind::Binary
            | Kind::Filler
            | Kind::Group,
            DeValue::String(text),
        ) => Ok(Value::text(text.to_string())),
        (Kind::Digits, _) => Err("digits as a string, which keeps their zeros".to_owned()),
        (Kind::Datetime, _) => Err("a date or time, or a string in the form of the field".to_owned()),
        (Kind::Binary, _) => Err("a string, or { hex = \"9F 26\" }".to_owned()),
        (Kind::Text | Kind::Korean | Kind::Code | Kind::Filler | Kind::Group, _) => {
            Err("a string".to_owned())
        }
    }
}

fn decimal(number: &DeInteger<'_>) -> Option<String> {
    let number = i128::from_str_radix(number.as_str(), number.radix()).ok()?;
    Some(number.to_string())
}

/// The datetime as the format writes it, if it has just the parts for that.
fn written(format: Format, datetime: &Datetime) -> Option<String> {
    let date = |Date { year, month, day }: Date| format!("{year:04}{month:02}{day:02}");
    let time = |time: Time| format!("{:02}{:02}{:02}", time.hour, time.minute, time.second.unwrap_or(0));
    match (format, datetime.date.map(date), datetime.time.map(time), datetime.offset) {
        (Format::DateTime, Some(date), Some(time), None) => Some(format!("{date}{time}")),
        (Format::ShortDateTime, Some(date), Some(time), None) => Some(format!("{}{time}", short(&date)?)),
        (Format::MonthDayTime, Some(date), Some(time), None) => Some(format!("{}{time}", &date[4..])),
        (Format::Date, Some(date), None, None) => Some(date),
        (Format::ShortDate, Some(date), None, None) => Some(short(&date)?.to_owned()),
        (Format::Time, None, Some(time), None) => Some(time),
        (
            Format::DateTime
            | Format::ShortDateTime
            | Format::MonthDayTime
            | Format::Date
            | Format::ShortDate
            | Format::Time,
            _,
            _,
            _,
        ) => None,
    }
}

/// A date with a year that two digits can tell.
fn short(date: &str) -> Option<&str> {
    date.strip_prefix("20")
}

fn hex(table: &DeTable<'_>) -> Option<Vec<u8>> {
    let mut entries = table.iter();
    let (Some((key, value)), None) = (entries.next(), entries.next()) else { return None };
    let DeValue::String(text) = value.get_ref() else { return None };
    if key.get_ref() == "hex" { crate::hex::bytes(text.as_bytes()).ok() } else { None }
}

/// What the field expects and what the value is instead; nothing of a secret but its length.
fn told(field: &Field, value: &Value, error: &BuildError) -> (String, Option<String>) {
    let quoted = || match value {
        Value::Text(text) if !field.secret => Some(format!("\"{}\"", shortened(&harmless(&text.0)))),
        Value::Text(_)
        | Value::Bytes(_)
        | Value::Unchecked(_)
        | Value::Now(_)
        | Value::Today(_)
        | Value::Of(_) => None,
    };
    match error {
        BuildError::TooLong { expected, found, .. } => {
            (format!("at most {expected} bytes"), Some(format!("{found} bytes")))
        }
        BuildError::Rule { fault, .. } => {
            let fault = fault.to_string();
            (fault.strip_prefix("expected ").map_or(fault.clone(), str::to_owned), quoted())
        }
        BuildError::Unencodable { .. } => ("characters of EUC-KR".to_owned(), quoted()),
        BuildError::Name(_)
        | BuildError::NotExact { .. }
        | BuildError::NotInUse { .. }
        | BuildError::NotADate { .. }
        | BuildError::NotADatetime { .. }
        | BuildError::Unresolved { .. } => ("a value that fits".to_owned(), Some(error.to_string())),
    }
}

/// The beginning of a text, enough to recognize it by.
fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
