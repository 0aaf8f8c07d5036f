use std::sync::Mutex;

/// An address that fails with ever other words is told no more often than this before it is reached again.
const MOST: usize = 8;

/// Why addresses could not be reached, as far as it was told since they last could: a reason that stays is told once, but
/// one that comes in its place is news.
pub(crate) struct Reasons {
    told: Mutex<Vec<Vec<String>>>,
}

impl Reasons {
    pub(crate) fn new(addresses: usize) -> Self {
        Self { told: Mutex::new(vec![Vec::new(); addresses]) }
    }

    /// Whether people should be told of this failure; `is_first` is that of a row.
    pub(crate) fn is_news(&self, address: usize, is_first: bool, why: &str) -> bool {
        let mut told = self.told.lock().expect("nothing panics while it holds the reasons");
        let told = &mut told[address];
        if is_first {
            told.clear();
        }
        let is_news = is_first || (told.len() < MOST && told.iter().all(|known| known != why));
        if is_news {
            told.push(why.to_owned());
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_once_in_a_row_of_failures_and_another_one_too() {
        let reasons = Reasons::new(2);
        assert!(reasons.is_news(0, true, "refused"));
        assert!(!reasons.is_news(0, false, "refused"));
        assert!(reasons.is_news(0, false, "expired"));
        assert!(!reasons.is_news(0, false, "refused"));
        assert!(!reasons.is_news(0, false, "expired"));
        assert!(reasons.is_news(1, false, "expired"), "another address has reasons of its own");
        assert!(reasons.is_news(0, true, "expired"), "it was reached meanwhile");
    }

    #[test]
    fn a_peer_that_fails_with_ever_other_words_does_not_fill_the_log() {
        let reasons = Reasons::new(1);
        let told = (0..1_000).filter(|nth| reasons.is_news(0, *nth == 0, &nth.to_string())).count();
        assert_eq!(told, MOST);
    }
}
