//! All payments in flight at this switch: pure, no sockets, no clock, no tasks.
