use super::Traffic;
use super::lane::Lane;
use crate::Mode;

/// What a pool carries at this moment, for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolState {
    /// Links connected and taking requests.
    ///
    /// A per-request pool holds no socket while idle. Its links are up, in use or not, while any of its addresses was
    /// reached by the last attempt or never tried. It is 0 from the moment no
    /// address could be reached until a request reaches one again.
    pub links_up: usize,
    /// Accepted requests of which a byte may have left, without an outcome yet.
    pub in_flight: usize,
    /// Accepted requests of which no byte has left yet.
    pub queued: usize,
}

impl<T: Copy> Traffic<T> {
    pub(crate) fn state(&self) -> PoolState {
        let is_up = |lane: &&Lane| match self.mode {
            Mode::Multiplexed | Mode::OneInFlight => lane.is_up(),
            Mode::PerRequest { .. } => self.addresses.is_any_good(),
        };
        PoolState {
            links_up: self.lanes.iter().filter(is_up).count(),
            in_flight: self.pending.len() - self.unsent,
            queued: self.unsent,
        }
    }
}
