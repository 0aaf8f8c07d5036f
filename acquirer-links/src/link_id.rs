use std::fmt;

/// One connection of a pool: it names the socket, not the address, and is never given out again
/// by that pool once the socket is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkId {
    pub(crate) lane: usize,
    pub(crate) generation: u64,
}

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.lane, self.generation)
    }
}
