//! What the threads compute.

use std::{fs, time::Duration};

/// What threads of this process have computed since they began, or in a sample.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cpu {
    pub(crate) relay: Duration,
    /// The one thread of the switch that sockets, desk and links run on.
    pub(crate) switch: Duration,
    pub(crate) store: Duration,
}

impl Cpu {
    /// Zero where the system does not tell.
    pub(crate) fn now() -> Self {
        let mut now = Self::default();
        for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
            let read = |file| fs::read_to_string(task.path().join(file)).unwrap_or_default();
            let nanos = read("schedstat").split(' ').next().and_then(|nanos| nanos.parse().ok());
            let computed = Duration::from_nanos(nanos.unwrap_or(0));
            match read("comm").trim_end() {
                "relay" => now.relay += computed,
                "switch" => now.switch += computed,
                name if name.starts_with("store-") => now.store += computed,
                _ => {}
            }
        }
        now
    }

    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            relay: self.relay.saturating_sub(before.relay),
            switch: self.switch.saturating_sub(before.switch),
            store: self.store.saturating_sub(before.store),
        }
    }
}
