//! The thread that acquirers and terminals live on.

use std::io;

use tokio::{runtime, task::JoinHandle};

/// The world outside the switch: it has a thread of its own, so that it takes none of the switch's time.
pub(super) struct World(Option<runtime::Runtime>);

impl World {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sandbox-world")
            .enable_all()
            .build();
        Ok(Self(Some(runtime?)))
    }

    pub(super) fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.0.as_ref().expect("taken by its drop alone").spawn(task)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A runtime may not be waited for within another one.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
