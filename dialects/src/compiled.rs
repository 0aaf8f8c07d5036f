//! Every layout struct of this crate, as tests of all of them need it.

use codec::{Error, Layout, Telegram};

/// A layout struct without its type.
#[derive(Clone, Copy)]
pub(crate) struct Compiled {
    /// The table built from the layout file.
    pub(crate) layout: &'static Layout,
    /// The check that a telegram passes first: the tables and words, not the rules.
    pub(crate) conforms: fn(&[u8]) -> bool,
    /// All that the rules find wrong.
    pub(crate) faults: fn(&[u8]) -> Vec<Error>,
    /// Decodes into the struct and encodes that.
    pub(crate) rewritten: fn(&[u8]) -> Result<Vec<u8>, Error>,
}

impl Compiled {
    pub(crate) fn of<T: Telegram>() -> Self {
        Self {
            layout: T::LAYOUT,
            conforms: T::conforms,
            faults: |bytes| T::validate_all(bytes).collect(),
            rewritten: |bytes| T::decode(bytes)?.encode_to_bytes().map(Into::into),
        }
    }
}

/// All of them.
pub(crate) fn all() -> Vec<Compiled> {
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
    assert_eq!(compiled, specs::embedded_names().collect::<Vec<_>>());
}
