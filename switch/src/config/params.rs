//! What an acquirer's language is told.

use std::{collections::BTreeMap, fmt};

/// The parameters of an acquirer's dialect, as they are written. A card key may be among them, and so Debug shows the names alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Params(BTreeMap<String, String>);

impl Params {
    pub(super) fn new(params: BTreeMap<String, String>) -> Self {
        Self(params)
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}
