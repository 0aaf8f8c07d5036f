//! The `[duplicates]` section.

use std::collections::BTreeSet;

use super::{Build, strip};
use crate::config::{DuplicateField, Duplicates, UnknownField, file};

/// The longest window. A customer who buys the same again ten minutes later is not a mistake of the terminal.
const LONGEST_MS: u64 = 600_000;

impl Build {
    pub(super) fn duplicates(&mut self, duplicates: &file::Duplicates) -> Duplicates {
        let window_ms = self.within(&duplicates.window_ms, 1..=LONGEST_MS, "duplicates.window_ms");
        let Some(fields) = &duplicates.fingerprint else {
            let fingerprint = BTreeSet::from([DuplicateField::Card, DuplicateField::Amount]);
            return Duplicates { window_ms, fingerprint };
        };
        let key = "duplicates.fingerprint";
        let mut fingerprint = BTreeSet::new();
        for name in fields.get_ref() {
            match name.get_ref().parse::<DuplicateField>() {
                Ok(field) if !fingerprint.insert(field) => self.unexpected(name, key, "each field once"),
                Ok(_) => {}
                Err(unknown @ UnknownField) => self.unexpected(name, key, strip(&unknown.to_string())),
            }
        }
        // Without the card, two customers who pay the same would be one.
        if !fields.get_ref().iter().any(|name| name.get_ref() == DuplicateField::Card.name()) {
            let names: Vec<&str> = fields.get_ref().iter().map(|name| name.get_ref().as_str()).collect();
            self.problem(
                fields.span(),
                format!("{key}: expected \"card\" among its fields, found {names:?}"),
            );
        }
        Duplicates { window_ms, fingerprint }
    }
}
