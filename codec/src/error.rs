//! What is wrong with a telegram: which field, which rule, what was expected and what was found.

use std::fmt;

use crate::layout::{Align, Encoding, Field, Kind, Layout};

/// A telegram that cannot be read or written. Copied freely and never allocates.
///
/// The display names the layout, the field and its place, what was expected and what was found:
/// `terminal-0100 field "vat" (부가세) at 312..324: expected 12 digits or blanks, found "00000000000A"`.
/// What a secret field holds is never part of it; nor is any run of digits long enough to be a card number,
/// written at one piece or in groups (`9410 1234 …`, `9410-1234-…`), because a shifted telegram puts card numbers where amounts belong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Error {
    layout: &'static Layout,
    fault: Fault,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Length { found: usize },
    Field { field: &'static Field, rule: Rule, found: Option<Found> },
}

/// The rule that is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// A telegram (or the room for one) has exactly its layout's length.
    Length,
    /// A number or digits field holds digits, padded as its layout says; a sign only where it may be signed.
    Digits,
    /// What counts a group's occurrences counts no more than the layout has.
    Count,
    /// Text and codes are printable ASCII on the side they are aligned to.
    Text,
    /// Korean text is EUC-KR, and no character is split. To be written at the right, it does not begin with a blank.
    Korean,
    /// A datetime exists in the calendar and on the clock.
    Datetime,
    /// A constant stands as the layout gives it.
    Constant,
    /// To be written: the number has no more digits than the field.
    TooLarge,
    /// To be written: digits that always fill their field do.
    Short,
    /// To be written: a value that is present is not all blanks, which would mean absent.
    Blank,
    /// To be written: the year can be expressed in the field's form.
    Year,
}

impl Error {
    /// The telegram of `layout`, or the room for it, has `found` bytes.
    pub(crate) fn length(layout: &'static Layout, found: usize) -> Self {
        Self { layout, fault: Fault::Length { found } }
    }

    /// A field of `telegram` breaks a rule.
    pub(crate) fn fault(layout: &'static Layout, field: &'static Field, rule: Rule, telegram: &[u8]) -> Self {
        let found = &telegram[field.at..field.at + field.len];
        let found = (!field.secret).then(|| Found::new(found));
        Self { layout, fault: Fault::Field { field, rule, found } }
    }

    /// A value cannot be written to the field that begins at `at`.
    #[cold]
    pub(crate) fn misfit(layout: &'static Layout, misfit: Misfit) -> Self {
        match layout.fields.iter().find(|field| field.at == misfit.at) {
            Some(field) => Self { layout, fault: Fault::Field { field, rule: misfit.rule, found: None } },
            None => Self::length(layout, layout.length),
        }
    }

    /// The layout's name.
    pub fn layout(&self) -> &'static str {
        self.layout.name
    }

    /// The field's dotted path; `None` when the whole telegram has the wrong length.
    pub fn field(&self) -> Option<&'static str> {
        self.table_field().map(|field| field.name)
    }

    /// The Korean name of the field, or of the telegram when its length is wrong: for a message at the terminal.
    pub fn title(&self) -> &'static str {
        self.table_field().map_or(self.layout.title, |field| field.title)
    }

    /// Byte offset of the fault from the start of the telegram.
    pub fn at(&self) -> usize {
        self.table_field().map_or(0, |field| field.at)
    }

    /// Length in bytes of the field, or that the telegram should have.
    pub fn len(&self) -> usize {
        self.table_field().map_or(self.layout.length, |field| field.len)
    }

    /// Never: a fault is in a field or in a telegram, which have at least one byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rule that is broken.
    pub fn rule(&self) -> Rule {
        match self.fault {
            Fault::Length { .. } => Rule::Length,
            Fault::Field { rule, .. } => rule,
        }
    }

    /// What the rule wants here, to be displayed.
    pub fn expected(&self) -> Expected {
        Expected(*self)
    }

    /// The beginning of what stands there instead, to be displayed, digits that may be a card number's masked. Nothing of a secret,
    /// of a telegram of the wrong length, or of a value that does not fit.
    pub fn found(&self) -> Option<Found> {
        match self.fault {
            Fault::Length { .. } => None,
            Fault::Field { found, .. } => found,
        }
    }

    fn table_field(&self) -> Option<&'static Field> {
        match self.fault {
            Fault::Length { .. } => None,
            Fault::Field { field, .. } => Some(field),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (field, rule, found) = match &self.fault {
            Fault::Length { found } => {
                let Layout { name, length, .. } = self.layout;
                return write!(f, "{name}: expected {length} bytes, found {found}");
            }
            Fault::Field { field, rule, found } => (field, rule, found),
        };
        let (start, end) = (field.at, field.at + field.len);
        write!(f, "{} field \"{}\" ({}) at {start}..{end}: ", self.layout.name, field.name, field.title)?;
        write_expected(f, field, *rule)?;
        match found {
            Some(found) => write!(f, ", found {found}"),
            None => Ok(()),
        }
    }
}

