//! What is let in.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use desk::Asker;
use jiff::{SignedDuration, Timestamp};
use payment::{Question, Request, ResponseCode, TerminalId};
use store::Note;
use switch::{
    admission::{Admission, CONNECTIONS, Errand, Load, NOTED_A_SECOND, ROWS_AHEAD, Turn, report},
    config::{Config, Limits, Listener},
    exchange::Message,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::sample::{SAMPLE, config, request};

struct Door {
    config: Config,
    listener: Listener,
    load: Load,
    admission: Arc<Admission>,
    now: Timestamp,
}

impl Door {
    /// 100 payments, 200 ms of queue, and any number of telegrams of a terminal.
    fn new() -> Self {
        let config = Config {
            limits: Limits { payments: 100, queue: Duration::from_millis(200), descriptors_reserved: 0 },
            ..config(SAMPLE)
        };
        let listener = Listener { telegrams_per_s: 0, ..config.listeners["terminals"].clone() };
        let load = Load::default();
        let admission = load.admission();
        Self { config, listener, load, admission, now: Timestamp::from_second(1_800_000_000).unwrap() }
    }

    fn later(&mut self, ms: i64) {
        self.now += SignedDuration::from_millis(ms);
    }

    fn ask(&self, errand: Errand, terminal: &str) -> bool {
        self.ask_by(1, errand, terminal)
    }

    /// As [`Door::ask`], by a connection of that number.
    fn ask_by(&self, connection: u64, errand: Errand, terminal: &str) -> bool {
        let terminal = TerminalId::new(terminal).unwrap();
        let connection = Asker(connection);
        self.admission.lets_in(errand, terminal, connection, &self.listener, &self.config, self.now).is_ok()
    }

    /// Whether new payments, and what undoes them, are let in.
    fn lets_in(&self) -> (bool, bool) {
        (self.ask(Errand::Begins, "1000000001"), self.ask(Errand::Undoes, "1000000001"))
    }

    /// The loop takes a telegram that had been read that long ago.
    fn took(&mut self, ms_ago: i64) {
        let received_at = self.now - SignedDuration::from_millis(ms_ago);
        let request = Request { received_at, ..request("9410123412341237") };
        self.load.took(&Message::Ask {
            asker: Asker(1),
            question: Question::Approval(Arc::new(request)),
            card: None,
            duplicate: None,
            acknowledged_within_ms: None,
        });
    }

    fn turn(&mut self, undecided: usize, waiting: usize, backlog: usize) {
        let limit = self.config.limits.queue;
        self.load.turn(Turn { now: self.now, undecided, waiting, backlog, limit });
    }
}

#[test]
fn beyond_the_limit_of_payments_new_ones_are_refused_and_what_undoes_is_not() {
    let mut door = Door::new();
    for (undecided, expected) in
        [(99, (true, true)), (100, (false, true)), (5_000, (false, true)), (99, (true, true))]
    {
        door.turn(undecided, 0, 0);
        assert_eq!(door.lets_in(), expected, "{undecided}");
    }
}

#[test]
fn a_queue_that_is_too_old_is_not_made_longer() {
    let mut door = Door::new();
    door.took(150);
    door.turn(1, 10, 0);
    assert_eq!(door.lets_in(), (true, true));
    // It gets older by itself while the loop does not come to it.
    door.later(51);
    assert_eq!(door.lets_in(), (false, true));
    door.later(800);
    assert_eq!(door.lets_in(), (false, false));
    // What the loop takes next is younger.
    door.took(300);
    door.turn(1, 10, 0);
    assert_eq!(door.lets_in(), (false, true));
    door.took(100);
    door.turn(1, 10, 0);
    assert_eq!(door.lets_in(), (true, true));
}

#[test]
fn after_a_standstill_an_empty_queue_lets_in_at_once() {
    let mut door = Door::new();
    door.took(30_000);
    door.turn(1, 0, 0);
    assert_eq!(door.lets_in(), (true, true));
    door.later(60_000);
    assert_eq!(door.lets_in(), (true, true));
}

#[test]
fn a_new_payment_is_let_in_while_two_commits_have_room_for_it_and_what_undoes_is_in_any_case() {
    let mut door = Door::new();
    door.load.submitted(ROWS_AHEAD);
    for (waiting, backlog, lets_in) in [
        (0, ROWS_AHEAD - 1, true),
        (0, ROWS_AHEAD, false),
        (1, ROWS_AHEAD - 1, false),
        (ROWS_AHEAD, 0, false),
        (0, 0, true),
    ] {
        door.turn(1, waiting, backlog);
        assert_eq!(door.ask(Errand::Begins, "1000000001"), lets_in, "{backlog} rows and {waiting} telegrams");
        assert!(door.ask(Errand::Undoes, "1000000001"));
    }
}

#[test]
fn what_is_let_in_during_a_long_turn_counts_at_once() {
    let mut door = Door::new();
    door.turn(1, 0, 0);
    let let_in = |door: &Door| (0..5_000).filter(|_| door.ask(Errand::Begins, "1000000001")).count();
    for _ in 0..2 * ROWS_AHEAD {
        assert!(door.ask(Errand::Reports, "1000000001"), "what becomes no payment takes nobody's room");
    }
    assert_eq!(let_in(&door), ROWS_AHEAD);
    assert_eq!(let_in(&door), 0);
    door.turn(1, ROWS_AHEAD - 10, 0);
    assert_eq!(let_in(&door), 10);
}

#[test]
fn a_store_that_stands_still_is_found_out_while_it_does_and_one_that_caught_up_is_too() {
    let mut door = Door::new();
    door.load.submitted(10);
    door.turn(1, 0, 10);
    door.later(1_000);
    assert_eq!(door.lets_in(), (true, true), "a slow disk is no overload");
    door.later(1);
    assert_eq!(door.lets_in(), (false, true));
    door.later(4_000);
    assert_eq!(door.lets_in(), (false, false));
    // The ten rows are durable, but twenty wait behind them: they will wait as long.
    door.load.submitted(20);
    door.turn(1, 0, 20);
    assert_eq!(door.lets_in(), (false, false));
    door.later(10);
    door.turn(1, 0, 0);
    assert_eq!(door.lets_in(), (true, true));
}

#[test]
fn a_store_that_gets_quicker_is_believed_by_its_next_rows() {
    let mut door = Door::new();
    door.load.submitted(100);
    door.turn(1, 0, 100);
    door.later(2_000);
    door.load.submitted(100);
    door.turn(1, 0, 100);
    assert_eq!(door.lets_in(), (false, true));
    door.later(20);
    door.load.submitted(5);
    door.turn(1, 0, 5);
    assert_eq!(door.lets_in(), (true, true));
}

#[test]
fn a_disk_that_hesitates_is_no_overload_and_one_that_stays_behind_is() {
    let mut door = Door::new();
    // The rows of each 900 ms are durable at once when those before are.
    for _ in 0..5 {
        door.load.submitted(100);
        door.turn(1, 0, 100);
        door.later(900);
        assert_eq!(door.lets_in(), (true, true));
        door.load.submitted(100);
        door.turn(1, 0, 100);
        door.later(100);
        door.load.submitted(100);
        door.turn(1, 0, 100);
        assert_eq!(door.lets_in(), (true, true));
        door.later(10);
        door.turn(1, 0, 0);
    }
    // Each row waits 300 ms, and none ever finds the store without others before it.
    let mut refused_after = 0;
    while door.lets_in().0 {
        door.load.submitted(100);
        door.turn(1, 0, 100);
        door.later(300);
        refused_after += 300;
        assert!(refused_after < 3_000);
    }
    assert!(refused_after > 1_000, "{refused_after} ms");
}

#[test]
fn a_terminal_has_its_rate_and_a_burst_of_a_second() {
    let mut door = Door::new();
    door.listener.telegrams_per_s = 50;
    let let_in = |door: &Door, errand, terminal| (0..1_000).filter(|_| door.ask(errand, terminal)).count();
    assert_eq!(let_in(&door, Errand::Begins, "1000000001"), 50);
    // Its flood takes nothing of what undoes, nor of others.
    assert_eq!(let_in(&door, Errand::Undoes, "1000000001"), 200);
    assert_eq!(let_in(&door, Errand::Begins, "1000000002"), 50);
    door.later(20);
    assert_eq!(let_in(&door, Errand::Begins, "1000000001"), 1);
    door.later(500);
    assert_eq!(let_in(&door, Errand::Begins, "1000000001"), 25);
    door.later(60_000);
    assert_eq!(let_in(&door, Errand::Begins, "1000000001"), 50);
}

const ERRANDS: [Errand; 4] = [Errand::Begins, Errand::Reports, Errand::Continues, Errand::Undoes];

#[test]
fn each_errand_is_counted_apart() {
    let mut door = Door::new();
    door.listener.telegrams_per_s = 50;
    for (errand, expected) in ERRANDS.into_iter().zip([50, 50, 200, 200]) {
        let let_in = (0..1_000).filter(|_| door.ask(errand, "1000000001")).count();
        assert_eq!(let_in, expected, "{errand:?}");
    }
}

#[test]
fn who_claims_a_terminals_id_on_another_connection_takes_nothing_of_what_it_may_send_on_its_own() {
    let mut door = Door::new();
    door.listener.telegrams_per_s = 50;
    for _ in 0..100 {
        for _ in 0..100 {
            for errand in ERRANDS {
                door.ask_by(2, errand, "1000000001");
            }
        }
        door.turn(1, 0, 0);
        // The terminal sends ten of each a second, whatever the other does.
        assert_eq!(ERRANDS.map(|errand| door.ask_by(1, errand, "1000000001")), [true; 4]);
        door.later(100);
    }
}

#[test]
fn more_connections_let_a_terminal_send_eight_times_as_much_and_no_more_but_undo_as_much_as_it_has_to() {
    let mut door = Door::new();
    door.listener.telegrams_per_s = 50;
    // As with a handshake, where each connection brings one telegram.
    let mut let_in = |errand: Errand| {
        let is_in = |number: &u64| {
            door.turn(1, 0, 0);
            door.ask_by(*number, errand, "1000000001")
        };
        (0..5_000).filter(is_in).count()
    };
    let all = usize::try_from(CONNECTIONS).unwrap();
    assert_eq!(ERRANDS.map(&mut let_in), [50 * all, 50 * all, 200 * all, 5_000]);
    assert!(door.ask_by(5_001, Errand::Begins, "1000000002"), "others are not held to it");
    door.later(1_000);
    assert_eq!(
        (0..5_000).filter(|number| door.ask_by(*number, Errand::Begins, "1000000001")).count(),
        50 * all
    );
}

#[test]
fn a_flood_of_net_cancels_in_one_terminals_name_keeps_out_nobodys_payments() {
    // So many times what the loop takes, each by a connection of its own.
    for times in [1, 2, 5, 8] {
        let mut door = Door::new();
        door.listener.telegrams_per_s = 50;
        let (mut queue, mut connections) = (VecDeque::new(), 100..);
        for ms in 0..5_000_u64 {
            for connection in connections.by_ref().take(4 * times) {
                if door.ask_by(connection, Errand::Undoes, "1000000001") {
                    queue.push_back(door.now);
                }
            }
            // The payments of twenty other terminals, with what undoes them.
            if ms.is_multiple_of(25) {
                let number = ms / 25 % 20;
                for errand in [Errand::Begins, Errand::Undoes] {
                    let is_in = door.ask_by(number, errand, &format!("T{number}"));
                    assert!(is_in, "{errand:?} after {ms} ms of {times} times as many");
                    queue.push_back(door.now);
                }
            }
            for read_at in queue.drain(..queue.len().min(4)) {
                door.took(i64::try_from(door.now.duration_since(read_at).as_millis()).unwrap());
            }
            door.turn(1, queue.len(), 0);
            door.later(1);
        }
    }
}

#[test]
fn while_much_is_waiting_a_terminal_undoes_as_much_as_it_may_begin_and_others_as_ever() {
    for (waiting, rows, ms) in [(10, 0, 21), (0, 10, 101), (0, ROWS_AHEAD / 10 + 1, 0)] {
        let mut door = Door::new();
        door.listener.telegrams_per_s = 50;
        door.took(0);
        door.load.submitted(rows);
        let undone = |door: &mut Door, terminal, (waiting, rows)| {
            let is_in = |number: &u64| {
                if number.is_multiple_of(100) {
                    door.turn(1, waiting, rows);
                }
                door.ask_by(*number, Errand::Undoes, terminal)
            };
            (0..5_000).filter(is_in).count()
        };
        let (nothing, much) = ((0, 0), (waiting, rows));
        assert_eq!(undone(&mut door, "1000000003", nothing), 5_000);
        door.turn(1, waiting, rows);
        door.later(ms);
        assert_eq!(undone(&mut door, "1000000001", much), 50 * usize::try_from(CONNECTIONS).unwrap());
        assert!(door.ask(Errand::Begins, "1000000001"), "a new payment is let in still");
        assert!(undone(&mut door, "1000000003", much) < 50, "what was let in before counts");
        assert!(door.ask(Errand::Undoes, "1000000002"), "others are not held to it");
        assert!(undone(&mut door, "1000000001", nothing) < 50, "what takes the room whenever there is some");
        door.later(30_000);
        assert_eq!(undone(&mut door, "1000000001", nothing), 5_000, "there has been room for a while");
    }
}

#[test]
fn a_rate_of_one_a_second_lets_one_in_a_second() {
    let mut door = Door::new();
    door.listener.telegrams_per_s = 1;
    for _ in 0..3 {
        assert!(door.ask(Errand::Begins, "1000000001"));
        assert!(!door.ask(Errand::Begins, "1000000001"));
        door.later(1_000);
    }
}

#[test]
fn over_any_second_no_terminal_has_more_than_its_rate_twice() {
    let mut door = Door::new();
    door.listener.telegrams_per_s = 7;
    let mut let_in = Vec::new();
    for ms in 0..5_000_i64 {
        if door.ask(Errand::Begins, "1000000001") {
            let_in.push(ms);
        }
        door.later(1);
    }
    for from in 0..4_000 {
        let count = let_in.iter().filter(|ms| (from..from + 1_000).contains(*ms)).count();
        assert!(count <= 14, "{count} from {from} ms on");
    }
    assert!((40..=42).contains(&let_in.len()), "a burst and then the rate: {}", let_in.len());
}

/// All notes told until the switch closed.
async fn notes(admission: Arc<Admission>) -> Vec<Note> {
    let (exchange, mut told) = mpsc::channel(100);
    let closing = CancellationToken::new();
    closing.cancel();
    report(admission, exchange, closing).await;
    let mut notes = Vec::new();
    while let Some(message) = told.recv().await {
        match message {
            Message::Note(note) => notes.push(note),
            other => panic!("expected a note, found {other:?}"),
        }
    }
    notes
}

#[tokio::test]
async fn what_is_not_let_in_is_counted_by_terminal_and_told_once() {
    let mut door = Door::new();
    door.turn(100, 0, 0);
    let first = door.now;
    for terminal in 0..300 {
        assert!(!door.ask(Errand::Begins, &format!("T{terminal}")));
    }
    door.later(7);
    for _ in 0..9 {
        assert!(!door.ask(Errand::Begins, "T5"));
    }
    let told = notes(door.admission.clone()).await;
    let [Note::RefusedMany { at, until, code, why, count, terminals }] = &told[..] else {
        panic!("expected one note, found {told:?}")
    };
    assert_eq!((*at, *until, *code), (first, door.now, ResponseCode::OVERLOADED));
    assert_eq!((why.as_str(), *count), ("too many payments have no outcome yet", 309));
    assert_eq!((terminals.len(), terminals["T5"], terminals["T6"]), (256, 10, 1));
    assert_eq!(notes(door.admission).await.len(), 0, "told once");
}

fn refusal(at: Timestamp, why: &str) -> Note {
    Note::Refused {
        at,
        code: ResponseCode::FORMAT_ERROR,
        telegram_type: "0100".to_owned(),
        terminal_id: "1000000001".to_owned(),
        trace_no: "000001".to_owned(),
        why: why.to_owned(),
    }
}

#[tokio::test]
async fn refusals_have_a_note_each_until_they_are_too_many_and_none_is_lost() {
    let door = Door::new();
    let admission = &door.admission;
    let told = |why: &str| (0..1_000).filter(|_| admission.notes(refusal(door.now, why)).is_some()).count();
    assert_eq!(told("one"), NOTED_A_SECOND as usize);
    assert_eq!(told("other"), 0);
    let next = door.now + SignedDuration::from_secs(1);
    assert!(admission.notes(refusal(next, "one")).is_some());
    let counted: Vec<(String, u64)> = notes(door.admission.clone())
        .await
        .into_iter()
        .map(|note| match note {
            Note::RefusedMany { why, count, .. } => (why, count),
            other => panic!("expected a counted refusal, found {other:?}"),
        })
        .collect();
    assert_eq!(counted, [("one".to_owned(), 1_000 - u64::from(NOTED_A_SECOND)), ("other".to_owned(), 1_000)]);
}

#[tokio::test]
async fn however_many_reasons_there_are_a_second_has_few_notes() {
    let door = Door::new();
    for number in 0..10_000 {
        door.admission.notes(refusal(door.now, &format!("reason {number}")));
    }
    let told = notes(door.admission).await;
    assert_eq!(told.len(), 65);
    let all: u64 = told
        .iter()
        .map(|note| match note {
            Note::RefusedMany { count, .. } => *count,
            other => panic!("expected a counted refusal, found {other:?}"),
        })
        .sum();
    assert_eq!(all, 10_000 - u64::from(NOTED_A_SECOND));
}

#[tokio::test(start_paused = true)]
async fn counted_refusals_are_told_within_a_second_or_two() {
    let mut door = Door::new();
    let (exchange, mut told) = mpsc::channel(100);
    let closing = CancellationToken::new();
    let reporting = tokio::spawn(report(door.admission.clone(), exchange, closing.clone()));
    door.turn(100, 0, 0);
    for _ in 0..3 {
        assert!(!door.ask(Errand::Begins, "1000000001"));
        tokio::task::yield_now().await;
    }
    let note = tokio::time::timeout(Duration::from_secs(2), told.recv()).await.expect("in time");
    assert!(matches!(note, Some(Message::Note(Note::RefusedMany { count: 3, .. }))), "{note:?}");
    assert!(!door.ask(Errand::Begins, "1000000001"));
    closing.cancel();
    reporting.await.unwrap();
    assert!(matches!(told.recv().await, Some(Message::Note(Note::RefusedMany { count: 1, .. }))));
}
