//! A link whose peer brings more that nobody waits for than it may.

use std::io::{Read, Write};

use tokio::time::sleep;

use super::peer::{EVERY, Wired};
use super::*;

/// One of so many links may bring 200 at once, and ten in a second.
const LINKS: usize = 50;

/// One read takes 16 KiB, which are some 2,000 of these.
const TELEGRAM: usize = 8;

fn flood(count: usize) -> Vec<u8> {
    let telegrams = (0..count).map(|nth| format!("\0\x06{nth:06}"));
    let telegrams = telegrams.collect::<String>().into_bytes();
    assert_eq!(telegrams.len(), count * TELEGRAM);
    telegrams
}

/// A link that was brought so many, after a second: it is not read from for many more.
async fn flooded_by(count: usize) -> (Wired, BytesMut) {
    let (mut wired, mut inbox) = (Wired::one_among(LINKS), BytesMut::new());
    wired.peer.write_all(&flood(count)).unwrap();
    assert!(served(&mut wired, &mut inbox, SECOND).await.is_none());
    let reads_at = wired.link.shared.traffic().reads_at(0, now());
    assert!(reads_at.is_some_and(|at| at > now() + 2 * EVERY));
    (wired, inbox)
}

/// What the link comes to within a time.
async fn served(wired: &mut Wired, inbox: &mut BytesMut, within: Duration) -> Option<End> {
    timeout(within, wired.link.serve(&mut wired.stream, inbox)).await.ok()
}

/// How many were told beyond so many, in their order, and how often that it is too much.
fn told(wired: &mut Wired, already: usize) -> (usize, usize) {
    let (mut count, mut floods) = (already, 0);
    while let Ok(event) = wired.told.try_recv() {
        match event {
            LinkEvent::Unknown { telegram, key: None } => {
                assert_eq!(telegram, format!("{count:06}").as_bytes());
                count += 1;
            }
            LinkEvent::Flooded { .. } => floods += 1,
            LinkEvent::Up { .. } => {}
            other => panic!("unexpected {other:?}"),
        }
    }
    (count - already, floods)
}

#[tokio::test(start_paused = true)]
async fn a_flooded_link_is_read_from_slowly_and_nothing_is_dropped() {
    let (mut wired, mut inbox) = flooded_by(5_000).await;
    let (first, floods) = told(&mut wired, 0);
    assert!((200..2_500).contains(&first), "what one read takes: {first}");
    assert_eq!(floods, 1);
    assert!(served(&mut wired, &mut inbox, EVERY).await.is_none());
    assert_eq!(told(&mut wired, first), (0, 0));
    assert!(served(&mut wired, &mut inbox, 4 * EVERY).await.is_none());
    assert_eq!(told(&mut wired, first), (5_000 - first, 0));
}

#[tokio::test(start_paused = true)]
async fn a_flooded_link_writes_while_it_is_not_read_from() {
    let (mut wired, mut inbox) = flooded_by(5_000).await;
    let until = now() + 60 * SECOND;
    let outgoing = Outgoing {
        tag: 1,
        key: Key { kind: 1, serial: 1 },
        telegram: Bytes::from_static(b"telegram"),
        deadline: until,
        not_after: until,
        follow: None,
        purpose: Purpose::Request,
    };
    wired.link.shared.traffic().send(outgoing, now()).unwrap();
    assert!(served(&mut wired, &mut inbox, SECOND).await.is_none());
    let mut written = [0; 10];
    wired.peer.read_exact(&mut written).unwrap();
    assert_eq!(&written, b"\0\x08telegram");
    assert!(told(&mut wired, 0).0 < 5_000);
}

#[tokio::test(start_paused = true)]
async fn a_flooded_link_is_silent_only_when_nothing_is_left_to_be_read() {
    for (count, is_silent) in [(1_000, true), (5_000, false)] {
        let (mut wired, mut inbox) = flooded_by(count).await;
        let end = served(&mut wired, &mut inbox, 2 * EVERY).await;
        assert_eq!(matches!(end, Some(End::Lost(LinkLoss::Silent))), is_silent, "{count}");
        assert_eq!(end.is_none(), !is_silent, "{count}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_flooded_link_ends_at_once_when_its_pool_is_stopped_or_drained() {
    let endings: [fn(&Link<u32>); 2] = [|link| link.shared.stop(), |link| link.shared.traffic().drain()];
    for ending in endings {
        let (Wired { link, mut stream, .. }, mut inbox) = flooded_by(5_000).await;
        let start = Instant::now();
        let serving = timeout(EVERY, link.serve(&mut stream, &mut inbox));
        let (end, ()) = tokio::join!(serving, async {
            sleep(SECOND).await;
            ending(&link);
        });
        assert!(matches!(end, Ok(End::Closing)));
        assert_eq!(start.elapsed(), SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn what_lies_on_a_socket_for_a_late_answer_is_read_before_it_is_closed_however_its_lane_is_flooded() {
    let Wired { link, stream, mut peer, told: mut events } = Wired::one_among(LINKS);
    let shared = link.shared;
    let reader = LateReader {
        lane: 0,
        stream: Stream::Plain(stream),
        inbox: BytesMut::new(),
        key: Key { kind: 1, serial: 1 },
    };
    let place = shared.late_places.take().await;
    let flooding = async {
        for _ in 0..4 {
            (0..1_000).for_each(|_| shared.traffic().spend(0, now()));
            sleep(15 * SECOND).await;
        }
    };
    peer.write_all(b"\0\x04late").unwrap();
    tokio::join!(flooding, reader.run(&shared, place));
    let mut telegrams = std::iter::from_fn(|| events.try_recv().ok())
        .filter(|event| matches!(event, LinkEvent::Unknown { telegram, .. } if telegram == "late"));
    assert!(telegrams.next().is_some());
}
