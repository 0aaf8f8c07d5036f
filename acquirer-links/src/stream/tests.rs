//! What a TLS session took and could not pass on.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::time::{advance, pause, timeout};

use super::*;
use crate::connect::connect;
use crate::connect::tests::{acquirer, tls};
use crate::testing::certificates::{Authority, HOST};
use crate::testing::tls_peer::{BOTH, acceptor};

const STALL: Duration = Duration::from_secs(5);
/// Far longer than anything here takes.
const TOO_LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(100);

/// The peer takes nothing for too long, then all there is, and then breaks the session: what that still holds must not go with its farewell.
#[tokio::test]
async fn what_a_session_held_for_too_long_does_not_leave_with_its_last_words() {
    let authority = Authority::new("CA");
    let (acceptor, (to_client, raw)) = (acceptor(&authority.issue(HOST), BOTH), oneshot::channel());
    let (address, _) = acquirer(|stream| async move {
        let shaken = acceptor.accept(stream).await.unwrap();
        assert!(to_client.send(shaken.into_inner().0).is_ok());
    })
    .await;
    let mut client = connect(&address, TOO_LONG, STALL, Some(&tls(&authority, None))).await.unwrap();
    let mut peer = timeout(TOO_LONG, raw).await.unwrap().unwrap();
    // Until the session takes no more, since it cannot pass on what it has.
    let record = vec![b' '; RECORD_BYTES];
    while timeout(SHORT, client.write(&record)).await.is_ok() {}
    pause();
    advance(STALL + SHORT).await;
    let mut bytes = vec![0; 1 << 20];
    while peer.try_read(&mut bytes).is_ok_and(|count| count > 0)
        || timeout(SHORT, peer.readable()).await.is_ok()
    {}
    peer.write_all(b"this is no record of TLS").await.unwrap();
    let failed = timeout(TOO_LONG, client.read(&mut bytes)).await.unwrap();
    assert!(failed.is_err());
    client.reset();
    let rest = timeout(TOO_LONG, peer.read(&mut bytes)).await.unwrap();
    assert!(matches!(rest, Ok(0) | Err(_)), "{rest:?} bytes came behind their instant");
}
