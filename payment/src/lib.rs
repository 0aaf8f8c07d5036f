//! One payment's state machine: pure, no clock, no I/O, no telegrams.
