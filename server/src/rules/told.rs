//! What is wrong with a draft, as the Studio is told.

use vitrine_rules::RuleFault;
use vitrine_rules::authoring::{RuleNameKind, RuleProblem, RuleProblemKind};
use vitrine_studio_api::{DraftProblem, DraftProblemCode};

/// A problem as the Studio is told.
pub fn told_problem(of: RuleProblem) -> DraftProblem {
    let RuleProblem { rule, problem } = of;
    let told = DraftProblem {
        rule,
        code: code(&problem),
        is_refused: problem.is_refused(),
        detail: detail(&problem),
        ..DraftProblem::default()
    };
    match problem {
        RuleProblemKind::Invalid(RuleFault::SensitiveAudience { name })
        | RuleProblemKind::UnknownTimeZone { name }
        | RuleProblemKind::UnknownName { name, .. } => DraftProblem { name: Some(name), ..told },
        RuleProblemKind::UnknownItem { item } => DraftProblem { item: Some(item), ..told },
        RuleProblemKind::SamePlace { place, other } => {
            DraftProblem { place: Some(place), other: Some(other), ..told }
        }
        RuleProblemKind::PlacedAndHidden { item, other } => {
            DraftProblem { item: Some(item), other: Some(other), ..told }
        }
        _ => told,
    }
}

fn code(problem: &RuleProblemKind) -> DraftProblemCode {
    match problem {
        RuleProblemKind::Invalid(RuleFault::NotForAudiences { .. }) => {
            DraftProblemCode::NotForAudiences
        }
        RuleProblemKind::Invalid(RuleFault::SensitiveAudience { .. }) => {
            DraftProblemCode::SensitiveAudience
        }
        RuleProblemKind::Invalid(_) => DraftProblemCode::Invalid,
        RuleProblemKind::TooManyRules { .. } => DraftProblemCode::TooManyRules,
        RuleProblemKind::UnknownTimeZone { .. } => DraftProblemCode::UnknownTimeZone,
        RuleProblemKind::UnknownItem { .. } => DraftProblemCode::UnknownItem,
        RuleProblemKind::UnknownName { kind, .. } => match kind {
            RuleNameKind::Department => DraftProblemCode::UnknownDepartment,
            RuleNameKind::Category => DraftProblemCode::UnknownCategory,
            RuleNameKind::Brand => DraftProblemCode::UnknownBrand,
        },
        RuleProblemKind::MatchesNothing { .. } => DraftProblemCode::MatchesNothing,
        RuleProblemKind::IsOver => DraftProblemCode::IsOver,
        RuleProblemKind::SamePlace { .. } => DraftProblemCode::SamePlace,
        RuleProblemKind::PlacedAndHidden { .. } => DraftProblemCode::PlacedAndHidden,
        RuleProblemKind::SynonymLoop => DraftProblemCode::SynonymLoop,
        RuleProblemKind::RedirectLoop => DraftProblemCode::RedirectLoop,
    }
}

/// What is wrong, with why it cannot be published.
fn detail(problem: &RuleProblemKind) -> String {
    match problem {
        RuleProblemKind::Invalid(fault) => format!("{problem}: {fault}"),
        _ => problem.to_string(),
    }
}
