//! The guard against leaks: a word that tells the class by itself is usually a trace of how the labels came about.

use std::collections::{HashMap, HashSet};

use common::shell::shell_word;
use common::vocabulary::ModelKey;

use super::data::Row;
use super::tokens::{TokenKind, Tokens};
use crate::error::TrainError;

/// Rows of either class from which it is looked at.
const LEAST_ROWS: usize = 40;
/// A single word that parts the classes better than this is suspicious.
const MOST_AUC: f64 = 0.98;

/// A word, and how well its being in a text parts the classes.
#[derive(Debug, Clone, PartialEq)]
struct Telling {
    word: String,
    auc: f64,
}

/// Checks that no word tells the class of the rows by itself, but for those a person has `confirmed`.
///
/// # Errors
/// There is one: which, how well it tells, and how it is confirmed.
pub(crate) fn check(model: &ModelKey, rows: &[&Row], confirmed: &[String]) -> Result<(), TrainError> {
    let Some(Telling { word, auc }) = most_telling(rows, confirmed).filter(|most| most.auc > MOST_AUC) else {
        return Ok(());
    };
    let words = confirmed.iter().chain([&word]).map(String::as_str).collect::<Vec<_>>().join(",");
    Err(TrainError::Data(format!(
        "the word {word:?} alone tells the class of {} texts (AUC {auc:.3}): most often that is a trace of how the labels came \
         about, which new texts will not have. Take it out of the texts, or say that it is there before a label is known: \
         `refit model {model} --column {}`",
        rows.len(),
        shell_word(&format!("confirmed={words}"))
    )))
}

/// The word that parts the classes best; nothing where there are too few rows.
fn most_telling(rows: &[&Row], confirmed: &[String]) -> Option<Telling> {
    let positives = rows.iter().filter(|row| row.label).count();
    let totals = [rows.len() - positives, positives];
    if totals.iter().any(|rows| *rows < LEAST_ROWS) {
        return None;
    }
    let mut counts: HashMap<String, [usize; 2]> = HashMap::new();
    for row in rows {
        let tokens = Tokens::of(&row.text);
        let words: HashSet<&str> =
            tokens.iter().filter(|token| token.kind == TokenKind::Word).map(|token| token.text).collect();
        for word in words {
            match counts.get_mut(word) {
                Some(count) => count[usize::from(row.label)] += 1,
                None => counts.entry(word.to_owned()).or_default()[usize::from(row.label)] += 1,
            }
        }
    }
    // The area under a curve with one corner.
    let auc = |count: &[usize; 2]| {
        let share = |class: usize| count[class] as f64 / totals[class] as f64;
        0.5 + 0.5 * (share(1) - share(0)).abs()
    };
    let open = counts.iter().filter(|(word, _)| !confirmed.contains(*word));
    let best = open.map(|(word, count)| (auc(count), word)).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)));
    best.map(|(auc, word)| Telling { word: word.clone(), auc })
}

#[cfg(test)]
mod tests {
    use super::super::data::{TextEntry, Texts};
    use super::*;

    /// So many rows, half of either class; those of the class have a word in so many of a hundred.
    fn rows(rows: usize, of_hundred: usize) -> Vec<Row> {
        let row = |at: usize| {
            let label = at.is_multiple_of(2);
            let told = label && (at / 2) % 100 < of_hundred;
            let own: String = at.to_string().bytes().map(|digit| char::from(digit - b'0' + b'q')).collect();
            let text = format!("some words {} {own}", if told { "Moderated! (spam)" } else { "here" });
            TextEntry { key: at.to_string(), text: text.into(), label: Some(label), ..TextEntry::default() }
        };
        Texts::of((0..rows).map(row)).rows
    }

    /// D6: a planted word that determines the label is an alert, until somebody confirms it.
    #[test]
    fn d6_a_word_that_tells_the_class_must_be_confirmed() {
        let model: ModelKey = "text/test".parse().unwrap();
        let answer = |rows: &[Row], confirmed: &[&str]| {
            let confirmed: Vec<String> = confirmed.iter().map(|word| (*word).to_owned()).collect();
            check(&model, &rows.iter().collect::<Vec<_>>(), &confirmed).map_err(|error| error.to_string())
        };
        let refused = answer(&rows(400, 100), &[]).unwrap_err();
        assert!(refused.contains("AUC 1.000") && refused.ends_with("--column confirmed=here`"), "{refused}");
        let next = answer(&rows(400, 100), &["here"]).unwrap_err();
        assert!(next.ends_with("--column confirmed=here,moderated`"), "{next}");
        assert_eq!(answer(&rows(400, 100), &["here", "moderated", "spam"]), Ok(()));
        assert!(answer(&rows(400, 97), &[]).is_err());
        assert_eq!(answer(&rows(400, 95), &[]), Ok(()), "AUC 0.975: strong, and no more than that");
        assert_eq!(answer(&rows(78, 100), &[]), Ok(()), "39 of either class: too few to say");
    }
}
