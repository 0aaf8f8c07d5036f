//! What the tests of sockets share with those outside.

#[path = "../tests/support/certificates.rs"]
pub(crate) mod certificates;
#[path = "../tests/support/tls_peer.rs"]
pub(crate) mod tls_peer;
