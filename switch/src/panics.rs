//! A panic anywhere ends the process: half a switch that goes on is worse than none, and what a start recovers is the tested path.

use std::{panic, process};

/// From now on a panic in whichever thread or task ends the process by SIGABRT, once it was told on stderr. A release build aborts anyway
/// (`panic = "abort"`); with this it is so in every build, also where a task of the runtime would have swallowed it.
pub fn end_the_process() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        tell(panic);
        process::abort();
    }));
}
