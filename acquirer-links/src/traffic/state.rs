use std::sync::Arc;

use super::Traffic;
use super::lane::Lane;
use crate::{BreakerState, Mode};

/// What a pool carries at this moment, for metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Whether requests are let through: to any of the addresses.
    pub breaker: BreakerState,
    /// Each address, in the order of the settings.
    pub addresses: Vec<AddressState>,
}

/// One address of a pool at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressState {
    /// `host:port`, as in the settings.
    pub address: Arc<str>,
    /// Connections to it.
    pub links: usize,
    /// Whether requests are let through to it.
    pub breaker: BreakerState,
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
            breaker: self.breaker(),
            addresses: self
                .names
                .iter()
                .enumerate()
                .map(|(nth, address)| AddressState {
                    address: Arc::clone(address),
                    links: self.links_to(nth),
                    breaker: self.breakers[nth].state(),
                })
                .collect(),
        }
    }
}
