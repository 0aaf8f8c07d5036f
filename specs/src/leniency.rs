//! What a counterparty is allowed to get wrong in one field.

use toml::de::DeValue;

use crate::Rule;
use crate::keys::{Keys, Sheet};

/// What a field accepts when it is read, besides the form that is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of a layout file, and any may stand beside any"
)]
pub struct Leniency {
    /// Of a number that zeros pad: blanks before the digits stand for zeros. There is at least one digit.
    pub padding: bool,
    /// Of a number, text or code that blanks pad: the value may stand at the other side of the field, or have blanks
    /// at both.
    pub alignment: bool,
    /// Of text, korean or a code: NUL bytes at the end are padding.
    pub nul: bool,
    /// Of korean: the first half of a character, as the field's last byte, is left out. Hosts that count bytes cut so.
    pub cut: bool,
}

impl Leniency {
    /// Every word of `lenient`, in the order of the documentation.
    pub const WORDS: &'static [&'static str] = &["padding", "alignment", "nul", "cut"];

    /// Only the form that is written is accepted.
    pub fn is_strict(self) -> bool {
        self == Self::default()
    }

    /// The words of a layout file that say it.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        let flags = [self.padding, self.alignment, self.nul, self.cut];
        Self::WORDS.iter().zip(flags).filter_map(|(word, is_set)| is_set.then_some(*word))
    }

    fn flag(&mut self, word: &str) -> Option<&mut bool> {
        match word {
            "padding" => Some(&mut self.padding),
            "alignment" => Some(&mut self.alignment),
            "nul" => Some(&mut self.nul),
            "cut" => Some(&mut self.cut),
            _ => None,
        }
    }
}

/// The words of the key `lenient`.
pub(crate) fn read(sheet: &mut Sheet<'_>, keys: &Keys<'_, '_>) -> Leniency {
    let mut leniency = Leniency::default();
    let Some(value) = keys.table.get("lenient") else { return leniency };
    let words = format!("a list of {}", Leniency::WORDS.join(" | "));
    let line = sheet.line(value.span().start);
    let DeValue::Array(list) = value.get_ref() else {
        keys.wrong_type::<()>(sheet, line, "lenient", &words, value.get_ref());
        return leniency;
    };
    for word in list {
        let line = sheet.line(word.span().start);
        let DeValue::String(word) = word.get_ref() else {
            keys.wrong_type::<()>(sheet, line, "lenient", &words, word.get_ref());
            continue;
        };
        let field = keys.field.as_deref();
        match leniency.flag(word) {
            Some(is_set @ false) => *is_set = true,
            Some(true) => {
                sheet.report(line, field, Rule::Lenient, "each word once", format!("{word:?} again"));
            }
            None => {
                let expected = format!("lenient to be {words}");
                sheet.report(line, field, Rule::Value, expected, format!("{word:?}"));
            }
        }
    }
    leniency
}
