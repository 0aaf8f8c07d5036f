//! The layouts of our terminals, for tests of all layouts.

use super::layout::Header;
use super::layout::answer::{
    Acknowledgement0130, Approval0110, Cancel0410, Inquiry0310, NetCancel0430, Network0810, Totals0510,
};
use super::layout::question::{
    Acknowledgement0120, Approval0100, Cancel0400, Inquiry0300, NetCancel0420, Network0800, Totals0500,
};
use crate::compiled::Compiled;

pub(crate) fn all() -> Vec<Compiled> {
    vec![
        Compiled::of::<Header>(),
        Compiled::of::<Approval0100>(),
        Compiled::of::<Approval0110>(),
        Compiled::of::<Acknowledgement0120>(),
        Compiled::of::<Acknowledgement0130>(),
        Compiled::of::<Inquiry0300>(),
        Compiled::of::<Inquiry0310>(),
        Compiled::of::<Cancel0400>(),
        Compiled::of::<Cancel0410>(),
        Compiled::of::<NetCancel0420>(),
        Compiled::of::<NetCancel0430>(),
        Compiled::of::<Totals0500>(),
        Compiled::of::<Totals0510>(),
        Compiled::of::<Network0800>(),
        Compiled::of::<Network0810>(),
    ]
}
