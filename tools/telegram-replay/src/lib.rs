//! Terminals, simulated acquirers, captures, dump, lint and load for fixed-width telegrams.
