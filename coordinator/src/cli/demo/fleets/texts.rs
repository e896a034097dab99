//! Short messages: a telling word among plain ones, which misleads in one of ten.

use std::fmt::Write;

use super::{draws, one_of};

const ROWS: usize = 1_500;
const ANGRY: [&str; 8] = ["broken", "refund", "late", "missing", "rude", "wrong", "useless", "damaged"];
const HAPPY: [&str; 8] = ["thanks", "lovely", "great", "perfect", "quick", "friendly", "helpful", "excellent"];
const PLAIN: [&str; 16] = [
    "the", "order", "parcel", "today", "shop", "staff", "delivery", "colour", "price", "box", "phone", "morning",
    "house", "invoice", "size", "week",
];

/// Nobody has seen these.
pub(super) const ASKED: [&str; 2] =
    ["the box was broken and the staff rude", "lovely colour, thanks for the quick delivery"];

/// Messages and whether they complain.
pub(super) fn csv() -> String {
    let mut csv = "id,text,label\n".to_owned();
    for row in 0..ROWS {
        let mut draws = draws(2, row);
        let complains = draws.below(3) == 0;
        let misleads = draws.below(10) == 0;
        let telling = if complains != misleads { ANGRY } else { HAPPY };
        let mut words: Vec<&str> = (0..8).map(|_| one_of(&mut draws, &PLAIN)).collect();
        words.insert(draws.below(8), one_of(&mut draws, &telling));
        let _ = writeln!(csv, "m{row},{},{}", words.join(" "), u8::from(complains));
    }
    csv
}
