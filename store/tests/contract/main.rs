//! The contract every engine keeps, and what SQLite and the threads promise beyond it.

#![expect(clippy::unwrap_used, reason = "what cannot be had is the failure of a test")]

mod alike;
mod crash;
mod faults;
mod place;
mod samples;
mod sqlite;
mod suite;
mod threads;

macro_rules! on_every_engine {
    ($($fact:ident,)*) => {
        mod memory {
            $(#[test] fn $fact() { crate::suite::$fact::<crate::place::MemoryPlace>(); })*
        }
        mod on_sqlite {
            $(#[test] fn $fact() { crate::suite::$fact::<crate::place::SqlitePlace>(); })*
        }
    };
}

on_every_engine!(
    a_new_payment_is_found_by_id_key_and_serial_with_its_card,
    only_a_durable_save_gives_the_effects,
    a_save_on_an_older_version_loses_the_race_and_leaves_no_trace,
    a_payment_that_exists_cannot_start_again,
    a_refused_claim_names_its_holder_and_leaves_no_trace,
    a_payment_refused_one_of_two_claims_takes_neither,
    an_expired_claim_can_be_taken,
    of_two_rows_of_a_batch_that_claim_the_same_key_the_first_wins,
    a_batch_of_mixed_outcomes_is_answered_in_its_order,
    open_payments_are_those_something_is_awaited_or_owed_of,
    the_card_goes_once_no_telegram_can_need_it,
    every_written_save_and_note_is_one_event,
    events_go_on_after_a_reopen,
    replaying_the_events_of_a_payment_gives_its_stored_state,
    reserved_serials_never_overlap_across_reopens,
    serials_end_with_their_ten_digits,
);
