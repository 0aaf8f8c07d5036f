//! A panic anywhere ends the process: half a switch that goes on is worse than none, and what a start recovers is the tested path.
//! It leaves nothing of its memory behind, where keys and cards are.

use std::{
    io::{self, Write as _},
    panic, process,
};

use rustix::process::{Resource, Rlimit, setrlimit};

/// From now on a panic in whichever thread or task ends the process by SIGABRT, once it was told on stderr. A release build aborts anyway
/// (`panic = "abort"`); with this it is so in every build, also where a task of the runtime would have swallowed it. Neither that nor any other
/// signal makes a core file from now on.
pub fn end_the_process() {
    leave_no_core_file();
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        tell(panic);
        process::abort();
    }));
}

fn leave_no_core_file() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    // Lowering a limit needs no right; where it fails all the same, it is told, and the panic still ends the process.
    if let Err(error) = setrlimit(Resource::Core, none) {
        let _ = writeln!(io::stderr(), "cannot do without core files: {error}");
    }
}
