//! Places where a test has the process killed: at the boundaries between what is durable and what is done. Compiled with `--cfg failpoints`
//! alone, which no build that could reach production sets.

use std::{
    env,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use rustix::process::{Signal, getpid, kill_process};

/// The one place that is armed, and after how many passings it kills.
struct Armed {
    name: String,
    left: AtomicU64,
}

static ARMED: OnceLock<Option<Armed>> = OnceLock::new();

/// Passes the failpoint `name`. The environment variable `SWITCH_FAILPOINT=name:count` arms one: its passing number `count` (from 1) ends the
/// process by SIGKILL, so that nothing is flushed, told or tidied up.
pub fn pass(name: &str) {
    let Some(armed) = ARMED.get_or_init(arm) else { return };
    if armed.name == name && armed.left.fetch_sub(1, Ordering::Relaxed) == 1 {
        // Nothing follows: the signal cannot be caught.
        let _ = kill_process(getpid(), Signal::KILL);
        std::process::abort();
    }
}

fn arm() -> Option<Armed> {
    let text = env::var("SWITCH_FAILPOINT").ok()?;
    let (name, count) = text.split_once(':').expect("SWITCH_FAILPOINT=name:count");
    let left = count.parse().ok().filter(|count| *count > 0).expect("a count from 1");
    Some(Armed { name: name.to_owned(), left: AtomicU64::new(left) })
}
