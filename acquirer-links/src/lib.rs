//! Sockets to acquirers: frames, pools, correlation, outcomes told truthfully.
