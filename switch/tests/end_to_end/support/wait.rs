use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(40);
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Waits until `check` finds what it looks for.
pub(crate) async fn eventually<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = check() {
            return found;
        }
        assert!(Instant::now() < until, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Watches that `check` holds for as long as a wrong switch would need to break it many times over.
pub(crate) async fn stays(what: &str, mut check: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_millis(300);
    while Instant::now() < until {
        assert!(check(), "does not stay so: {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
