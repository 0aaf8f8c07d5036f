//! The approval request of the benches' terminals, built once and written anew for each that is sent.

use std::ops::Range;

use bytes::BytesMut;

use crate::layouts::{FRAME, build, framed, layout};

/// A 0100 in its frame, and where its 0110 says what.
#[derive(Clone)]
pub(crate) struct Approval {
    framed: BytesMut,
    terminal_id: Range<usize>,
    trace_no: Range<usize>,
    sent_at: Range<usize>,
    card: Range<usize>,
    reply_length: usize,
    /// Terminal and trace number in the answer.
    in_reply: [Range<usize>; 2],
    code: Range<usize>,
}

impl Approval {
    /// One of this merchant (사업자등록번호), which is to be written before it is sent.
    pub(crate) fn of(merchant_no: &str) -> Self {
        let (layout, reply) = (layout("terminal-0100"), layout("terminal-0110"));
        let telegram = build(
            &layout,
            &[
                ("telegram_type", "0100"),
                ("version", "01"),
                ("merchant_no", merchant_no),
                ("security", "0"),
                ("entry_mode", "I"),
                ("card_track", "5412300000000000=3012"),
                ("currency", "410"),
                ("total_amount", "11000"),
            ],
        );
        let mut request = BytesMut::new();
        FRAME.encode(&telegram, &mut request).expect("a layout of ours fits a length of four digits");
        let head = request.len() - telegram.len();
        // The issuer's six digits stay; nobody on the way asks for a check digit.
        let card = framed(&layout, "card_track", head).start + 6;
        Self {
            framed: request,
            terminal_id: framed(&layout, "terminal_id", head),
            trace_no: framed(&layout, "trace_no", head),
            sent_at: framed(&layout, "sent_at", head),
            card: card..card + 10,
            reply_length: head + reply.length(),
            in_reply: [framed(&reply, "terminal_id", head), framed(&reply, "trace_no", head)],
            code: framed(&reply, "response_code", head),
        }
    }

    /// Makes it another one. `card` is what follows the issuer's six digits, `sent_at` fourteen digits in KST.
    pub(crate) fn write(&mut self, terminal_id: u64, trace_no: u64, card: u64, sent_at: &str) {
        put_digits(&mut self.framed[self.terminal_id.clone()], terminal_id);
        put_digits(&mut self.framed[self.trace_no.clone()], trace_no);
        put_digits(&mut self.framed[self.card.clone()], card);
        self.framed[self.sent_at.clone()].copy_from_slice(sent_at.as_bytes());
    }

    /// As it was written last, in its frame.
    pub(crate) fn written(&self) -> &[u8] {
        &self.framed
    }

    /// How many bytes its answer has, in its frame.
    pub(crate) fn reply_length(&self) -> usize {
        self.reply_length
    }

    /// The code this answer gives it; `None` where it is another's.
    pub(crate) fn code_in<'a>(&self, reply: &'a [u8]) -> Option<&'a [u8]> {
        let asked = [&self.terminal_id, &self.trace_no];
        let is_ours = self
            .in_reply
            .iter()
            .zip(asked)
            .all(|(at, asked)| reply[at.clone()] == self.framed[asked.clone()]);
        is_ours.then(|| &reply[self.code.clone()])
    }
}

fn put_digits(into: &mut [u8], mut value: u64) {
    for slot in into.iter_mut().rev() {
        *slot = b'0' + u8::try_from(value % 10).expect("one digit");
        value /= 10;
    }
}
