//! The contract every engine keeps, and what SQLite and the threads promise beyond it.

#![expect(clippy::unwrap_used, reason = "what cannot be had is the failure of a test")]

mod alike;
mod claims;
mod crash;
mod earlier;
mod faults;
mod held;
mod lease;
mod originals;
mod place;
mod samples;
mod sqlite;
mod suite;
mod threads;
mod totals;

macro_rules! on_every_engine {
    ($($topic:ident { $($fact:ident,)* })*) => {
        mod memory {
            $($(#[test] fn $fact() { crate::$topic::$fact::<crate::place::MemoryPlace>(); })*)*
        }
        mod on_sqlite {
            $($(#[test] fn $fact() { crate::$topic::$fact::<crate::place::SqlitePlace>(); })*)*
        }
    };
}

on_every_engine!(
    suite {
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
    }
    claims {
        a_refused_save_comes_back_sealed_and_can_be_saved_again,
        a_window_may_be_taken_only_from_the_holder_that_is_named,
        a_telegram_key_cannot_be_taken_over,
        the_first_of_its_claims_that_is_held_is_told,
        a_window_ends,
        a_window_and_a_key_do_not_meet,
        a_step_is_saved_only_with_the_claims_it_has_to_win,
        a_payment_may_claim_what_it_holds_already,
    }
    originals {
        a_tombstone_is_stored_and_nothing_follows_from_it,
        a_tombstone_and_a_request_contend_for_the_key,
        a_key_finds_its_payment_after_the_claim_is_gone,
        under_one_key_the_payment_that_is_no_tombstone_is_found_else_the_newest,
        a_cancel_finds_its_payment_by_its_serial,
        a_cancel_that_was_never_sent_is_found_by_no_serial,
        a_payment_with_cancels_is_replayed_from_its_events,
    }
    lease {
        what_an_instance_had_open_is_taken_over_once_its_lease_has_ended,
        what_one_instance_has_open_stays_its_own_whoever_saves_it,
        what_lay_in_the_kernel_of_who_is_taken_over_has_five_seconds_to_leave,
        the_last_byte_of_who_is_taken_over_is_told_by_the_later_of_both_clocks,
        each_read_and_each_save_tells_whose_a_payment_is,
        what_is_not_bound_becomes_that_of_who_opens_it_or_tells_it_again,
        nothing_is_taken_over_of_who_never_had_a_lease_nor_of_oneself,
        each_pile_is_read_page_by_page_and_counted,
    }
    totals {
        nothing_is_counted_of_a_terminal_that_did_nothing,
        each_kind_is_counted_with_its_amount,
        a_net_cancelled_approval_counts_once_and_as_a_net_cancel,
        a_tombstone_counts_as_a_net_cancel_of_its_original,
        a_cancel_counts_on_its_own_day_with_its_own_amount_once_it_is_done,
        another_terminal_and_another_day_are_not_counted,
    }
);
