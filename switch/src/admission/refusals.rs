//! Refusals that are counted instead of noted one by one: a note for each would make refusing as dear as approving.

use std::{collections::BTreeMap, mem, sync::Arc, time::Duration};

use jiff::Timestamp;
use payment::ResponseCode;
use store::Note;
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{Admission, locked};
use crate::exchange::Message;

/// Telegrams whose refusal has a note of its own, each second; further ones are counted.
pub const NOTED_A_SECOND: u32 = 200;
/// Lines that terminals' sockets may add to the log, each second.
const LINES_A_SECOND: u32 = 50;
/// How long refusals are counted before a note tells of them.
const COUNTED_FOR: Duration = Duration::from_secs(1);
/// Terminals told apart in one note.
const TOLD_APART: usize = 256;
/// Reasons told apart at a time.
const REASONS: usize = 64;
/// The reason of what goes beyond.
const OTHERS: &str = "other reasons";

/// What was refused and not told yet.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    counted: Vec<Counted>,
    /// The second it is.
    second: i64,
    /// Refusals that had their own note in it.
    noted: u32,
    /// Lines that went to the log in it.
    lines: u32,
}

#[derive(Debug)]
struct Counted {
    at: Timestamp,
    until: Timestamp,
    code: ResponseCode,
    why: String,
    count: u64,
    terminals: BTreeMap<String, u64>,
}

impl Refusals {
    /// The note, if it is to be told by itself.
    pub(super) fn note(&mut self, note: Note) -> Option<Note> {
        let Note::Refused { at, code, terminal_id, why, .. } = &note else { return Some(note) };
        self.turn_to(at.as_second());
        if self.noted < NOTED_A_SECOND {
            self.noted += 1;
            return Some(note);
        }
        self.count(*code, why, terminal_id, *at);
        None
    }

    pub(super) fn has_room_for_a_line(&mut self, now: Timestamp) -> bool {
        self.turn_to(now.as_second());
        self.lines = self.lines.saturating_add(1);
        self.lines <= LINES_A_SECOND
    }

    fn turn_to(&mut self, second: i64) {
        if second != self.second {
            (self.second, self.noted, self.lines) = (second, 0, 0);
        }
    }

    pub(super) fn count(&mut self, code: ResponseCode, why: &str, terminal: &str, at: Timestamp) {
        let position = self.counted.iter().position(|counted| counted.code == code && counted.why == why);
        let counted = match position {
            Some(position) => &mut self.counted[position],
            None if self.counted.len() < REASONS => self.begin(code, why, at),
            None => {
                match self.counted.iter().position(|counted| counted.code == code && counted.why == OTHERS) {
                    Some(position) => &mut self.counted[position],
                    None => self.begin(code, OTHERS, at),
                }
            }
        };
        counted.count += 1;
        counted.until = at;
        if let Some(count) = counted.terminals.get_mut(terminal) {
            *count += 1;
        } else if counted.terminals.len() < TOLD_APART {
            counted.terminals.insert(terminal.to_owned(), 1);
        }
    }

    fn begin(&mut self, code: ResponseCode, why: &str, at: Timestamp) -> &mut Counted {
        let why = why.to_owned();
        self.counted.push(Counted { at, until: at, code, why, count: 0, terminals: BTreeMap::new() });
        self.counted.last_mut().expect("just pushed")
    }

    /// What was counted since this was last asked.
    fn take(&mut self) -> impl Iterator<Item = Note> + use<> {
        mem::take(&mut self.counted).into_iter().map(|counted| {
            let Counted { at, until, code, why, count, terminals } = counted;
            Note::RefusedMany { at, until, code, why, count, terminals }
        })
    }
}

/// Tells the exchange of counted refusals: those of a second at a time, and at once when the switch closes, which is the end of it.
pub async fn report(admission: Arc<Admission>, exchange: mpsc::Sender<Message>, closing: CancellationToken) {
    loop {
        tokio::select! {
            () = closing.cancelled() => {}
            () = admission.counted.notified() => {
                // Over in a second, or when there is no other.
                let _ = timeout(COUNTED_FOR, closing.cancelled()).await;
            }
        }
        let notes: Vec<Note> = locked(&admission.refusals).take().collect();
        for note in notes {
            // The exchange is gone only when the switch is.
            let _ = exchange.send(Message::Note(note)).await;
        }
        if closing.is_cancelled() {
            return;
        }
    }
}
