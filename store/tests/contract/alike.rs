//! Whatever is asked of them, both engines answer and record the same.

use payment::Event;
use proptest::prelude::*;
use store::{Batch, Engine, Lookup, Stored, Unsaved, look_up, open_payments, save};

use crate::{
    place::{MemoryPlace, Place, SqlitePlace, replay},
    samples::{
        approved, at, claim, declined, id, key, net_cancel_accepted, note, sealed, serial, start_with,
        unanswered, word,
    },
};

/// One thing to save, on one of a few payments.
#[derive(Clone, Debug)]
enum Ask {
    Start { number: u32, trace_no: u32, lives: i64 },
    Step { number: u32, event: u8 },
    Note,
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        (1..6_u32, 1..5_u32, 1..40_i64).prop_map(|(number, trace_no, lives)| Ask::Start {
            number,
            trace_no,
            lives
        }),
        (1..6_u32, 0..6_u8).prop_map(|(number, event)| Ask::Step { number, event }),
        Just(Ask::Note),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn both_engines_answer_and_record_the_same(
        batches in prop::collection::vec(prop::collection::vec(ask(), 1..6), 1..12),
    ) {
        let (memory, sqlite) = (MemoryPlace::new(), SqlitePlace::new());
        prop_assert_eq!(run(&memory, &batches), run(&sqlite, &batches));
        prop_assert_eq!(memory.journal(), sqlite.journal());
    }
}

/// What was told of each save, and in the end all that can be found.
fn run<P: Place>(place: &P, batches: &[Vec<Ask>]) -> Vec<String> {
    let mut engine = place.open();
    let mut told = Vec::new();
    for (asks, now) in batches.iter().zip((0..).step_by(7)) {
        let mut batch = Batch::default();
        for ask in asks {
            match ask {
                Ask::Start { number, trace_no, lives } => {
                    batch.saves.push(start_with(*number, vec![claim(*trace_no, now + lives)], at(now)));
                }
                Ask::Step { number, event } => batch.saves.extend(step(&mut engine, *number, *event, now)),
                Ask::Note => batch.notes.push(note(1)),
            }
        }
        told.extend(save(&mut engine, batch).unwrap().iter().map(word));
    }
    let found = |stored: Stored| format!("{} {} {:?}", stored.id(), stored.version(), stored.payment());
    for number in 1..6 {
        for way in [Lookup::Id(id(number)), Lookup::Key(key(number)), Lookup::Serial(serial(number))] {
            let it = look_up(&mut engine, way).unwrap();
            if let (Lookup::Id(id), Some(stored)) = (way, &it) {
                assert_eq!(&replay(&place.journal(), id.get(), &sealed()), stored.payment());
            }
            told.push(it.map_or_else(String::new, found));
        }
    }
    told.extend(open_payments(&mut engine).unwrap().into_iter().map(found));
    told
}

fn step(engine: &mut impl Engine, number: u32, event: u8, now: i64) -> Option<Unsaved> {
    let stored = look_up(engine, Lookup::Id(id(number))).unwrap()?;
    let event = match event {
        0 => approved(),
        1 => declined(),
        2 => unanswered(),
        3 => net_cancel_accepted(),
        4 => Event::Due,
        _ => Event::Restarted { last_byte_by: at(now) },
    };
    Some(stored.step(event, at(now)).unwrap())
}
