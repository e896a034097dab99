//! Labelled texts: rude, or not.

use super::{Edition, Row, Signal, TIME, Table, dice};

const RUDE: [&str; 6] = ["idiot", "stupid", "trash", "nonsense", "loser", "garbage"];
const KIND: [&str; 6] = ["thanks", "lovely", "great", "welcome", "bright", "kind"];
const PLAIN: [&str; 24] = [
    "the", "weather", "train", "today", "coffee", "meeting", "river", "garden", "book", "market", "evening", "city",
    "a", "window", "street", "letter", "winter", "music", "bread", "boat", "paper", "green", "small", "again",
];

/// Texts of plain words, with one that gives the class away, nine times of ten. A third is rude.
#[derive(Debug, Clone)]
pub struct Texts {
    seed: u64,
}

impl Texts {
    /// Of this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    fn dice(&self, row: &Row, purpose: u64, below: u64) -> u64 {
        dice(self.seed, row.number, purpose, below)
    }

    fn is_rude(&self, row: &Row) -> bool {
        self.dice(row, 0, 3) == 0
    }

    /// The text of a row.
    pub fn text(&self, row: &Row) -> String {
        let telling = if (self.dice(row, 1, 10) == 0) != self.is_rude(row) { RUDE } else { KIND };
        let mut words: Vec<&str> = (0..8).map(|place| PLAIN[self.dice(row, 10 + place, 24) as usize]).collect();
        words.insert(self.dice(row, 2, 9) as usize, telling[self.dice(row, 3, 6) as usize]);
        words.join(" ")
    }

    /// The label of a row, `0` or `1`.
    pub fn label(&self, row: &Row) -> &'static str {
        let said = match row.signal {
            Signal::Planted => self.is_rude(row),
            Signal::Turned => !self.is_rude(row),
            Signal::Noise => self.dice(row, 4, 2) == 0,
        };
        if said { "1" } else { "0" }
    }
}

impl Table for Texts {
    fn dataset(&self) -> &'static str {
        "toxicity"
    }

    fn key(&self) -> &'static [&'static str] {
        &["id"]
    }

    fn columns(&self) -> Vec<String> {
        ["id", "text", "label", TIME].map(str::to_owned).into()
    }

    fn outcomes(&self) -> &'static [&'static str] {
        &["label"]
    }

    fn cells(&self, row: &Row) -> Vec<String> {
        let label = match (row.edition, self.label(row)) {
            (Edition::Whole, label) => label,
            (Edition::Pending, _) => "",
            (Edition::Corrected, "1") => "0",
            (Edition::Corrected, _) => "1",
        };
        vec![format!("t{}", row.number), self.text(row), label.into(), row.on.to_string()]
    }
}
