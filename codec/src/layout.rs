//! Layouts as tables the compiler builds from the layout files; errors are told from them.

/// A telegram's layout. `#[derive(Telegram)]` emits one as a constant.
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    /// The layout's name, as its file is called.
    pub name: &'static str,
    /// What people call it, in Korean.
    pub title: &'static str,
    /// Length of the telegram in bytes.
    pub length: usize,
    /// All fields that hold bytes, groups expanded, in the order of the wire.
    pub fields: &'static [Field],
    /// Of the fields, to tell layouts of one name apart while compiling.
    #[doc(hidden)]
    pub digest: u64,
}

/// One field of a layout.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Dotted path: `amount`, or `header.trace_no` in a group.
    pub name: &'static str,
    /// What people call it, in Korean.
    pub title: &'static str,
    /// Byte offset from the start of the telegram.
    pub at: usize,
    /// Length in bytes.
    pub len: usize,
    /// What it holds.
    pub kind: Kind,
    /// On which side a shorter value stands.
    pub align: Align,
    /// The byte that fills the rest.
    pub pad: u8,
    /// The constant it always holds, padding included.
    pub constant: Option<&'static [u8]>,
    /// Masked wherever it could be seen.
    pub secret: bool,
    /// All blanks mean that the field is absent.
    pub blank_is_absent: bool,
    /// A number may be negative.
    pub signed: bool,
    /// What is accepted besides the form that is written.
    pub lenient: Leniency,
    /// The largest number it may hold: what counts a group's occurrences counts no more than there are.
    pub limit: Option<usize>,
    /// Set in a group whose occurrences are counted.
    pub occurrence: Option<Occurrence>,
}

/// What a field accepts when it is read and never has when it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of a layout file, and any may stand beside any"
)]
pub struct Leniency {
    /// Blanks before the digits of a number whose padding is zeros.
    pub padding: bool,
    /// A value at the other side of its field, or between blanks.
    pub alignment: bool,
    /// NUL bytes behind a text.
    pub nul: bool,
    /// Half a character as the last byte of a Korean text.
    pub cut: bool,
}

/// Where a field in a counted group finds out whether it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Occurrence {
    /// Which occurrence of its group it stands in, from 0.
    pub index: usize,
    /// Byte offset of the number that counts those in use, from the start of the telegram.
    pub count_at: usize,
    /// Its length in bytes.
    pub count_len: usize,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A number in ASCII digits.
    Number,
    /// ASCII digits, kept as written.
    Digits,
    /// Printable ASCII.
    Text,
    /// EUC-KR.
    Korean(Encoding),
    /// A date, a time or both.
    Datetime(Format),
    /// Printable ASCII out of a list of meanings; unknown ones are legal.
    Code,
    /// Any bytes.
    Binary,
    /// Bytes without meaning, never read.
    Filler,
}

/// How far EUC-KR goes in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// KS X 1001: both bytes of a character from A1 to FE.
    Ksx1001,
    /// Code page 949, the unified Hangul code: a second byte may be an ASCII letter.
    Uhc,
}

/// On which side of its field a shorter value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Align {
    /// At the field's start.
    Left,
    /// At the field's end.
    Right,
}

/// The form of a datetime. Two-digit years are 2000 to 2099.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `yyyyMMddHHmmss`
    DateTime,
    /// `yyMMddHHmmss`
    ShortDateTime,
    /// `MMddHHmmss`
    MonthDayTime,
    /// `yyyyMMdd`
    Date,
    /// `yyMMdd`
    ShortDate,
    /// `HHmmss`
    Time,
}

impl Layout {
    /// The field of that dotted path.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Format {
    /// The form as layout files write it.
    pub const fn pattern(self) -> &'static str {
        match self {
            Self::DateTime => "yyyyMMddHHmmss",
            Self::ShortDateTime => "yyMMddHHmmss",
            Self::MonthDayTime => "MMddHHmmss",
            Self::Date => "yyyyMMdd",
            Self::ShortDate => "yyMMdd",
            Self::Time => "HHmmss",
        }
    }
}
