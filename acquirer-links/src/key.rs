/// What tells one answer from another: the kind of the reply and the serial of its request.
///
/// The kind is part of it so that the late answer to an approval request can never answer the
/// net-cancel that carries the same serial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The kind of reply expected (of an answer: its own kind), in the dialect's own numbering.
    pub kind: u32,
    /// Our serial at that acquirer.
    pub serial: u64,
}
