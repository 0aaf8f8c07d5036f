//! The layouts of kovan, for tests of all layouts.

use super::layout::{ApprovalRequest, CancelRequest, Network, NetworkReply, Reply};
use crate::compiled::Compiled;

pub(crate) fn all() -> Vec<Compiled> {
    vec![
        Compiled::of::<ApprovalRequest>(),
        Compiled::of::<CancelRequest>(),
        Compiled::of::<Reply>(),
        Compiled::of::<Network>(),
        Compiled::of::<NetworkReply>(),
    ]
}
