//! Whatever is asked of them, both engines answer and record the same.

use payment::{Event, TelegramKey};
use proptest::prelude::*;
use store::{
    Batch, Claim, Engine, Lookup, Saved, Stored, TotalsQuery, Unsaved, look_up, open_payments, save, totals,
};

use crate::{
    place::{MemoryPlace, Place, SqlitePlace, replay},
    samples::{
        approved, at, batch, bury, cancel_accepted, cancel_asked, cancel_in_doubt, cancel_key,
        cancel_not_processed, cancel_serial, claim, declined, id, key, net_cancel_accepted, note, sealed,
        serial, start_with, terminal, today, tomorrow, unanswered, window, withdrawn, word,
    },
};

/// One thing to save, on one of a few payments.
#[derive(Clone, Debug)]
enum Ask {
    Start { number: u32, trace_no: u32, lives: i64, purchase: u8 },
    Bury { number: u32, trace_no: u32 },
    Step { number: u32, event: u8 },
    Cancel { number: u32, trace_no: u32, is_tomorrow: bool, amount: u64 },
    Note,
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        3 => (1..6_u32, 1..5_u32, 1..40_i64, 1..4_u8).prop_map(|(number, trace_no, lives, purchase)| {
            Ask::Start { number, trace_no, lives, purchase }
        }),
        1 => (1..9_u32, 1..6_u32).prop_map(|(number, trace_no)| Ask::Bury { number, trace_no }),
        6 => (1..6_u32, 0..10_u8).prop_map(|(number, event)| Ask::Step { number, event }),
        3 => (1..6_u32, 1..6_u32, any::<bool>(), 1..12_u64).prop_map(
            |(number, trace_no, is_tomorrow, thousands)| {
                Ask::Cancel { number, trace_no, is_tomorrow, amount: thousands * 1_000 }
            },
        ),
        1 => Just(Ask::Note),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn both_engines_answer_and_record_the_same(
        batches in prop::collection::vec(prop::collection::vec(ask(), 1..6), 1..20),
    ) {
        let (memory, sqlite) = (MemoryPlace::new(), SqlitePlace::new());
        prop_assert_eq!(run(&memory, &batches), run(&sqlite, &batches));
        prop_assert_eq!(memory.journal(), sqlite.journal());
    }
}

/// What was told of each save, and in the end all that can be found and counted.
fn run<P: Place>(place: &P, batches: &[Vec<Ask>]) -> Vec<String> {
    let mut engine = place.open();
    let mut told = Vec::new();
    for (asks, now) in batches.iter().zip((0..).step_by(7)) {
        let mut batch = Batch::default();
        for ask in asks {
            match ask {
                Ask::Note => batch.notes.push(note(1)),
                Ask::Start { .. } | Ask::Bury { .. } | Ask::Step { .. } | Ask::Cancel { .. } => {
                    batch.saves.extend(unsaved(&mut engine, ask, now));
                }
            }
        }
        let saved = save(&mut engine, batch).unwrap();
        told.extend(saved.iter().map(word));
        told.extend(save_over(&mut engine, saved).iter().map(word));
    }
    told.extend(found(place, &mut engine));
    told
}

fn unsaved(engine: &mut impl Engine, ask: &Ask, now: i64) -> Option<Unsaved> {
    match *ask {
        Ask::Start { number, trace_no, lives, purchase } => {
            let claims = vec![claim(trace_no, now + lives), window(purchase, now + 20)];
            Some(start_with(number, claims, at(now)))
        }
        Ask::Bury { number, trace_no } => Some(bury(number, trace_no, now)),
        Ask::Step { number, event } => step(engine, number, event, now),
        Ask::Cancel { number, trace_no, is_tomorrow, amount } => {
            let stored = look_up(engine, Lookup::Id(id(number))).unwrap()?;
            let key = cancel_key(if is_tomorrow { tomorrow() } else { today() }, number * 10 + trace_no);
            let claimed = cancel_key(today(), trace_no);
            let event = cancel_asked(number, key, amount);
            Some(stored.step(event, at(now)).unwrap().claiming(vec![until(claimed, now + 30)]))
        }
        Ask::Note => None,
    }
}

fn until(key: TelegramKey, seconds: i64) -> Claim {
    Claim::Telegram { key, until: at(seconds) }
}

fn step(engine: &mut impl Engine, number: u32, event: u8, now: i64) -> Option<Unsaved> {
    let stored = look_up(engine, Lookup::Id(id(number))).unwrap()?;
    let event = match event {
        0 | 1 => approved(),
        2 => declined(),
        3 => unanswered(),
        4 => net_cancel_accepted(),
        5 => Event::Due,
        6 => withdrawn(number, now),
        7 | 8 => {
            let newest = u8::try_from(stored.payment().cancels().len()).unwrap().checked_sub(1)?;
            if event == 7 { cancel_accepted(newest) } else { cancel_in_doubt(newest) }
        }
        _ if !stored.payment().cancels().is_empty() => cancel_not_processed(0),
        _ => Event::Restarted { last_byte_by: at(now) },
    };
    // A tombstone has no attempt that could be answered.
    stored.step(event, at(now)).ok()
}

/// Those that were refused a duplicate window take it.
fn save_over(engine: &mut impl Engine, saved: Vec<Saved>) -> Vec<Saved> {
    let rival = |saved| match saved {
        Saved::Claimed { unsaved, claim: Claim::Duplicate { .. }, holder } => Some(unsaved.over(holder)),
        Saved::Claimed { claim: Claim::Telegram { .. }, .. } | Saved::Done(..) | Saved::LostRace(_) => None,
    };
    save(engine, batch(saved.into_iter().filter_map(rival).collect())).unwrap()
}

fn found<P: Place>(place: &P, engine: &mut P::Engine) -> Vec<String> {
    let mut told = Vec::new();
    let shown = |stored: Stored| format!("{} {} {:?}", stored.id(), stored.version(), stored.payment());
    let ways = (1..9).flat_map(|number| {
        [
            Lookup::Id(id(number)),
            Lookup::Key(key(number)),
            Lookup::Key(cancel_key(today(), number)),
            Lookup::Serial(serial(number)),
        ]
    });
    for way in ways.chain((1..66).map(|number| Lookup::Serial(cancel_serial(number)))) {
        let it = look_up(engine, way).unwrap();
        if let (Lookup::Id(id), Some(stored)) = (way, &it) {
            let replayed = replay(&place.journal(), id.get(), &sealed());
            assert_eq!(&replayed, stored.payment());
        }
        told.push(it.map_or_else(String::new, shown));
    }
    told.extend(open_payments(engine).unwrap().into_iter().map(shown));
    for business_date in [today(), tomorrow()] {
        let query = TotalsQuery { terminal: terminal(), business_date };
        told.push(format!("{:?}", totals(engine, query).unwrap()));
    }
    told
}
