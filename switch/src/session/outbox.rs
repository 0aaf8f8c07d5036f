//! Answers on their way into a socket, and which of them had a byte written.

use std::collections::VecDeque;

use bytes::{Buf as _, BufMut as _, BytesMut};
use codec::frame::{FrameError, FrameFormat};
use payment::PaymentId;

/// Bytes to write and the replies within them whose end is to be reported.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    bytes: BytesMut,
    /// Bytes written since the beginning.
    written: u64,
    /// Replies to report of which no byte was written yet, by the place of their first byte since the beginning.
    unwritten: VecDeque<(u64, PaymentId)>,
    begun: Vec<PaymentId>,
    refused: Vec<PaymentId>,
}

impl Outbox {
    pub(super) fn push(
        &mut self,
        frame: &FrameFormat,
        telegram: &[u8],
        report: Option<PaymentId>,
    ) -> Result<(), FrameError> {
        let start = self.written + self.bytes.len() as u64;
        if let Err(error) = frame.encode(telegram, &mut self.bytes) {
            self.refuse(report);
            return Err(error);
        }
        self.unwritten.extend(report.map(|payment| (start, payment)));
        Ok(())
    }

    /// A byte that belongs to no reply.
    pub(super) fn push_byte(&mut self, byte: u8) {
        self.bytes.put_u8(byte);
    }

    /// A reply that never came this far.
    pub(super) fn refuse(&mut self, report: Option<PaymentId>) {
        self.refused.extend(report);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn wrote(&mut self, count: usize) {
        crate::failpoint::pass("after-reply");
        self.bytes.advance(count);
        if self.bytes.is_empty() {
            // Its room is another's until there is an answer again.
            self.bytes = BytesMut::new();
        }
        self.written += count as u64;
        while let Some((start, payment)) = self.unwritten.front()
            && *start < self.written
        {
            self.begun.push(*payment);
            self.unwritten.pop_front();
        }
    }

    /// Payments whose reply had its first byte written since this was last asked.
    pub(super) fn take_written(&mut self) -> impl Iterator<Item = PaymentId> + use<> {
        std::mem::take(&mut self.begun).into_iter()
    }

    /// What became of all replies not reported yet.
    pub(super) fn close(self) -> impl Iterator<Item = (PaymentId, bool)> {
        let unwritten = self.unwritten.into_iter().map(|(_, payment)| payment);
        let begun = self.begun.into_iter().map(|payment| (payment, true));
        begun.chain(unwritten.chain(self.refused).map(|payment| (payment, false)))
    }
}
