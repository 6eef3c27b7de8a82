//! What holds with each database: SQLite in a temporary folder and, with the feature
//! `postgres`, the PostgreSQL server that `VITRINE_POSTGRES_URL` names. Without that variable
//! its cases show as ignored.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is how it fails")]

mod accounts;
mod audit;
mod bench;
mod keys;
mod links;
mod second_factor;
mod sessions;
mod sign_in;
mod store;

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use bench::Bench;

/// A case, run with a fresh database.
type Case = fn(Bench) -> Pin<Box<dyn Future<Output = ()>>>;

/// Names of async functions as cases.
macro_rules! cases {
    ($module:ident: $($name:ident),+ $(,)?) => {
        vec![$((
            concat!(stringify!($module), "::", stringify!($name)),
            (|bench| Box::pin($module::$name(bench))) as $crate::Case,
        )),+]
    };
}

fn all() -> Vec<(&'static str, Case)> {
    [
        cases!(accounts:
            the_last_admin_stays, two_admins_cannot_remove_each_other_at_once,
            who_may_not_manage_changes_nothing, a_deleted_account_is_gone_with_what_was_its,
            names_are_changed_by_oneself_or_an_admin,
        ),
        cases!(links:
            the_first_admin_comes_by_the_newest_link_alone, an_invitation_makes_one_account,
            a_refused_account_leaves_the_link_open, two_tasks_with_one_link_make_one_account,
            a_link_ends_with_time_and_by_being_taken_back, a_new_password_ends_what_was_open,
            links_of_who_lost_the_right_are_void,
        ),
        cases!(sessions:
            a_session_ends_by_idleness_and_by_age, use_is_written_once_a_minute,
            csrf_tokens_belong_to_their_session, signing_out_ends_one_or_all,
            a_change_of_rights_ends_sessions, the_oldest_of_too_many_sessions_ends,
            what_has_expired_is_swept,
        ),
        cases!(sign_in:
            what_is_wrong_is_not_said, guesses_are_limited_and_the_owner_comes_in,
            an_unknown_account_takes_as_long, hashes_rise_with_their_cost,
            ones_own_password_is_changed_by_who_knows_it, a_disabled_account_is_told_so,
        ),
        cases!(second_factor:
            a_code_is_needed_and_taken_once, one_code_signs_one_of_two_in,
            recovery_codes_work_once, an_app_is_confirmed_before_it_counts,
            an_admin_removes_a_lost_app, wrong_codes_are_guesses,
        ),
        cases!(keys:
            a_key_opens_what_it_is_for_until_it_ends, names_are_unique_among_keys_in_use,
            a_file_of_keys_is_taken_over_whole, only_an_admin_has_keys,
        ),
        cases!(store:
            opened_by_many_at_once_it_is_set_up_once, a_newer_schema_is_refused,
            only_a_file_is_backed_up,
        ),
        cases!(audit:
            every_change_writes_an_entry, a_change_that_fails_writes_none,
            tampering_in_the_middle_is_found, a_log_written_anew_is_found_by_a_kept_head,
            a_cut_end_is_found, entries_expire_and_the_rest_is_verified,
            what_is_too_large_is_refused, writers_wait_for_each_other,
        ),
    ]
    .concat()
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = all()
        .into_iter()
        .map(|(name, case)| {
            Trial::test(format!("sqlite::{name}"), move || run(Bench::sqlite, case))
        })
        .collect();
    #[cfg(feature = "postgres")]
    trials.extend(all().into_iter().map(|(name, case)| {
        Trial::test(format!("postgres::{name}"), move || run(Bench::postgres, case))
            .with_ignored_flag(bench::postgres_url().is_none())
    }));
    trials.sort_by(|a, b| a.name().cmp(b.name()));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn run<F: Future<Output = Bench>>(
    open: fn() -> F,
    case: Case,
) -> Result<(), libtest_mimic::Failed> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async { case(open().await).await });
    Ok(())
}
