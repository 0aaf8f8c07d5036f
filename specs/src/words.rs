//! The closed vocabularies of a layout file.

/// Defines an enum whose variants are words of the layout files.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every word, in the order of the documentation.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word as it is written in a layout file.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value for a word of a layout file, if it is one.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words! {
    /// What a field holds.
    Kind {
        /// A number, unsigned unless the field says otherwise; right-aligned, padded with zeros (or blanks).
        Number = "number",
        /// ASCII digits kept as they are written, leading zeros included: serials, card numbers,
        /// dates of foreign forms. Left-aligned and blank-padded, they may be fewer than the
        /// field is long; right-aligned and zero-padded, they always fill it.
        Digits = "digits",
        /// Printable ASCII, blank-padded.
        Text = "text",
        /// EUC-KR, blank-padded; lengths count bytes and a character is never split.
        Korean = "korean",
        /// A date, a time or both, in one [`Format`].
        Datetime = "datetime",
        /// Printable ASCII out of a list of meanings; an unknown one is legal.
        Code = "code",
        /// Any bytes, kept whole.
        Binary = "binary",
        /// Bytes without meaning: written as the pad byte, never read.
        Filler = "filler",
        /// Another layout, inlined.
        Group = "group",
    }
}

words! {
    /// On which side of its field a shorter value stands.
    Align {
        /// At the field's start; the padding follows.
        Left = "left",
        /// At the field's end; the padding precedes.
        Right = "right",
    }
}

words! {
    /// The character set of a layout.
    Charset {
        /// ASCII only: `korean` fields are not allowed.
        Ascii = "ascii",
        /// EUC-KR, in the [`Encoding`] of each field.
        EucKr = "euc-kr",
    }
}

words! {
    /// How far EUC-KR goes in a korean field. Printable ASCII is part of both, and so are pairs of bytes that no
    /// character is assigned to.
    Encoding {
        /// KS X 1001: pairs of bytes from A1 to FE.
        Ksx1001 = "ksx1001",
        /// The unified Hangul code, code page 949: a first byte from 81 to FE, and a second one of 41 to 5A, 61 to 7A
        /// or 81 to FE, which may be an ASCII letter.
        Uhc = "uhc",
    }
}

words! {
    /// Why a field is secret: it is masked wherever it could be seen.
    SecretKind {
        /// Card number.
        Pan = "pan",
        /// Track data or its card-number=expiry form.
        Track = "track",
        /// Card verification code.
        Cvc = "cvc",
        /// PIN block or password.
        Pin = "pin",
        /// An encrypted block of card data.
        Block = "block",
    }
}

words! {
    /// The form of a `datetime` field. Two-digit years are 2000 to 2099.
    Format {
        /// Date and time, 14 bytes.
        DateTime = "yyyyMMddHHmmss",
        /// Date and time with a two-digit year, 12 bytes.
        ShortDateTime = "yyMMddHHmmss",
        /// Month, day and time without a year, 10 bytes.
        MonthDayTime = "MMddHHmmss",
        /// Date, 8 bytes.
        Date = "yyyyMMdd",
        /// Date with a two-digit year, 6 bytes.
        ShortDate = "yyMMdd",
        /// Time of day, 6 bytes.
        Time = "HHmmss",
    }
}
