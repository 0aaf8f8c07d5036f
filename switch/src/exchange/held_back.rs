//! What comes while the lease is not held waits here: another may have taken over what this switch remembers, so that nothing is handled and nobody
//! answered before the store has renewed it, or the switch ends.

use store::{Completion, StoreError};

use super::Message;

/// What came, in order. Bounded: no more messages are taken meanwhile than those of one turn, and nothing is given to the store.
#[derive(Debug, Default)]
pub(super) struct HeldBack {
    completions: Vec<Completion>,
    messages: Vec<Message>,
}

impl HeldBack {
    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.completions.is_empty() && self.messages.is_empty()
    }

    /// How many messages wait.
    pub(super) fn messages(&self) -> usize {
        self.messages.len()
    }

    /// Keeps what came.
    ///
    /// # Errors
    /// The store failed, which waits for nothing.
    pub(super) fn take(
        &mut self,
        completed: &mut Vec<Completion>,
        received: &mut Vec<Message>,
    ) -> Result<(), StoreError> {
        for completion in completed.drain(..) {
            if let Completion::Failed(error) = completion {
                return Err(error);
            }
            self.completions.push(completion);
        }
        self.messages.append(received);
        Ok(())
    }

    /// Gives it back, before what has come since.
    pub(super) fn give_back(&mut self, completed: &mut Vec<Completion>, received: &mut Vec<Message>) {
        if self.is_empty() {
            return;
        }
        self.completions.append(completed);
        std::mem::swap(&mut self.completions, completed);
        self.messages.append(received);
        std::mem::swap(&mut self.messages, received);
    }
}
