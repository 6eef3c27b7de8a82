//! What unfinished searches may become, followed now and then: it is made of all cards, which
//! takes a second or two, beside everything else.

use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use vitrine_suggest::Suggester;

use crate::live::{Live, SuggestTexts};

/// New products are suggested at most so much later.
const SUGGEST_EVERY: Duration = Duration::from_secs(60);

/// Makes suggesters of revised cards.
pub struct Suggestions {
    made: Instant,
    is_old: bool,
    making: Option<JoinHandle<Suggester>>,
}

impl Suggestions {
    pub fn new() -> Self {
        Self { made: Instant::now(), is_old: false, making: None }
    }

    /// What a revision of `live` suggests; `has_changed` says whether cards came or went.
    pub fn after(&mut self, has_changed: bool, live: &Live) -> Arc<Suggester> {
        self.is_old |= has_changed;
        if self.making.is_none() && self.is_old && self.made.elapsed() > SUGGEST_EVERY {
            let texts = {
                let rows = live.rows.read().unwrap_or_else(PoisonError::into_inner);
                SuggestTexts::of(&rows)
            };
            self.making = Some(std::thread::spawn(move || texts.suggester()));
            (self.made, self.is_old) = (Instant::now(), false);
        }
        let made = self.making.take_if(|making| making.is_finished());
        match made.map(JoinHandle::join) {
            Some(Ok(suggester)) => Arc::new(suggester),
            // One that failed is tried again with the next new card.
            Some(Err(_)) | None => Arc::clone(&live.suggester),
        }
    }
}
