//! Why the ranking runs where it runs, in words.

use vitrine_device::BackendReason;
use vitrine_words::session::t;

/// Why the ranking runs where it runs.
pub(crate) fn backend_words(reason: &BackendReason) -> String {
    match reason {
        BackendReason::Forced => t!("backend.forced").to_owned(),
        BackendReason::Faster => t!("backend.faster").to_owned(),
        BackendReason::NotMeasured => t!("backend.not_measured").to_owned(),
        BackendReason::NotBuilt => t!("backend.not_built").to_owned(),
        BackendReason::Unavailable { detail } => t!("backend.unavailable", detail = detail),
        BackendReason::SelfCheckScores { difference_max } => {
            t!("backend.scores", difference = difference_max)
        }
        BackendReason::SelfCheckCandidates => t!("backend.candidates").to_owned(),
        BackendReason::TooManyItems { n_items } => t!("backend.too_many", n = n_items),
        BackendReason::Failed { detail } => t!("backend.failed", detail = detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_english_a_shopper_is_told_what_logs_say() {
        let detail = || "lost".to_owned();
        let backend = [
            BackendReason::Forced,
            BackendReason::Faster,
            BackendReason::NotMeasured,
            BackendReason::NotBuilt,
            BackendReason::Unavailable { detail: detail() },
            BackendReason::SelfCheckScores { difference_max: 0.5 },
            BackendReason::SelfCheckCandidates,
            BackendReason::TooManyItems { n_items: 70_000 },
            BackendReason::Failed { detail: detail() },
        ];
        backend.iter().for_each(|reason| assert_eq!(backend_words(reason), reason.to_string()));
    }
}
