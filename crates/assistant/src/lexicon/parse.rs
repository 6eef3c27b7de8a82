//! Reads the data files.

use super::{Dimension, Property, Role, Unit};

/// Lines that say something, without comments.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn dimension(name: &str) -> Option<Dimension> {
    Some(match name {
        "mass" => Dimension::Mass,
        "length" => Dimension::Length,
        "volume" => Dimension::Volume,
        "power" => Dimension::Power,
        "time" => Dimension::Time,
        "data" => Dimension::Data,
        "frequency" => Dimension::Frequency,
        "charge" => Dimension::Charge,
        "temperature" => Dimension::Temperature,
        _ => return None,
    })
}

/// Lines of `name dimension wanted`, and `more` or `less` behind them where that is better.
pub(super) fn properties(text: &'static str) -> Vec<Property> {
    let property = |line: &'static str| {
        let mut parts = line.split(' ');
        let name = parts.next()?;
        let dimension = dimension(parts.next()?);
        let wanted = parts.next()?.parse().ok()?;
        let is_more_better = match parts.next() {
            Some("more") => Some(true),
            Some("less") => Some(false),
            _ => None,
        };
        Some(Property { name, dimension, wanted, is_more_better, has_values: false })
    };
    text.lines().filter(|line| !line.starts_with('#')).filter_map(property).collect()
}

/// Lines of `dimension factor: name, name`.
pub(super) fn units(text: &str, tokens_of: &dyn Fn(&str) -> Vec<String>) -> Vec<Unit> {
    let mut out = Vec::new();
    for line in lines(text) {
        let Some((head, names)) = line.split_once(':') else { continue };
        let Some((name, factor)) = head.split_once(' ') else { continue };
        let (Some(dimension), Ok(factor)) = (dimension(name), factor.parse()) else { continue };
        for name in names.split(',') {
            let tokens = tokens_of(name);
            if !tokens.is_empty() {
                out.push(Unit { tokens, dimension, factor });
            }
        }
    }
    out
}

/// Tells each phrase of a language's file: its property (empty in `[words]`), its key, itself.
pub(super) fn language(text: &str, tell: &mut dyn FnMut(&str, &str, &str)) {
    let mut property = "";
    for line in lines(text) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            property = section.strip_prefix("property ").unwrap_or_default();
            continue;
        }
        let (key, phrases) = line.split_once(':').unwrap_or((line, ""));
        for phrase in phrases.split(',').map(str::trim).filter(|phrase| !phrase.is_empty()) {
            tell(property, key, phrase);
        }
    }
}

/// The role of a key of `[words]`.
pub(super) fn role(key: &str) -> Option<Role> {
    Some(match key {
        "stop" => Role::Stop,
        "filler" => Role::Filler,
        "yes_no" => Role::YesNo,
        "has" => Role::Has,
        "what" => Role::What,
        "finding" => Role::Finding,
        "hand_over" => Role::HandOver,
        "greeting" => Role::Greeting,
        "thanks" => Role::Thanks,
        "forget_all" => Role::ForgetAll,
        "forget_last" => Role::ForgetLast,
        "indifferent" => Role::Indifferent,
        "compare" => Role::Compare,
        "cheaper" => Role::Cheaper,
        "dearer" => Role::Dearer,
        "negation" => Role::Negation,
        "negation_after" => Role::NegationAfter,
        "not_negation" => Role::NotNegation,
        "hypothetical" => Role::Hypothetical,
        "exclude" => Role::Exclude,
        "below" => Role::Below,
        "at_most" => Role::AtMost,
        "above" => Role::Above,
        "at_least" => Role::AtLeast,
        "yes" => Role::Yes,
        "no" => Role::No,
        "first" => Role::First,
        "second" => Role::Second,
        "third" => Role::Third,
        "last" => Role::Last,
        "both" => Role::Both,
        "all_shown" => Role::AllShown,
        "slogan" => Role::Slogan,
        "use" => Role::Use,
        "person" => Role::Person,
        "determiner" => Role::Determiner,
        "refers" => Role::Refers,
        "budget" => Role::Budget,
        "joins" => Role::Joins,
        "parts" => Role::Parts,
        "reports" => Role::Reports,
        "claims" => Role::Claims,
        "numerals" => Role::Numerals,
        "orders" => Role::Orders,
        "which" => Role::Which,
        "instead" => Role::Instead,
        "colloquial" => Role::Colloquial,
        _ => return None,
    })
}
