//! What the threads of a store promise.

use std::{
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, channel},
    },
    thread,
    time::Duration,
};

use payment::{Sum, Totals};
use store::{Batch, Completion, Lookup, Memory, Saved, Store, StoreError, TotalsQuery};

use crate::samples::{
    TOTAL, at, batch, bury, claim, id, instance, key, note, refused, start, start_with, terminal, today,
    window, word,
};

type Shared = Arc<Mutex<Memory>>;

fn store() -> (Store, Shared, Receiver<Completion>) {
    let memory = Arc::new(Mutex::new(Memory::new(instance())));
    let (told, completions) = channel();
    let tell = move |completion| drop(told.send(completion));
    let store = Store::start(memory.clone(), memory.clone(), tell).expect("threads can be started");
    (store, memory, completions)
}

fn next(completions: &Receiver<Completion>) -> Completion {
    completions.recv_timeout(Duration::from_mins(1)).expect("the store tells something")
}

fn words(completions: &[Completion]) -> Vec<String> {
    let word_of = |completion: &Completion| match completion {
        Completion::Saved(saved) => saved.iter().map(word).collect(),
        Completion::Found(..)
        | Completion::Totals(..)
        | Completion::Serials { .. }
        | Completion::Work(..)
        | Completion::LeaseRenewed(_)
        | Completion::Failed(_) => vec![format!("{completion:?}")],
    };
    completions.iter().flat_map(word_of).collect()
}

#[test]
fn what_is_queued_during_a_commit_is_committed_at_once_and_told_in_order() {
    let (store, memory, completions) = store();
    let commit = memory.lock().unwrap();
    store.submit(batch(vec![start(1)]));
    for number in 2..=11 {
        store.submit(batch(vec![start(number)]));
    }
    drop(commit);
    store.close();
    let told: Vec<_> = completions.iter().collect();
    assert!(told.len() <= 2, "{} commits", told.len());
    let expected: Vec<_> = (1..=11).map(|number| format!("{} is at version 1", id(number))).collect();
    assert_eq!(words(&told), expected);
}

#[test]
fn one_commit_takes_a_bounded_number_of_rows() {
    let (store, memory, completions) = store();
    let commit = memory.lock().unwrap();
    for number in 0..30 {
        store.submit(batch((number * 100..number * 100 + 100).map(start).collect()));
    }
    assert!(store.backlog() > 0);
    drop(commit);
    store.close();
    let sizes: Vec<_> = completions
        .iter()
        .map(|told| match told {
            Completion::Saved(saved) => saved.len(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sizes.iter().sum::<usize>(), 3_000);
    assert!(sizes.iter().all(|rows| *rows <= 1_100), "{sizes:?}");
}

#[test]
fn a_lookup_finds_every_save_that_was_told_before_it() {
    let (store, _memory, completions) = store();
    for number in 1..100 {
        store.submit(batch(vec![start(number)]));
        assert!(matches!(next(&completions), Completion::Saved(_)));
        store.look_up(Lookup::Key(key(number)));
        let Completion::Found(lookup, Some(found)) = next(&completions) else { panic!("it is there") };
        assert_eq!((lookup, found.id()), (Lookup::Key(key(number)), id(number)));
    }
    assert_eq!(store.backlog(), 0);
    store.close();
}

#[test]
fn totals_count_every_save_that_was_told_before_and_come_with_their_token() {
    let (store, _memory, completions) = store();
    let query = TotalsQuery { terminal: terminal(), business_date: today() };
    for number in 1..20_u32 {
        store.submit(batch(vec![bury(number, number, 0)]));
        assert!(matches!(next(&completions), Completion::Saved(_)));
        let token = u64::from(number) * 7;
        store.totals(query, token);
        let Completion::Totals(told, totals) = next(&completions) else { panic!("expected totals") };
        let expected = Sum { count: number.into(), amount: u64::from(number) * TOTAL };
        assert_eq!((told, totals), (token, Totals { net_cancels: expected, ..Totals::default() }));
    }
    store.close();
}

#[test]
fn a_refused_save_comes_back_from_the_writer_and_can_be_submitted_again() {
    let (store, _memory, completions) = store();
    let purchase = |number| start_with(number, vec![claim(number, 60), window(7, 60)], at(0));
    store.submit(batch(vec![purchase(1), purchase(2)]));
    let Completion::Saved(mut saved) = next(&completions) else { panic!("expected saves") };
    let rival = refused(saved.pop().unwrap());
    store.submit(batch(vec![rival.over(id(1))]));
    let told = words(&[next(&completions)]);
    assert_eq!(told, [format!("{} is at version 1", id(2))]);
    store.close();
}

#[test]
fn serials_are_reserved_in_their_turn() {
    let (store, _memory, completions) = store();
    store.reserve_serials(10);
    store.submit(batch(vec![start(1), start_with(2, vec![claim(1, 60)], at(0))]));
    store.reserve_serials(5);
    store.close();
    let told: Vec<_> = completions.iter().collect();
    assert!(matches!(told[0], Completion::Serials { first: 1, count: 10 }));
    assert!(matches!(&told[1], Completion::Saved(saved)
        if matches!(saved.as_slice(), [Saved::Done(..), Saved::Claimed { .. }])));
    assert!(matches!(told[2], Completion::Serials { first: 11, count: 5 }));
}

#[test]
fn closing_commits_what_is_queued() {
    let (store, memory, completions) = store();
    for number in 1..=500 {
        store.submit(Batch { saves: vec![start(number)], notes: vec![note(number)] });
    }
    store.close();
    assert_eq!(words(&completions.iter().collect::<Vec<_>>()).len(), 500);
    assert_eq!(memory.lock().unwrap().events().len(), 1_000);
}

#[test]
fn a_failure_on_both_threads_is_told_once() {
    let (store, memory, completions) = store();
    let poison = thread::spawn(move || {
        let _held = memory.lock().unwrap();
        panic!("on purpose, so that the engine cannot be used any more");
    });
    poison.join().unwrap_err();
    store.look_up(Lookup::Id(id(1)));
    store.submit(batch(vec![start(1)]));
    store.close();
    let told: Vec<_> = completions.iter().collect();
    assert!(matches!(told.as_slice(), [Completion::Failed(StoreError::Failed { .. })]), "{told:?}");
}

#[test]
fn a_panic_of_the_writer_is_told_as_a_failure() {
    let memory = Arc::new(Mutex::new(Memory::new(instance())));
    let (told, completions) = channel();
    let tell = move |completion| match completion {
        Completion::Saved(_) => panic!("on purpose, on the writer's thread"),
        other => drop(told.send(other)),
    };
    let store = Store::start(memory.clone(), memory, tell).unwrap();
    store.submit(batch(vec![start(1)]));
    assert!(matches!(next(&completions), Completion::Failed(_)));
    store.submit(batch(vec![start(2)]));
    store.close();
    assert!(completions.iter().next().is_none());
}
