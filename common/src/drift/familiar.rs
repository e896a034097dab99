//! What a training has met: ids and words, so that it can be told which of those that come later are met for the first time.
//!
//! Among the training rows, too, some users and words are met for the first time: the share of these is what later rows are compared
//! with. At the beginning everything is new, so it is taken from the newer half of the training rows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bits for each thing that is known: of others, one in so many is taken for known.
const BITS_EACH: usize = 16;
/// A megabyte at most.
const MOST_BITS: usize = 8 << 20;
const WORD: usize = u64::BITS as usize;

/// Everything that was met.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Familiar {
    /// By what is known: users, items, words.
    pub known: BTreeMap<String, Known>,
    /// The most common words, the most common first: each is an input of its own.
    pub words: Vec<String>,
}

/// A set of ids or words, as one bit of a hash each: it knows all that are in it, and takes few others for known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Known(Vec<u64>);

impl Familiar {
    /// Whether it was met.
    pub fn knows(&self, of: &str, text: &str) -> bool {
        self.known.get(of).is_some_and(|known| known.contains(text))
    }
}

impl Known {
    /// Knows these; `count`: how many there are about, by which room is made.
    pub fn of<T: AsRef<str>>(all: impl IntoIterator<Item = T>, count: usize) -> Self {
        let bits = (count * BITS_EACH).next_power_of_two().clamp(WORD, MOST_BITS);
        let mut known = Self(vec![0; bits / WORD]);
        for one in all {
            let (word, bit) = known.place(one.as_ref());
            if let Some(word) = known.0.get_mut(word) {
                *word |= bit;
            }
        }
        known
    }

    /// Whether it was among them, most probably.
    pub fn contains(&self, text: &str) -> bool {
        let (word, bit) = self.place(text);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    fn place(&self, text: &str) -> (usize, u64) {
        let digest = Sha256::digest(text.as_bytes());
        let hash = digest.iter().take(8).fold(0u64, |hash, byte| hash << 8 | u64::from(*byte));
        let bits = (self.0.len() * WORD).max(1) as u64;
        let place = (hash % bits) as usize;
        (place / WORD, 1 << (place % WORD))
    }
}
