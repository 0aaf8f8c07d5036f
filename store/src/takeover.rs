//! One instance takes over what another had open.

use jiff::{SignedDuration, Timestamp};
use payment::InstanceNo;

use crate::{StoreError, Stored, engine::Engine, record};

/// How long what an instance handed to its sockets may still be on its way out of its kernel after the last instant it could hand them anything.
const LAST_BYTES: SignedDuration = SignedDuration::from_secs(5);

/// What one instance took over of another.
#[derive(Debug)]
pub struct TakenOver {
    /// By the wall clock.
    lease_ended: Timestamp,
    /// What it had open, oldest first; it is the taker's now.
    pub open: Vec<Stored>,
}

impl TakenOver {
    /// No byte of the other's requests left after this instant: its lease had ended, and what lay in its kernel then is gone. It may lie ahead.
    ///
    /// A lease ends by the wall clock, while the taker compares by its own clock, which stands at `now` when the wall clock stands at
    /// `wall`. It is told by whichever comes later, so that nothing proves too much: neither by the taker's clock, nor by the wall clock, which
    /// is the taker's after its next start.
    pub fn last_byte_by(&self, now: Timestamp, wall: Timestamp) -> Timestamp {
        let ahead = now.duration_since(wall).max(SignedDuration::ZERO);
        self.lease_ended.checked_add(LAST_BYTES.saturating_add(ahead)).unwrap_or(Timestamp::MAX)
    }
}

/// Takes over what another instance had open, once its lease has ended by `now`, of the wall clock; from then on it is refused every write. `None` while
/// it holds its lease, and where it never had one or was taken over before.
///
/// # Errors
/// [`StoreError`] when the commit failed, or a payment cannot be read.
pub fn take_over(
    engine: &mut impl Engine,
    from: InstanceNo,
    now: Timestamp,
) -> Result<Option<TakenOver>, StoreError> {
    let Some(taken) = engine.take_over(from, now)? else { return Ok(None) };
    let instance = engine.instance();
    let restore = |row| record::restore(row).map(|stored| stored.owned_by(instance));
    let open = taken.open.iter().map(restore).collect::<Result<_, _>>()?;
    Ok(Some(TakenOver { lease_ended: taken.lease_ended, open }))
}
