//! Every layout struct of this crate, as tests and fuzzing need them; in no other build.

use std::fmt;

use codec::{Error, Layout, Telegram};

/// A layout struct without its type.
#[derive(Clone, Copy, Debug)]
pub struct Compiled {
    /// The table built from the layout file.
    pub layout: &'static Layout,
    /// The check that a telegram passes first: the tables and words, not the rules.
    pub conforms: fn(&[u8]) -> bool,
    /// All that the rules find wrong.
    pub faults: fn(&[u8]) -> Vec<Error>,
    /// What its view reads in every field, secrets masked.
    pub shown: fn(&[u8]) -> Result<String, Error>,
    /// Decodes into the struct and encodes that.
    pub rewritten: fn(&[u8]) -> Result<Vec<u8>, Error>,
}

impl Compiled {
    /// What is known of a struct.
    pub fn of<T: Telegram>() -> Self
    where
        for<'a> T::View<'a>: fmt::Debug,
    {
        Self {
            layout: T::LAYOUT,
            conforms: T::conforms,
            faults: |bytes| T::validate_all(bytes).collect(),
            shown: |bytes| Ok(format!("{:?}", T::view(bytes)?)),
            rewritten: |bytes| T::decode(bytes)?.encode_to_bytes().map(Into::into),
        }
    }
}

/// All of them.
pub fn all() -> Vec<Compiled> {
    [
        crate::terminal::compiled::all(),
        crate::card450::compiled::all(),
        crate::kovan::compiled::all(),
        crate::kspay::compiled::all(),
        crate::kicc::compiled::all(),
    ]
    .concat()
}

#[test]
fn every_shipped_layout_is_compiled_into_one_struct() {
    let mut compiled: Vec<_> = all().iter().map(|compiled| compiled.layout.name).collect();
    compiled.sort_unstable();
    let mut shipped: Vec<_> = specs::embedded_names().collect();
    shipped.sort_unstable();
    assert_eq!(compiled, shipped);
}
