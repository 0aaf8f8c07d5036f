//! Takes typed values out of one TOML table and reports everything that does not fit.

use toml::de::{DeTable, DeValue};

use crate::{Finding, Rule};

/// Where findings about one file go.
pub(crate) struct Sheet<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    pub(crate) findings: &'a mut Vec<Finding>,
}

/// One table of the file: the layout itself, or one of its fields.
pub(crate) struct Keys<'a, 'i> {
    pub(crate) table: &'a DeTable<'i>,
    /// The field's name, for messages.
    pub(crate) field: Option<String>,
    /// Where the table stands, for what is missing in it.
    pub(crate) line: usize,
}

/// A value with the line it stands on.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) line: usize,
}

impl Sheet<'_> {
    /// The line (from 1) of a byte offset.
    pub(crate) fn line(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or(self.text);
        1 + before.matches('\n').count()
    }

    /// Records a fault.
    pub(crate) fn report(
        &mut self,
        line: usize,
        field: Option<&str>,
        rule: Rule,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) {
        self.findings.push(Finding {
            file: self.file.to_owned(),
            line,
            field: field.map(str::to_owned),
            rule,
            expected: expected.into(),
            found: found.into(),
            note: None,
        });
    }
}

impl Keys<'_, '_> {
    /// The text of a key that must be there.
    pub(crate) fn required_text(&self, sheet: &mut Sheet<'_>, key: &str) -> Option<At<String>> {
        self.require(sheet, key)?;
        self.text(sheet, key)
    }

    /// The text of a key.
    pub(crate) fn text(&self, sheet: &mut Sheet<'_>, key: &str) -> Option<At<String>> {
        let value = self.table.get(key)?;
        let line = sheet.line(value.span().start);
        match value.get_ref() {
            DeValue::String(text) => Some(At { value: text.to_string(), line }),
            other => self.wrong_type(sheet, line, key, "a string", other),
        }
    }

    /// The number of a key that must be there, within bounds.
    pub(crate) fn required_number(
        &self,
        sheet: &mut Sheet<'_>,
        key: &str,
        least: usize,
        most: usize,
    ) -> Option<At<usize>> {
        self.require(sheet, key)?;
        self.number(sheet, key, least, most)
    }

    /// The number of a key, within bounds.
    pub(crate) fn number(
        &self,
        sheet: &mut Sheet<'_>,
        key: &str,
        least: usize,
        most: usize,
    ) -> Option<At<usize>> {
        let value = self.table.get(key)?;
        let line = sheet.line(value.span().start);
        let DeValue::Integer(integer) = value.get_ref() else {
            return self.wrong_type(sheet, line, key, "a whole number", value.get_ref());
        };
        let number = usize::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.filter(|number| (least..=most).contains(number));
        if let Some(value) = number {
            return Some(At { value, line });
        }
        let expected = format!("{key} from {least} to {most}");
        sheet.report(line, self.field.as_deref(), Rule::Value, expected, integer.to_string());
        None
    }

    /// The word of a key, out of a closed vocabulary.
    pub(crate) fn word<T>(
        &self,
        sheet: &mut Sheet<'_>,
        key: &str,
        words: &[&str],
        from_word: fn(&str) -> Option<T>,
    ) -> Option<At<T>> {
        let text = self.text(sheet, key)?;
        if let Some(value) = from_word(&text.value) {
            return Some(At { value, line: text.line });
        }
        let expected = format!("{key} = {}", words.join(" | "));
        sheet.report(text.line, self.field.as_deref(), Rule::Value, expected, format!("{:?}", text.value));
        None
    }

    /// The flag of a key; false when it is not there.
    pub(crate) fn flag(&self, sheet: &mut Sheet<'_>, key: &str) -> bool {
        let Some(value) = self.table.get(key) else { return false };
        let line = sheet.line(value.span().start);
        match value.get_ref() {
            DeValue::Boolean(flag) => *flag,
            other => self.wrong_type(sheet, line, key, "true or false", other).unwrap_or(false),
        }
    }

    /// Reports the keys that are not known here.
    pub(crate) fn only(&self, sheet: &mut Sheet<'_>, known: &[&str]) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let line = sheet.line(key.span().start);
                let expected = format!("one of the keys {}", known.join(", "));
                sheet.report(line, self.field.as_deref(), Rule::UnknownKey, expected, format!("{name:?}"));
            }
        }
    }

    /// Reports a key that must be there and is not.
    pub(crate) fn require(&self, sheet: &mut Sheet<'_>, key: &str) -> Option<()> {
        if self.table.contains_key(key) {
            return Some(());
        }
        sheet.report(
            self.line,
            self.field.as_deref(),
            Rule::MissingKey,
            format!("the key \"{key}\""),
            "nothing",
        );
        None
    }

    /// Reports a value of the wrong TOML type.
    pub(crate) fn wrong_type<T>(
        &self,
        sheet: &mut Sheet<'_>,
        line: usize,
        key: &str,
        expected: &str,
        found: &DeValue<'_>,
    ) -> Option<T> {
        let expected = format!("{key} to be {expected}");
        sheet.report(line, self.field.as_deref(), Rule::Type, expected, type_of(found));
        None
    }
}

fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
