//! Rows for trying out: made up from training rows alone, so that nothing of a row that judges gets into them.

use common::random::{Purpose, Stream};

use super::data::Row;
use super::side::Side;

/// Tries for each row until its text is one that may teach: seven of ten are.
const TRIES: usize = 20;

/// So many rows: each is as long as one of the `rows` and has its label, and its words are dealt out of those of all rows with that
/// label. Each may teach: its text is, by the hash that parts all texts, no one that judges.
pub(crate) fn simulated(rows: &[&Row], count: u32, seed: u64) -> Vec<Row> {
    let words = |label: bool| -> Vec<&str> {
        rows.iter().filter(|row| row.label == label).flat_map(|row| row.text.split_whitespace()).collect()
    };
    let pools = [words(false), words(true)];
    let mut draws = Stream::new(seed, Purpose::Simulation, 0, 0);
    let mut made = Vec::with_capacity(count as usize);
    for _ in 0..(count as usize * TRIES) {
        if made.len() == count as usize || rows.is_empty() {
            break;
        }
        let like = rows[draws.below(rows.len())];
        let pool = &pools[usize::from(like.label)];
        let text: Vec<&str> = like.text.split_whitespace().map(|_| pool[draws.below(pool.len())]).collect();
        let text = text.join(" ");
        if Side::of(&text) == Side::Train {
            let key = format!("simulated {}", made.len() + 1);
            made.push(Row { key, text, label: like.label, weight: 1.0, group: None });
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::super::data::{TextEntry, Texts};
    use super::*;

    /// D2: `--simulate`: of the words of its class, the same for the same seed, and on no side that judges.
    #[test]
    fn d2_simulated_rows_are_made_of_what_their_class_says() {
        let entry = |at: usize| {
            let (label, text) =
                if at.is_multiple_of(3) { (true, "rude words here") } else { (false, "kind ones over there") };
            TextEntry {
                key: at.to_string(),
                text: format!("{text} {}", "x".repeat(at)).into(),
                label: Some(label),
                ..TextEntry::default()
            }
        };
        let rows = Texts::of((0..60).map(entry)).rows;
        let rows: Vec<&Row> = rows.iter().collect();
        let made = simulated(&rows, 100, 1);
        assert_eq!((made.len(), made.iter().filter(|row| row.label).count() > 20), (100, true));
        let says = |label: bool, word: &str| made.iter().any(|row| row.label == label && row.text.contains(word));
        assert!(says(true, "rude") && says(false, "kind") && !says(true, "kind") && !says(false, "rude"));
        assert!(made.iter().all(|row| Side::of(&row.text) == Side::Train));
        assert!(made == simulated(&rows, 100, 1) && made != simulated(&rows, 100, 2));
        assert!(simulated(&[], 5, 1).is_empty());
    }
}
