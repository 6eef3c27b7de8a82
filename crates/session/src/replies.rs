//! Answers to the last searches, kept in the tab, so that neither going back to
//! one nor a reload of its page asks again: a request must not tell where the
//! shopper was in between.

use std::cell::RefCell;
use std::rc::Rc;

use crate::Tab;

/// Answers kept; the oldest goes first.
pub const REPLIES_MAX: usize = 16;

/// The answers of one tab.
pub(crate) struct Replies {
    tab: Rc<dyn Tab>,
    slots: RefCell<Slots>,
}

/// Which search each slot answers.
struct Slots {
    bodies: [Option<String>; REPLIES_MAX],
    /// Answers kept so far; the next one's slot is this modulo [`REPLIES_MAX`].
    n_kept: usize,
}

/// One answer as a text: its number, its search and itself, one line each.
struct Kept<'a> {
    number: usize,
    body: &'a str,
    reply: &'a str,
}

impl<'a> Kept<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (number, rest) = text.split_once('\n')?;
        let (body, reply) = rest.split_once('\n')?;
        Some(Self { number: number.parse().ok()?, body, reply })
    }

    fn write(&self) -> String {
        format!("{}\n{}\n{}", self.number, self.body, self.reply)
    }
}

fn key(slot: usize) -> String {
    format!("reply-{slot}")
}

impl Replies {
    /// Finds what an earlier page of the tab has kept.
    pub fn of(tab: Rc<dyn Tab>) -> Self {
        let mut slots = Slots { bodies: Default::default(), n_kept: 0 };
        for (slot, body) in slots.bodies.iter_mut().enumerate() {
            let text = tab.kept(&key(slot));
            let Some(kept) = text.as_deref().and_then(Kept::read) else { continue };
            *body = Some(kept.body.to_owned());
            slots.n_kept = slots.n_kept.max(kept.number + 1);
        }
        Self { tab, slots: RefCell::new(slots) }
    }

    /// The answer to a search, given as the body of its request.
    pub fn find(&self, body: &str) -> Option<Vec<u8>> {
        let slots = self.slots.borrow();
        let slot = slots.bodies.iter().position(|kept| kept.as_deref() == Some(body))?;
        let text = self.tab.kept(&key(slot))?;
        Some(Kept::read(&text)?.reply.as_bytes().to_vec())
    }

    /// Keeps an answer. Where the tab has no room for it, the others go; where
    /// there is none even then, it is not kept.
    pub fn keep(&self, body: &str, reply: &[u8]) {
        let Ok(reply) = str::from_utf8(reply) else { return };
        let mut slots = self.slots.borrow_mut();
        for slot in 0..REPLIES_MAX {
            // An earlier answer to the same search.
            if slots.bodies[slot].as_deref() == Some(body) {
                slots.bodies[slot] = None;
                self.tab.forget(&key(slot));
            }
        }
        let number = slots.n_kept;
        let slot = number % REPLIES_MAX;
        let text = Kept { number, body, reply }.write();
        let mut is_kept = self.tab.keep(&key(slot), &text);
        if !is_kept {
            self.forget_slots(&mut slots);
            is_kept = self.tab.keep(&key(slot), &text);
        }
        slots.bodies[slot] = is_kept.then(|| body.to_owned());
        slots.n_kept = number + 1;
    }

    /// Forgets all.
    pub fn forget(&self) {
        self.forget_slots(&mut self.slots.borrow_mut());
    }

    fn forget_slots(&self, slots: &mut Slots) {
        (0..REPLIES_MAX).for_each(|slot| self.tab.forget(&key(slot)));
        slots.bodies = Default::default();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::{Change, LoneTab};

    #[test]
    fn answers_outlive_the_page_and_the_oldest_goes_first() {
        let tab: Rc<dyn Tab> = Rc::new(LoneTab::default());
        let first = Replies::of(Rc::clone(&tab));
        for n in 0..REPLIES_MAX + 3 {
            first.keep(&format!("search {n}"), format!("reply\n{n}").as_bytes());
        }
        let second = Replies::of(tab);
        second.keep("search 3", b"newer");
        second.keep("one more", b"reply");
        let found = |n: usize| second.find(&format!("search {n}"));
        for gone in [0, 1, 2, 4] {
            assert_eq!(found(gone), None, "search {gone}");
        }
        assert_eq!(found(3), Some(b"newer".to_vec()), "the newer answer, no longer the oldest");
        assert_eq!(found(5).as_deref(), Some(&b"reply\n5"[..]));
        assert_eq!(found(REPLIES_MAX + 2).as_deref(), Some(&b"reply\n18"[..]));
        assert_eq!(second.find("one more").as_deref(), Some(&b"reply"[..]));
        second.forget();
        assert_eq!(found(5), None);
    }

    /// Has room for so many bytes.
    struct Narrow(LoneTab, Cell<usize>);

    impl Tab for Narrow {
        fn tell(&self, _change: Change) {}

        fn listen(&self, _heard: crate::Heard) {}

        fn kept(&self, key: &str) -> Option<String> {
            self.0.kept(key)
        }

        fn keep(&self, key: &str, text: &str) -> bool {
            let room = self.1.get() + self.0.kept(key).map_or(0, |text| text.len());
            if text.len() > room {
                return false;
            }
            self.1.set(room - text.len());
            self.0.keep(key, text)
        }

        fn forget(&self, key: &str) {
            self.1.set(self.1.get() + self.0.kept(key).map_or(0, |text| text.len()));
            self.0.forget(key);
        }
    }

    #[test]
    fn a_full_tab_makes_room_for_the_newest() {
        let replies = Replies::of(Rc::new(Narrow(LoneTab::default(), Cell::new(100))));
        replies.keep("a", &[b'x'; 60]);
        replies.keep("b", &[b'y'; 60]);
        assert_eq!(replies.find("a"), None);
        assert_eq!(replies.find("b").map(|reply| reply.len()), Some(60));
        replies.keep("c", &[b'z'; 200]);
        assert_eq!(replies.find("c"), None, "more than there is room for at all");
    }
}
