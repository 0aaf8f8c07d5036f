use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

/// An address that fails with ever other words is told no more often than this in one spell.
const MOST: usize = 8;
/// After so long without a word on an address that still fails, people are told anew.
const AGAIN: Duration = Duration::from_mins(5);

/// Why addresses could not be reached, as far as it was told since they last could: a reason that stays is told once in a while, but
/// one that comes in its place is news.
pub(crate) struct Reasons {
    told: Mutex<Vec<Told>>,
}

#[derive(Clone, Default)]
struct Told {
    reasons: Vec<String>,
    last: Option<Instant>,
}

impl Reasons {
    pub(crate) fn new(addresses: usize) -> Self {
        Self { told: Mutex::new(vec![Told::default(); addresses]) }
    }

    /// Whether people should be told of this failure; `is_first` is that of a row.
    pub(crate) fn is_news(&self, address: usize, is_first: bool, why: &str, now: Instant) -> bool {
        let mut told = self.told.lock().expect("nothing panics while it holds the reasons");
        let told = &mut told[address];
        if is_first || told.last.is_some_and(|last| now.saturating_duration_since(last) >= AGAIN) {
            told.reasons.clear();
        }
        let is_news =
            is_first || (told.reasons.len() < MOST && told.reasons.iter().all(|known| known != why));
        if is_news {
            told.reasons.push(why.to_owned());
            told.last = Some(now);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_once_in_a_row_of_failures_and_another_one_too() {
        let (reasons, now) = (Reasons::new(2), Instant::now());
        assert!(reasons.is_news(0, true, "refused", now));
        assert!(!reasons.is_news(0, false, "refused", now));
        assert!(reasons.is_news(0, false, "expired", now));
        assert!(!reasons.is_news(0, false, "refused", now));
        assert!(!reasons.is_news(0, false, "expired", now));
        assert!(reasons.is_news(1, false, "expired", now), "another address has reasons of its own");
        assert!(reasons.is_news(0, true, "expired", now), "it was reached meanwhile");
    }

    #[test]
    fn a_peer_that_fails_with_ever_other_words_does_not_fill_the_log() {
        let (reasons, now) = (Reasons::new(1), Instant::now());
        let told = (0..1_000).filter(|nth| reasons.is_news(0, *nth == 0, &nth.to_string(), now)).count();
        assert_eq!(told, MOST);
    }

    #[test]
    fn a_reason_that_lasts_for_hours_is_told_every_five_minutes() {
        let (reasons, began) = (Reasons::new(1), Instant::now());
        let told: Vec<_> = (0..7_200)
            .filter(|second| {
                reasons.is_news(0, *second == 0, "refused", began + Duration::from_secs(*second))
            })
            .collect();
        assert_eq!(told, (0..24).map(|nth| nth * 300).collect::<Vec<_>>());
    }
}
