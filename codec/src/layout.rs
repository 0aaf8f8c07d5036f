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
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An unsigned number in ASCII digits.
    Number,
    /// ASCII digits, kept as written.
    Digits,
    /// Printable ASCII.
    Text,
    /// EUC-KR.
    Korean,
    /// A date, a time or both.
    Datetime(Format),
    /// Printable ASCII out of a list of meanings; unknown ones are legal.
    Code,
    /// Any bytes.
    Binary,
    /// Bytes without meaning, never read.
    Filler,
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
