//! A shopper to rank for.

use serde::{Deserialize, Serialize};
use vitrine_domain::Event;

/// A shopper to rank for: made up in the Studio, or drawn from the shop's log.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// What they did, oldest first.
    pub events: Vec<Event>,
    /// When they look at the shop, milliseconds since 1970-01-01 UTC; `None` is the second
    /// after the last event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now_ms: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_may_be_left_out_and_nothing_may_be_added() {
        let persona: Persona = serde_json::from_str(r#"{"events":[]}"#).expect("a persona");
        assert_eq!(persona, Persona::default());
        assert_eq!(serde_json::to_string(&persona).expect("json"), r#"{"events":[]}"#);
        let named = r#"{"events":[],"name":"Ada"}"#;
        assert!(serde_json::from_str::<Persona>(named).is_err());
    }
}
