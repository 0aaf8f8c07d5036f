//! Each invariant is broken by hand, and found broken.
