//! File descriptors, and how many of them terminals may have. Links and store keep theirs whatever terminals do.

use std::collections::BTreeMap;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Listener;

/// Raises the soft limit on descriptors to the hard one; tells how many this process may have.
pub fn raise_descriptors() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return current.unwrap_or(u64::MAX);
    }
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum.unwrap_or(u64::MAX),
        Err(error) => {
            tracing::warn!(%error, "cannot raise the limit on descriptors");
            current.unwrap_or(u64::MAX)
        }
    }
}

/// How many connections a listener may have at a time. Where all listeners together would take what is `reserved`, or more than
/// half of few descriptors, each gets its share of what is left.
pub fn connections(
    listeners: &BTreeMap<String, Listener>,
    name: &str,
    descriptors: u64,
    reserved: u64,
) -> usize {
    let Some(wanted) = listeners.get(name).map(|listener| listener.max_connections as u128) else {
        return 0;
    };
    let all: u128 = listeners.values().map(|listener| listener.max_connections as u128).sum();
    let left = u128::from(descriptors - reserved.min(descriptors / 2));
    let share = if all <= left { wanted } else { (wanted * left / all).max(1) };
    usize::try_from(share).unwrap_or(usize::MAX)
}
