//! The totals of a terminal's day (마감, 0500): counted by the store, not by the desk.

use desk::Asker;
use dialects::terminal::{self, Refusal};
use payment::{ResponseCode, Totals};
use store::{Note, TotalsQuery};

use super::{Exchange, TotalsRequest};
use crate::clock::korea_now;

/// Terminals whose totals may be counted at a time; further ones get 9040.
const COUNTING: usize = 1_000;

impl Exchange {
    /// Totals are what is durable: everything a terminal was told is.
    pub(super) fn count(&mut self, asker: Asker, request: TotalsRequest) {
        let is_counting = |(_, counting): &(Asker, TotalsRequest)| counting.terminal == request.terminal;
        if self.counting.values().any(is_counting) {
            let why = "the terminal's totals are being counted";
            return self.refuse_totals(asker, request, ResponseCode::IN_PROGRESS, why);
        }
        if self.counting.len() >= COUNTING {
            let why = "too many totals are being counted";
            return self.refuse_totals(asker, request, ResponseCode::OVERLOADED, why);
        }
        let query = TotalsQuery { terminal: request.terminal, business_date: request.business_date };
        let token = self.next_token();
        self.store.totals(query, token);
        self.counting.insert(token, (asker, request));
    }

    /// They are counted.
    pub(super) fn counted(&mut self, token: u64, totals: &Totals) {
        let Some((asker, request)) = self.counting.remove(&token) else { return };
        let telegram = terminal::write_totals(
            &request.envelope,
            request.business_date,
            &request.claimed,
            totals,
            korea_now(),
        );
        self.deliver(asker, telegram, ResponseCode::APPROVED, request.received_at);
    }

    fn refuse_totals(&mut self, asker: Asker, request: TotalsRequest, code: ResponseCode, why: &str) {
        self.batch.notes.push(Note::Refused {
            at: self.clock.now(),
            code,
            telegram_type: request.envelope.telegram_type.as_str().to_owned(),
            terminal_id: request.terminal.as_str().to_owned(),
            trace_no: request.envelope.trace_no.as_str().to_owned(),
            why: why.to_owned(),
        });
        let (message, why) = (code.korean().to_owned(), why.to_owned());
        let refusal = Refusal { envelope: request.envelope, code, message, why };
        let telegram = terminal::write_refusal(&refusal, korea_now());
        self.deliver(asker, telegram, code, request.received_at);
    }
}
