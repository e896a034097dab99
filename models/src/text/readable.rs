//! The n-grams that matter most, as people can read them.
//!
//! What an n-gram matters is the standard deviation of what it adds to the score: its weight, times the spread of being in a
//! text or not. By the weight alone, n-grams of three rows would come first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::data::Example;
use super::ngrams::{Kind, Ngrams};
use super::scale::Scale;
use super::sparse::Csr;
use super::tokens::{LINK, MENTION, Tokens};

/// How many are kept.
const TERMS: usize = 50;

/// An n-gram and what it does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// As it was seen in training: in lower case, `@user` and `(link)` for any of these, `·` for a blank at or within
    /// characters, `…` for words left out.
    pub text: String,
    /// What it is made of.
    pub kind: Kind,
    /// Its weight, in logits before the text's length is taken out: above 0 towards label 1.
    pub effect: f64,
    /// The weight of the training rows that have it; 0 if it came in by an incremental training.
    pub rows: f64,
    /// The slot it is hashed to.
    pub slot: u32,
}

/// The terms that matter most and whose text is in these rows, of which `matrix` is made, or among the parent's.
pub(crate) fn terms(scale: &Scale, weights: &[f64], rows: &[Example<'_>], matrix: &Csr, parent: &[Term]) -> Vec<Term> {
    let effect = |column: usize| weights[column] * scale.ratio(column);
    let total = scale.totals[0] + scale.totals[1];
    let importance = |column: usize| {
        // What came in by an incremental training has no count; it occurs in few rows.
        let share = (scale.counts[column][0] + scale.counts[column][1]).max(1.0) / total;
        effect(column).abs() * (share * (1.0 - share)).max(0.0).sqrt()
    };
    let mut columns: Vec<usize> = (0..scale.columns.len()).collect();
    let larger = |a: &usize, b: &usize| importance(*b).total_cmp(&importance(*a)).then(a.cmp(b));
    if columns.len() > TERMS {
        columns.select_nth_unstable_by(TERMS, larger);
        columns.truncate(TERMS);
    }
    columns.sort_unstable_by(larger);
    let slot = |column: usize| scale.columns.slots()[column];
    let mut texts: BTreeMap<u32, String> = parent.iter().map(|term| (term.slot, term.text.clone())).collect();
    for (column, row) in columns.iter().zip(matrix.first_rows(&columns, weights.len())) {
        if let Some(row) = row.filter(|_| !texts.contains_key(&slot(*column))) {
            texts.extend(text_of(scale.ngrams, slot(*column), rows[row].text).map(|text| (slot(*column), text)));
        }
    }
    let term = |column: usize| {
        let (slot, [negative, positive]) = (slot(column), scale.counts[column]);
        let (kind, rows) = (scale.ngrams.kind(slot), negative + positive);
        Some(Term { text: texts.get(&slot)?.clone(), kind, effect: effect(column), rows, slot })
    };
    columns.into_iter().filter_map(term).collect()
}

/// The first n-gram of a text that is hashed to this slot.
fn text_of(ngrams: Ngrams, wanted: u32, text: &str) -> Option<String> {
    let tokens = Tokens::of(text);
    let mut found = None;
    ngrams.visit(&tokens, |slot, position| {
        if slot == wanted && found.is_none() {
            found = Some(position);
        }
    });
    let blank = if ngrams.kind(wanted) == Kind::Characters { "·" } else { " " };
    found.map(|position| {
        position.read(&tokens.text).replace(' ', blank).replace(MENTION, "@user").replace(LINK, "(link)")
    })
}
