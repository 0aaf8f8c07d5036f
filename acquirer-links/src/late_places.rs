use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// The places for sockets that wait for late answers: so many, and whoever needs one gets it.
pub(crate) struct LatePlaces {
    limit: usize,
    permits: Arc<Semaphore>,
    /// Those taken or waited for and not asked back yet, the oldest first.
    taken: Mutex<VecDeque<CancellationToken>>,
}

/// One place, until it is dropped.
pub(crate) struct LatePlace {
    /// Cancelled once it must be given back for another socket, or was.
    pub(crate) wanted: CancellationToken,
    _permit: OwnedSemaphorePermit,
}

impl Drop for LatePlace {
    fn drop(&mut self) {
        self.wanted.cancel();
    }
}

impl LatePlaces {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, permits: Arc::new(Semaphore::new(limit)), taken: Mutex::default() }
    }

    /// Takes a place. When there is none, the one taken longest ago is asked back, and waited for.
    pub(crate) async fn take(&self) -> LatePlace {
        let wanted = CancellationToken::new();
        self.ask_back(wanted.clone());
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        LatePlace { wanted, _permit: permit.expect("the places are never closed") }
    }

    /// Puts a place in line, and asks back as many as are too many with it.
    fn ask_back(&self, wanted: CancellationToken) {
        let mut taken = self.taken.lock().expect("nothing panics while it holds the places");
        taken.retain(|place| !place.is_cancelled());
        taken.push_back(wanted);
        while taken.len() > self.limit
            && let Some(oldest) = taken.pop_front()
        {
            oldest.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;

    async fn given_back(place: LatePlace) {
        place.wanted.cancelled().await;
    }

    #[tokio::test]
    async fn the_place_taken_longest_ago_is_asked_back_when_there_is_none() {
        let places = LatePlaces::new(2);
        let first = places.take().await;
        let second = places.take().await;
        assert!(!first.wanted.is_cancelled());
        let (third, ()) = tokio::join!(places.take(), given_back(first));
        assert!(!second.wanted.is_cancelled() && !third.wanted.is_cancelled());
    }

    #[tokio::test]
    async fn a_place_given_back_is_taken_before_any_is_asked_back() {
        let places = LatePlaces::new(2);
        let first = places.take().await;
        drop(places.take().await);
        let third = places.take().await;
        assert!(!first.wanted.is_cancelled() && !third.wanted.is_cancelled());
    }

    #[tokio::test]
    async fn a_place_is_waited_for_until_it_is_given_back() {
        let places = LatePlaces::new(1);
        let first = places.take().await;
        let mut second = pin!(places.take());
        tokio::select! {
            biased;
            _ = &mut second => panic!("there is one place only"),
            () = first.wanted.cancelled() => {}
        }
        drop(first);
        assert!(!second.await.wanted.is_cancelled());
    }
}
