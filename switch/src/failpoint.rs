//! Places where a test has the switch killed. Nothing at all, unless compiled with `--cfg failpoints`.

/// Passes the failpoint of this name, which ends the process where it is armed.
#[cfg(failpoints)]
pub(crate) fn pass(name: &str) {
    store::failpoint::pass(name);
}

/// Nothing: this switch has no failpoints.
#[cfg(not(failpoints))]
pub(crate) fn pass(_name: &str) {}
