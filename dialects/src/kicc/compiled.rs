//! The layouts of kicc, for tests of all layouts.

use super::layout::{Header, KiccRequest, Reply, ReplyHeader, Test, TestReply};
use crate::compiled::Compiled;

pub(crate) fn all() -> Vec<Compiled> {
    vec![
        Compiled::of::<Header>(),
        Compiled::of::<KiccRequest>(),
        Compiled::of::<ReplyHeader>(),
        Compiled::of::<Reply>(),
        Compiled::of::<Test>(),
        Compiled::of::<TestReply>(),
    ]
}
