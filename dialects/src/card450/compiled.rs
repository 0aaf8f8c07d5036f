//! The layouts of card450, for tests of all layouts.

use super::layout::{CardRequest, Reply};
use crate::compiled::Compiled;

pub(crate) fn all() -> Vec<Compiled> {
    vec![Compiled::of::<CardRequest>(), Compiled::of::<Reply>()]
}
