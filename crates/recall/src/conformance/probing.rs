//! What a probe promises, and when a search gives up.

use std::time::Instant;

use super::*;
use crate::{Attempt, Deadline};

/// The first attempt that a probe names is the first that a search finds something
/// for, and words are counted under the filters of the last.
pub fn a_probe_says_what_a_search_finds(make: Factory) {
    let engine = make(fixture());
    let of_department = |name: &str| Filters { departments: one_of(&[name]), ..Filters::default() };
    let impossible = Filters { price_minor_max: Some(0), ..of_department("Dairy") };
    let attempt = |filters: &Filters, left_out: &[&str]| Attempt {
        filters: filters.clone(),
        left_out: one_of(left_out),
    };
    let dairy = of_department("Dairy");
    let lists = [
        vec![attempt(&impossible, &[]), attempt(&dairy, &[]), attempt(&Filters::default(), &[])],
        vec![attempt(&impossible, &["milk"]), attempt(&impossible, &[])],
        vec![attempt(&dairy, &["milk", "bread"]), attempt(&dairy, &["bread"])],
        vec![],
    ];
    for (text, near) in [("milk bread ", None), ("milk zzqxjv bread ", None), ("bread ", Some(3))] {
        for attempts in &lists {
            let mut asked = request(text, Filters::default(), first_page());
            asked.vector = near.map(vector);
            let probe = engine.probe(&asked, attempts).expect("a legal probe");
            let finds = |attempt: &Attempt| {
                let mut search = asked.clone();
                search.query.filters = attempt.filters.clone();
                search.left_out = attempt.left_out.clone();
                if !attempt.left_out.is_empty() {
                    search.vector = None;
                }
                ask(&*engine, &search)
            };
            let first = attempts.iter().position(|attempt| finds(attempt).n_total > 0);
            assert_eq!(probe.first, first, "{text:?} {attempts:?}");
            if let Some(last) = attempts.last() {
                let counted = Attempt { left_out: Vec::new(), ..last.clone() };
                assert_eq!(probe.words, finds(&counted).words, "{text:?} {attempts:?}");
            }
        }
    }
    let browse = request("", Filters::default(), first_page());
    let attempts = [attempt(&impossible, &[]), attempt(&dairy, &[])];
    assert_eq!(engine.probe(&browse, &attempts).expect("a legal probe").first, Some(1));
}

/// Nothing is answered once the deadline has passed; before, it changes nothing.
pub fn a_search_past_its_deadline_stops(make: Factory) {
    let engine = make(fixture());
    let asked = request("milk bread", Filters::default(), first_page());
    let late = RecallRequest { deadline: Deadline::at(Instant::now()), ..asked.clone() };
    assert!(matches!(engine.search(&late), Err(RecallError::Late)));
    let attempts = [Attempt::default()];
    assert!(matches!(engine.probe(&late, &attempts), Err(RecallError::Late)));
    let in_time = Deadline::at(Instant::now() + std::time::Duration::from_secs(3_600));
    let in_time = RecallRequest { deadline: in_time, ..asked.clone() };
    assert_eq!(ask(&*engine, &in_time), ask(&*engine, &asked));
}
