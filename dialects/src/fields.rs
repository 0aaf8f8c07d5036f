//! Values for fields that must be written whatever they are, and parameters.

use std::collections::BTreeMap;

use codec::{Korean, Text};

use crate::BadDialect;

/// As much of a text as fits, for fields that people read; what is not printable is left out.
pub(crate) fn text<const N: usize>(text: &str) -> Text<N> {
    let printable: String = text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
    let trimmed = printable.trim_start();
    Text::new(&trimmed[..trimmed.len().min(N)]).expect("printable ASCII of at most N bytes")
}

/// As much of a Korean text as fits.
pub(crate) fn korean<const N: usize>(text: &str) -> Korean<N> {
    Korean::cut(text)
}

/// A parameter as text of at most `N` bytes, or its default.
pub(crate) fn param<const N: usize>(
    params: &BTreeMap<String, String>,
    key: &str,
    default: &str,
) -> Result<Text<N>, BadDialect> {
    let value = params.get(key).map_or(default, String::as_str);
    Text::new(value).map_err(|_| BadDialect::Param {
        key: key.to_owned(),
        expected: format!("at most {N} printable ASCII characters"),
    })
}

/// Refuses parameters nobody reads.
pub(crate) fn only(params: &BTreeMap<String, String>, known: &[&str]) -> Result<(), BadDialect> {
    match params.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(unknown) => Err(BadDialect::Param {
            key: unknown.clone(),
            expected: if known.is_empty() {
                "no parameter".into()
            } else {
                format!("only {}", known.join(", "))
            },
        }),
    }
}
