//! How both threads tell what became of what they were given.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{Completion, StoreError};

/// Tells completions; a failure once, whichever thread has it first.
#[derive(Clone)]
pub(super) struct Teller<F> {
    complete: F,
    failed: Arc<AtomicBool>,
}

impl<F: Fn(Completion)> Teller<F> {
    pub(super) fn new(complete: F) -> Self {
        Self { complete, failed: Arc::new(AtomicBool::new(false)) }
    }

    pub(super) fn tell(&self, completion: Completion) {
        (self.complete)(completion);
    }

    pub(super) fn failed(&self, error: StoreError) {
        if !self.failed.swap(true, Ordering::AcqRel) {
            (self.complete)(Completion::Failed(error));
        }
    }

    /// Runs a thread's work; a panic in it is told as a failure, so that nobody waits for ever.
    pub(super) fn guard(&self, what: &'static str, work: impl FnOnce()) {
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            self.failed(StoreError::Failed { what, cause: "its thread panicked".into() });
        }
    }
}
