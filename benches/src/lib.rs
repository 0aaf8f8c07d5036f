//! What the benches share: the cases of the codec, its peers beside it.

pub mod cases;