/// What a rule expects, as [`Error`] says it: `expected 12 digits or blanks`.
#[derive(Clone, Copy, Debug)]
pub struct Expected(Error);

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.fault {
            Fault::Length { .. } => write!(f, "expected {} bytes", self.0.layout.length),
            Fault::Field { field, rule, .. } => write_expected(f, field, *rule),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

/// A value that does not fit the field at `at`.
#[derive(Clone, Copy, Debug)]
pub struct Misfit {
    /// Byte offset of the field from the start of its telegram.
    pub at: usize,
    /// The rule the value breaks.
    pub rule: Rule,
}

fn write_expected(f: &mut fmt::Formatter<'_>, field: &Field, rule: Rule) -> fmt::Result {
    write_rule(f, field, rule)?;
    if field.blank_is_absent && rule != Rule::Blank { f.write_str(" or blanks") } else { Ok(()) }
}

fn write_rule(f: &mut fmt::Formatter<'_>, field: &Field, rule: Rule) -> fmt::Result {
    let len = field.len;
    let side = match field.align {
        Align::Left => "left",
        Align::Right => "right",
    };
    let digits = if field.signed { "digits, a minus sign counted" } else { "digits" };
    match rule {
        Rule::Length => write!(f, "expected {len} bytes"),
        Rule::Digits if field.pad == b' ' => {
            write!(f, "expected at most {len} {digits}, {side}-aligned, blank-padded")
        }
        Rule::Digits if field.signed => write!(f, "expected {len} {digits}"),
        Rule::Count => write!(f, "expected at most {}", field.limit.unwrap_or_default()),
        Rule::Digits | Rule::Short => write!(f, "expected {len} digits"),
        Rule::Text => write!(f, "expected printable ASCII, {side}-aligned"),
        Rule::Korean => {
            let is_uhc = field.kind == Kind::Korean(Encoding::Uhc);
            f.write_str(if is_uhc { "expected EUC-KR (UHC)" } else { "expected EUC-KR" })?;
            if field.align == Align::Right { f.write_str(", right-aligned") } else { Ok(()) }
        }
        Rule::Datetime => match field.kind {
            Kind::Datetime(format) => write!(f, "expected {}", format.pattern()),
            Kind::Number
            | Kind::Digits
            | Kind::Text
            | Kind::Korean(_)
            | Kind::Code
            | Kind::Binary
            | Kind::Filler => f.write_str("expected a date"),
        },
        Rule::Constant => {
            let constant = field.constant.unwrap_or_default().escape_ascii();
            write!(f, "expected \"{constant}\"")
        }
        Rule::TooLarge => write!(f, "expected a number of at most {len} digits"),
        Rule::Blank => f.write_str("expected a value that is not blank"),
        Rule::Year => f.write_str("expected a year the form can express"),
    }
}

/// How many bytes of a faulty field are kept.
const FOUND: usize = 32;

/// How many digits in a row are shown: in a telegram that slipped by some bytes they may be a card number's, of which no more
/// than six may be seen.
const DIGITS_SHOWN: usize = 6;

/// The beginning of what stood in a field that is not secret, digits in a row masked behind the sixth. Single blanks and hyphens
/// between digits do not end the row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Found {
    bytes: [u8; FOUND],
    len: u8,
    cut: bool,
}

impl Found {
    fn new(field: &[u8]) -> Self {
        let mut bytes = [0; FOUND];
        let mut len = 0;
        for (slot, byte) in bytes.iter_mut().zip(field) {
            *slot = *byte;
            len += 1;
        }
        let cut = field.len() > FOUND;
        Self { bytes, len, cut }
    }
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = &self.bytes[..usize::from(self.len)];
        f.write_str("\"")?;
        let mut digits = 0;
        for (index, byte) in bytes.iter().enumerate() {
            if byte.is_ascii_digit() {
                digits += 1;
            } else {
                let is_within =
                    matches!(byte, b' ' | b'-') && bytes.get(index + 1).is_some_and(u8::is_ascii_digit);
                let goes_on = is_within && index > 0 && bytes[index - 1].is_ascii_digit();
                digits = if goes_on { digits } else { 0 };
            }
            if byte.is_ascii_digit() && digits > DIGITS_SHOWN {
                f.write_str("*")?;
            } else {
                write!(f, "{}", byte.escape_ascii())?;
            }
        }
        f.write_str(if self.cut { "…\"" } else { "\"" })
    }
}
