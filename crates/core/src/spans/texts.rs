//! Texts that spans name by a number: names, flows, components, reasons.

use std::collections::HashMap;
use std::sync::Arc;

use crate::layout::spans::{MOST_TEXT_BYTES, MOST_TEXTS};

/// All texts of a meter. None is ever taken back, so numbers keep their meaning.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    numbers: HashMap<Arc<str>, u32>,
    list: TextList,
}

/// Texts by their numbers, which begin at 1.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextList(Arc<Vec<Arc<str>>>);

impl Texts {
    /// The number of a text that has one.
    pub(crate) fn number(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// Whether a text that has no number can get one.
    pub(crate) fn takes(&self, text: &str) -> bool {
        text.len() <= MOST_TEXT_BYTES as usize && self.list.0.len() < MOST_TEXTS as usize
    }

    /// Gives a new text its number.
    pub(crate) fn add(&mut self, text: Arc<str>) -> u32 {
        let number = self.list.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }

    /// As they are now, for who reads without the lock.
    pub(crate) fn list(&self) -> TextList {
        self.list.clone()
    }
}

impl TextList {
    /// Adds the next one.
    pub(crate) fn push(&mut self, text: Arc<str>) -> u32 {
        let list = Arc::make_mut(&mut self.0);
        list.push(text);
        list.len() as u32
    }

    /// The text of that number; 0 is the number of none.
    pub(crate) fn get(&self, number: u32) -> Option<&Arc<str>> {
        self.0.get((number as usize).checked_sub(1)?)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.iter()
    }
}
