//! The layouts of kspay, for tests of all layouts.

use super::layout::{CancelRequest, CreditRequest, Header, Reply, ReplyHeader};
use crate::compiled::Compiled;

pub(crate) fn all() -> Vec<Compiled> {
    vec![
        Compiled::of::<Header>(),
        Compiled::of::<CreditRequest>(),
        Compiled::of::<CancelRequest>(),
        Compiled::of::<ReplyHeader>(),
        Compiled::of::<Reply>(),
    ]
}
