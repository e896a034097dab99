//! Words and characters in a row, hashed into slots: the features of a text.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::tokens::Tokens;
use common::vocabulary::TextHyper;

/// What an n-gram is made of. Each kind has its own half of the slots, and its own norm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Words and signs in a row, or a pair of them with a few left out between (Guthrie et al. 2006).
    Words,
    /// Characters in a row, within a piece between blanks and the blanks around it.
    Characters,
}

/// How n-grams are made and hashed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ngrams {
    words: usize,
    /// Most words left out between the two of a pair.
    gap: usize,
    chars: (usize, usize),
    /// Bits of a slot within its half.
    bits: u32,
}

/// Where an n-gram is in the text as it is read, in bytes.
#[derive(Debug, Clone)]
pub(crate) struct NgramPosition {
    whole: Range<usize>,
    /// What lies between the two words of a pair; empty for all others.
    left_out: Range<usize>,
}

impl NgramPosition {
    fn whole(whole: Range<usize>) -> Self {
        Self { left_out: whole.end..whole.end, whole }
    }

    /// The n-gram, with ` … ` for words left out.
    pub(crate) fn read(&self, text: &str) -> String {
        let (before, after) = (&text[self.whole.start..self.left_out.start], &text[self.left_out.end..self.whole.end]);
        if after.is_empty() { before.to_owned() } else { format!("{before} … {after}") }
    }
}

/// One slot a text has, and how often. Slots of a bag are in order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Count {
    pub(crate) slot: u32,
    pub(crate) count: u32,
}

impl Ngrams {
    pub(crate) fn new(hyper: &TextHyper) -> Self {
        Self {
            words: hyper.words as usize,
            gap: hyper.gap as usize,
            chars: (hyper.chars_min as usize, hyper.chars_max as usize),
            bits: hyper.hash_bits - 1,
        }
    }

    /// How many slots there are.
    pub(crate) fn slots(&self) -> usize {
        2 << self.bits
    }

    /// The half of the slots this one lies in.
    pub(crate) fn kind(&self, slot: u32) -> Kind {
        if slot >> self.bits == 0 { Kind::Words } else { Kind::Characters }
    }

    /// Adds the counts of a text to `bag`. `slots` is scratch space.
    pub(crate) fn bag(&self, text: &str, slots: &mut Vec<u32>, bag: &mut Vec<Count>) {
        slots.clear();
        self.visit(&Tokens::of(text), |slot, _| slots.push(slot));
        slots.sort_unstable();
        bag.extend(slots.chunk_by(|a, b| a == b).map(|run| Count { slot: run[0], count: run.len() as u32 }));
    }

    /// Calls `visit` with the slot and place of every n-gram.
    pub(crate) fn visit(&self, tokens: &Tokens, mut visit: impl FnMut(u32, NgramPosition)) {
        self.visit_words(tokens, &mut visit);
        self.visit_characters(tokens, &mut visit);
    }

    fn visit_words(&self, tokens: &Tokens, visit: &mut impl FnMut(u32, NgramPosition)) {
        let hash = |span: &Range<usize>| tokens.text[span.clone()].bytes().fold(SEED, |hash, b| step(hash, b.into()));
        let hashes: Vec<u64> = tokens.spans.iter().map(|(_, span)| hash(span)).collect();
        for first in 0..hashes.len() {
            let mut run = SEED;
            for (last, hash) in hashes.iter().enumerate().skip(first).take(self.words) {
                run = step(run, *hash);
                let position = NgramPosition::whole(tokens.spans[first].1.start..tokens.spans[last].1.end);
                visit(self.slot(run, Kind::Words), position);
            }
            for (last, hash) in hashes.iter().enumerate().skip(first + 2).take(self.gap) {
                let pair = step(step(!SEED, hashes[first]), *hash);
                let position = NgramPosition {
                    whole: tokens.spans[first].1.start..tokens.spans[last].1.end,
                    left_out: tokens.spans[first].1.end..tokens.spans[last].1.start,
                };
                visit(self.slot(pair, Kind::Words), position);
            }
        }
    }

    fn visit_characters(&self, tokens: &Tokens, visit: &mut impl FnMut(u32, NgramPosition)) {
        let (min, max) = self.chars;
        let mut piece: Vec<(usize, char)> = Vec::new();
        for (at, c) in tokens.text.char_indices() {
            piece.push((at, c));
            if c != ' ' || piece.len() == 1 {
                continue;
            }
            for first in 0..piece.len() {
                let mut run = SEED;
                for (length, (at, c)) in (1..=max).zip(&piece[first..]) {
                    run = step(run, u64::from(*c));
                    // A piece shorter than the shortest n-gram counts once, whole.
                    if length >= min || length == piece.len() {
                        visit(
                            self.slot(run, Kind::Characters),
                            NgramPosition::whole(piece[first].0..at + c.len_utf8()),
                        );
                    }
                }
            }
            piece.clear();
            piece.push((at, ' '));
        }
    }

    fn slot(&self, hash: u64, kind: Kind) -> u32 {
        // The finaliser of SplitMix64, so that every bit of the hash counts.
        let mixed = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        let half = if kind == Kind::Words { 0 } else { 1 << self.bits };
        ((mixed ^ mixed >> 31) >> (64 - self.bits)) as u32 | half
    }
}

/// Where a hash starts (the offset of FNV-1a; Fowler, Noll and Vo, 1991).
const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// One step of a hash: FNV-1a over whole numbers.
fn step(hash: u64, next: u64) -> u64 {
    let mixed = (hash ^ next).wrapping_mul(0x0100_0000_01b3);
    mixed ^ mixed >> 32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn read(text: &str, kind: Kind) -> Vec<String> {
        let ngrams = Ngrams::new(&TextHyper { words: 2, gap: 1, chars_min: 3, chars_max: 4, ..TextHyper::default() });
        let tokens = Tokens::of(text);
        let mut found = Vec::new();
        ngrams.visit(&tokens, |slot, position| {
            if ngrams.kind(slot) == kind {
                found.push(position.read(&tokens.text));
            }
        });
        found
    }

    #[test]
    fn ngrams_can_be_read_again() {
        assert_eq!(read("One two!", Kind::Words), ["one", "one two", "one … !", "two", "two!", "!"]);
        assert_eq!(read("one a", Kind::Characters), [" on", " one", "one", "one ", "ne ", " a "]);
        assert!(read("", Kind::Characters).is_empty());
    }

    #[test]
    fn equal_ngrams_share_a_slot_and_others_hardly_ever() {
        let ngrams = Ngrams::new(&TextHyper::default());
        let (mut slots, mut bag) = (Vec::new(), Vec::new());
        ngrams.bag("bees bees bees", &mut slots, &mut bag);
        assert!(bag.is_sorted_by_key(|count| count.slot));
        assert_eq!(bag.iter().map(|count| count.count).max(), Some(3));
        let hashed: BTreeSet<u32> =
            (0..10_000).map(|n: u32| ngrams.slot(step(SEED, u64::from(n)), Kind::Words)).collect();
        assert!(hashed.len() > 9_920, "{}", hashed.len());
    }

    /// Stored models rely on these never changing.
    #[test]
    fn slots_are_the_same_in_every_build() {
        let mut slots = Vec::new();
        Ngrams::new(&TextHyper::default()).visit(&Tokens::of("ab c"), |slot, _| slots.push(slot));
        assert_eq!(slots, [1_016_863, 785_111, 334_922, 1_425_655, 1_065_172, 1_197_045, 1_344_629]);
    }
}
