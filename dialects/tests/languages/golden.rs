//! Telegrams written by hand, one field per line: offset, length, and the content as quoted ASCII or as hex.

/// The bytes of a golden telegram.
pub(crate) fn golden(text: &str) -> Vec<u8> {
    let mut telegram = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (at, rest) = line.split_once(' ').unwrap();
        let (length, rest) = rest.split_once(' ').unwrap();
        assert_eq!(at.parse(), Ok(telegram.len()), "gap or overlap: {line}");
        let content = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap().0.as_bytes().to_vec(),
            None => from_hex(rest.split(' ').next().unwrap()),
        };
        assert_eq!(length.parse(), Ok(content.len()), "{line}");
        telegram.extend(content);
    }
    telegram
}

/// Fails at the first field of the golden telegram that differs.
pub(crate) fn assert_golden(written: &[u8], text: &str) {
    let expected = golden(text);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut numbers = line.split(' ').map(|number| number.parse::<usize>().unwrap_or_default());
        let at = numbers.next().unwrap();
        let field = at..at + numbers.next().unwrap();
        let (found, expected) = (written.get(field.clone()).unwrap_or_default(), &expected[field]);
        assert_eq!(found, expected, "{}, expected {line}", found.escape_ascii());
    }
    assert_eq!(written.len(), expected.len());
}

/// A golden telegram with something else at an offset.
pub(crate) fn changed(text: &str, changes: &[(usize, &str)]) -> Vec<u8> {
    let mut telegram = golden(text);
    for (at, content) in changes {
        telegram[*at..*at + content.len()].copy_from_slice(content.as_bytes());
    }
    telegram
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
