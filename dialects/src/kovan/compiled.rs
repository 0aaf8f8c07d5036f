//! The layouts of kovan, for tests of all layouts.

use super::layout::{ApprovalRequest, CancelRequest, Reply};
use crate::compiled::Compiled;

pub(crate) fn all() -> Vec<Compiled> {
    vec![Compiled::of::<ApprovalRequest>(), Compiled::of::<CancelRequest>(), Compiled::of::<Reply>()]
}
