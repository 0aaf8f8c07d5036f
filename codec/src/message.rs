//! Messages put together while compiling.

/// Bytes of the longest message; a longer one is cut.
const MOST: usize = 512;

/// What a derived check says when it fails, with the value that only the compiler knows.
#[derive(Debug)]
pub struct Message {
    bytes: [u8; MOST],
    length: usize,
}

impl Message {
    /// Begins with that text.
    pub const fn new(text: &str) -> Self {
        Self { bytes: [0; MOST], length: 0 }.text(text)
    }

    /// Adds a text.
    #[must_use]
    pub const fn text(mut self, text: &str) -> Self {
        let mut index = 0;
        while index < text.len() && self.length < MOST {
            self.bytes[self.length] = text.as_bytes()[index];
            self.length += 1;
            index += 1;
        }
        self
    }

    /// Adds a number.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "a remainder of ten is one digit")]
    pub const fn number(self, number: usize) -> Self {
        let rest = if number < 10 { self } else { self.number(number / 10) };
        match str::from_utf8(&[b'0' + (number % 10) as u8]) {
            Ok(digit) => rest.text(digit),
            Err(_) => rest,
        }
    }

    /// Adds texts with commas between them.
    #[must_use]
    pub const fn list(mut self, texts: &[&str]) -> Self {
        let mut index = 0;
        while index < texts.len() {
            self = if index == 0 { self } else { self.text(", ") };
            self = self.text(texts[index]);
            index += 1;
        }
        self
    }

    /// The whole message.
    pub const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            // Cut inside a character.
            Err(_) => "differs from its spec",
        }
    }
}
