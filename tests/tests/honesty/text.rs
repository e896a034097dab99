//! Small classifiers of texts.

use common::random::{Purpose, Stream};
use common::table::Cell;
use common::vocabulary::{ColumnKind, Family, Hyper, Reading, TextHyper};
use models::run::TrainError;

use crate::log::Log;
use crate::training::{Others, Trained};

const WORDS: usize = 40;

/// Texts of random words, of which a third are of the class; each has a last word of its own, so that no two are near-duplicates.
/// `telling`: how often a row of the class has a word that no other has.
pub(crate) fn texts(seed: u64, rows: u64, telling: f64) -> Log {
    let mut log = Log::of(&[("text", ColumnKind::Text), ("label", ColumnKind::Text), ("second", ColumnKind::Text)]);
    more(&mut log, seed, rows, telling);
    log
}

/// So many more of them.
pub(crate) fn more(log: &mut Log, seed: u64, rows: u64, telling: f64) {
    let mut draws = Stream::new(seed, Purpose::Weights, 0, 0);
    for row in 0..rows {
        let mut words: Vec<String> = (0..8).map(|_| letters(draws.below(WORDS) as u64)).collect();
        let is_positive = draws.uniform() < 1.0 / 3.0;
        if is_positive && draws.uniform() < telling {
            words[draws.below(8)] = "zebra".into();
        }
        words.push(letters(1_000_000 * (seed + 1) + row));
        let label = |positive| Cell::Text(u8::from(positive).to_string());
        let cells = vec![Cell::Text(words.join(" ")), label(is_positive), label(is_positive != (row % 9 == 0))];
        log.row(format!("{seed}-{row}"), row / 10, cells);
    }
}

/// A number in letters: digits are no words.
fn letters(number: u64) -> String {
    number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

/// How texts are read unless told otherwise.
pub(crate) fn reading() -> Reading {
    Reading::of(Family::Text).unwrap()
}

/// The same with a column in another role.
pub(crate) fn reading_with(role: &str, column: &str) -> Reading {
    reading().with(&[(role.to_owned(), column.to_owned())].into()).unwrap()
}

/// A training that must succeed; see [`train`].
pub(crate) fn trained(log: &Log, seed: u64, others: Others<'_>) -> Trained {
    train(log, reading(), seed, others).unwrap()
}

/// Trains on a log.
pub(crate) fn train(log: &Log, reading: Reading, seed: u64, others: Others<'_>) -> Result<Trained, TrainError> {
    log.train(reading, Hyper::Text(TextHyper { hash_bits: 16, seed, ..TextHyper::default() }), others)
}
