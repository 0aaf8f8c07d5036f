//! What the last start left to this one: counted, told once, and told of the acquirers that nobody can reach any more.

use std::collections::{BTreeMap, BTreeSet};

use payment::Debt;
use store::{Pile, Reader, StoreError, Stored, WorkQuery};

use crate::{clock::Clock, config::Config, meters};

/// Payments in the manual queue whose alarms are noted again at a start; of more than that the number is told.
const NOTED_AT_START: u32 = 10_000;

/// What the last start left to this one, told once.
pub(super) fn tell_what_is_left(open: &[Stored], needing_person: u64, clock: Clock) {
    let is_owing = |stored: &&Stored| {
        let mut debts = stored.payment().attempts().iter().filter_map(|attempt| attempt.debt());
        debts.any(Debt::is_owed)
    };
    let owed = open.iter().filter(is_owing).count();
    let now = clock.now();
    let overdue = open.iter().filter(|stored| !stored.payment().standing_alarms(now).is_empty()).count();
    meters::left_by_the_last_start(open.len(), owed, needing_person);
    if owed > 0 {
        tracing::warn!(payments = owed, "net-cancels are owed since before this start");
    }
    if overdue > 0 {
        meters::alarm("overdue-at-start");
        tracing::error!(payments = overdue, "ALARM net-cancels or cancels were overdue before this start");
    }
    if needing_person > 0 {
        meters::alarm("needs-person");
        tracing::error!(
            payments = needing_person,
            "ALARM payments wait for a person: see `switch net-cancels list --stuck` and `switch cancels list --stuck`"
        );
    }
}

/// The first payments of the manual queue.
pub(super) fn needing_person(reader: &mut impl Reader) -> Result<Vec<Stored>, StoreError> {
    store::work(reader, WorkQuery { pile: Pile::NeedsPerson, after: None, limit: NOTED_AT_START })
}

/// What is under way at an acquirer nobody can reach any more will end with a person.
pub(super) fn tell_unconfigured(open: &[Stored], config: &Config) {
    let mut payments = BTreeMap::new();
    for stored in open {
        let acquirers: BTreeSet<_> =
            stored.payment().attempts().iter().map(|attempt| &attempt.route().acquirer).collect();
        for acquirer in acquirers.into_iter().filter(|name| !config.acquirers.contains_key(*name)) {
            *payments.entry(acquirer).or_insert(0_u64) += 1;
        }
    }
    for (acquirer, payments) in payments {
        meters::alarm("acquirer-not-configured");
        tracing::error!(
            %acquirer,
            payments,
            "ALARM open payments went to an acquirer that is not configured any more: nothing can be undone there"
        );
    }
}
