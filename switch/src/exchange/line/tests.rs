use bytes::Bytes;
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

use super::*;

fn unknown() -> LinkEvent<Tag> {
    LinkEvent::Unknown { telegram: Bytes::from_static(b"unasked"), key: None }
}

fn another() -> LinkEvent<Tag> {
    LinkEvent::Breaker { old: BreakerState::Passing, new: BreakerState::Blocked }
}

/// The next message, if one comes: how many of its events nobody waits for, how many others there are, and what is held for them.
async fn next(messages: &mut mpsc::Receiver<Message>) -> Option<(usize, usize, OwnedSemaphorePermit)> {
    let message = timeout(Duration::from_secs(1), messages.recv()).await.ok()?;
    let Some(Message::Line { line: LineNo(1), events, room }) = message else { panic!("not {message:?}") };
    let strays = events.iter().filter(|event| matches!(event, LinkEvent::Unknown { .. })).count();
    assert_eq!(room.num_permits(), strays);
    Some((strays, events.len() - strays, room))
}

#[tokio::test(start_paused = true)]
async fn answers_nobody_waits_for_wait_until_those_before_are_looked_up() {
    let (events, told) = mpsc::channel(EVENTS);
    let (exchange, mut messages) = mpsc::channel(EVENTS);
    tokio::spawn(pass_on(LineNo(1), told, exchange, Arc::new(Semaphore::new(STRAYS))));
    for _ in 0..2 * STRAYS {
        events.send(unknown()).await.unwrap();
    }
    events.send(another()).await.unwrap();

    let (strays, others, mut room) = next(&mut messages).await.unwrap();
    assert_eq!((strays, others), (STRAYS, 0));
    assert!(next(&mut messages).await.is_none());
    drop(room.split(STRAYS - 1));
    assert!(next(&mut messages).await.is_none(), "they come in the order in which they came, and together");
    drop(room);
    let (strays, others, _room) = next(&mut messages).await.unwrap();
    assert_eq!((strays, others), (STRAYS, 0));
    let (strays, others, _none) = next(&mut messages).await.unwrap();
    assert_eq!((strays, others), (0, 1), "what takes no place waits for none");
}
