//! Bytes as hexadecimal text.

use std::fmt::Write as _;

/// Text that is no hexadecimal. It never repeats the text: bytes may hold card data in any form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HexError {
    /// Something else than a hexadecimal digit or white space.
    #[error("expected hexadecimal digits, found something else in line {line}")]
    Digit {
        /// The line, from 1.
        line: usize,
    },
    /// The last byte has one digit only.
    #[error("expected two digits for each byte, found one for the last")]
    Half,
}

/// The bytes of a text in which white space means nothing.
///
/// # Errors
/// Anything but hexadecimal digits, or an odd number of them.
pub fn bytes(text: &[u8]) -> Result<Vec<u8>, HexError> {
    let mut line = 1;
    let mut digits = Vec::with_capacity(text.len());
    for byte in text {
        line += usize::from(*byte == b'\n');
        match char::from(*byte).to_digit(16).map(u8::try_from) {
            Some(Ok(digit)) => digits.push(digit),
            Some(Err(_)) | None if !byte.is_ascii_whitespace() => return Err(HexError::Digit { line }),
            Some(Err(_)) | None => {}
        }
    }
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(HexError::Half);
    }
    Ok(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// The bytes as one line of text.
pub fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len() + 1);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a String takes everything");
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_means_nothing_and_anything_else_is_told_by_its_line_only() {
        assert_eq!(bytes(b"00 fF\r\n7e\n"), Ok(vec![0x00, 0xff, 0x7e]));
        assert_eq!(bytes(b""), Ok(Vec::new()));
        assert_eq!(bytes(b"00\n0g"), Err(HexError::Digit { line: 2 }));
        assert_eq!(bytes(b"000"), Err(HexError::Half));
        assert_eq!(text(&[0x00, 0xff]), "00ff\n");
    }
}
