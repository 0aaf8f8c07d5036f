//! Names that only one payment can hold at a time.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use crate::engine::{Outcome, Row};

/// An expired claim is kept this long: a clock that was wrong and is set back must find the claims it believed expired.
const KEPT_AFTER_EXPIRY: SignedDuration = SignedDuration::from_hours(1);

/// Expired claims deleted with one commit, beside as many as it adds.
const PURGED_PER_COMMIT: usize = 64;

/// The statements on claims, for the time of one commit.
pub(super) struct Claims<'c> {
    holder: CachedStatement<'c>,
    take: CachedStatement<'c>,
    purge: CachedStatement<'c>,
}

impl<'c> Claims<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            holder: connection.prepare_cached(
                "SELECT payment FROM claim WHERE kind = ?1 AND key = ?2 AND payment <> ?3 AND payment IS NOT ?4
                 AND until > ?5",
            )?,
            take: connection.prepare_cached(
                "INSERT INTO claim (kind, key, payment, until) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (kind, key) DO UPDATE SET payment = excluded.payment, until = excluded.until",
            )?,
            purge: connection.prepare_cached(
                "DELETE FROM claim WHERE (kind, key) IN
                 (SELECT kind, key FROM claim WHERE until < ?1 ORDER BY until LIMIT ?2)",
            )?,
        })
    }

    /// The first claim of the row that another payment holds.
    pub(super) fn refused(&mut self, row: &Row) -> Result<Option<Outcome>, rusqlite::Error> {
        let at = row.at.as_microsecond();
        for (index, claim) in row.claims.iter().enumerate() {
            let parameters = params![claim.kind, claim.key, row.id, claim.over, at];
            let holder = self.holder.query_row(parameters, |held| held.get(0)).optional()?;
            if let Some(holder) = holder {
                return Ok(Some(Outcome::Claimed { index, holder }));
            }
        }
        Ok(None)
    }

    /// Takes the claims of a row that [`Claims::refused`] none.
    pub(super) fn take(&mut self, row: &Row) -> Result<(), rusqlite::Error> {
        for claim in &row.claims {
            let until = claim.until.as_microsecond();
            self.take.execute(params![claim.kind, claim.key, row.id, until])?;
        }
        Ok(())
    }

    /// Deletes some that expired long enough before `now`, so that the table stays bounded.
    pub(super) fn purge(&mut self, now: Timestamp, added: usize) -> Result<(), rusqlite::Error> {
        let before = now.checked_sub(KEPT_AFTER_EXPIRY).unwrap_or(Timestamp::MIN).as_microsecond();
        let most = i64::try_from(PURGED_PER_COMMIT.saturating_add(added)).unwrap_or(i64::MAX);
        self.purge.execute(params![before, most])?;
        Ok(())
    }
}
