use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use codec::frame::FrameError;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::sleep_until;

use crate::shared::{Shared, now};
use crate::source::Source;
use crate::{Key, LinkLoss};

/// One read takes up to this many bytes.
const READ_BYTES: usize = 16 * 1024;

/// A read into less room than this would split telegrams for nothing.
const READ_BYTES_LEAST: usize = 2 * 1024;

/// Reads what is there, once.
pub(crate) fn poll_read<S>(
    cx: &mut Context<'_>,
    stream: &mut S,
    inbox: &mut BytesMut,
) -> Poll<Result<(), LinkLoss>>
where
    S: AsyncRead + Unpin,
{
    if inbox.capacity() - inbox.len() < READ_BYTES_LEAST {
        inbox.reserve(READ_BYTES);
    }
    pin!(stream.read_buf(inbox)).poll(cx).map(|read| match read {
        Ok(0) => Err(LinkLoss::ClosedByPeer),
        Ok(_) => Ok(()),
        Err(error) => Err(LinkLoss::Io(error.kind())),
    })
}

/// Waits until the sockets of a lane may be read from: until it has made up for what it brought that nobody waits for.
pub(crate) async fn readable<T: Copy>(shared: &Shared<T>, lane: usize) {
    loop {
        let reads_at = shared.traffic().reads_at(lane, now());
        let Some(reads_at) = reads_at else { return };
        sleep_until(reads_at.into()).await;
    }
}

/// Takes the whole telegrams off `inbox` and matches them. Tells `seen` the key of each.
pub(crate) fn receive<T: Copy>(
    shared: &Shared<T>,
    inbox: &mut BytesMut,
    source: Source,
    mut seen: impl FnMut(Option<Key>),
) -> Result<(), FrameError> {
    let now = now();
    let mut traffic = shared.traffic();
    while let Some(telegram) = shared.profile.frame.decode(inbox)? {
        if let Some(lane) = source.link() {
            traffic.spoken_to(lane, now);
        }
        if shared.profile.echo.as_ref().is_some_and(|echo| (echo.is_reply)(&telegram)) {
            match source {
                Source::Link(lane) => traffic.echoed(lane, now),
                Source::Beside(lane) => traffic.spend(lane, now),
            }
            continue;
        }
        let key = (shared.profile.key_of)(&telegram);
        seen(key);
        traffic.answer(telegram, key, source, now);
    }
    Ok(())
}
