//! What is compared of texts: how long they are, how many of their words are met for the first time, and which of the most common words
//! they have.

use std::collections::{HashMap, HashSet};

use common::drift::{Familiar, Known, Values};

use super::tokens::{TokenKind, Tokens};
use crate::family::Stretch;

/// Words that are an input each: whether a text has them.
const WORDS: usize = 20;
const WORD: &str = "word";

/// What all texts make familiar.
pub(super) fn familiar(texts: &[&str]) -> Familiar {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for text in texts {
        let tokens = Tokens::of(text);
        let words: HashSet<&str> = words(&tokens).collect();
        words.into_iter().for_each(|word| *counts.entry(word.to_owned()).or_default() += 1);
    }
    let known = Known::of(counts.keys(), counts.len());
    let mut common: Vec<(String, usize)> = counts.into_iter().collect();
    common.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let words = common.into_iter().take(WORDS).map(|(word, _)| word).collect();
    Familiar { known: [(WORD.to_owned(), known)].into(), words }
}

/// Shows the columns: `words`, how many; `new_words`, the share of those that are met for the first time; `word:…` for each common one.
/// `texts`: in order of time.
pub(super) fn show(texts: &[&str], of: Stretch, familiar: &Familiar, show: &mut dyn FnMut(&str, &Values<'_>)) {
    let (mut counts, mut new) = (Vec::with_capacity(texts.len()), Vec::with_capacity(texts.len()));
    let mut has: Vec<Vec<bool>> = vec![Vec::with_capacity(texts.len()); familiar.words.len()];
    let mut met: HashSet<String> = HashSet::new();
    for text in texts {
        let tokens = Tokens::of(text);
        let (mut all, mut first) = (0.0, 0.0);
        let own: HashSet<&str> = words(&tokens).inspect(|_| all += 1.0).collect();
        for word in &own {
            let known = met.contains(*word) || of == Stretch::Come && familiar.knows(WORD, word);
            if !known {
                first += 1.0;
                met.insert((*word).to_owned());
            }
        }
        counts.push(all);
        new.push(first / own.len() as f64);
        has.iter_mut().zip(&familiar.words).for_each(|(has, word)| has.push(own.contains(word.as_str())));
    }
    let shown = of.shown(texts.len());
    show("words", &Values::Numbers(counts.split_off(shown)));
    show("new_words", &Values::Numbers(new.split_off(shown)));
    for (word, has) in familiar.words.iter().zip(has) {
        show(&format!("word:{word}"), &has.into_iter().skip(shown).collect());
    }
}

fn words(tokens: &Tokens) -> impl Iterator<Item = &str> {
    tokens.iter().filter(|token| token.kind == TokenKind::Word).map(|token| token.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(texts: &[&str], of: Stretch, familiar: &Familiar) -> HashMap<String, Vec<f64>> {
        let mut shown = HashMap::new();
        show(texts, of, familiar, &mut |name, values| {
            let Values::Numbers(numbers) = values else { panic!() };
            shown.insert(name.to_owned(), numbers.clone());
        });
        shown
    }

    #[test]
    fn words_are_new_once() {
        let texts = ["the cat", "the dog", "The cow!", "the cat and"];
        let familiar = familiar(&texts);
        assert_eq!(familiar.words[..2], ["the", "cat"]);
        let training = shown(&texts, Stretch::Training, &familiar);
        assert_eq!((&training["words"][..], training["new_words"][0]), (&[2.0, 3.0][..], 0.5), "the newer half");
        let come = shown(&["the cat sleeps", "", "quarks sleep", "quarks"], Stretch::Come, &familiar);
        assert_eq!(come["words"], [3.0, 0.0, 2.0, 1.0]);
        assert_eq!(come["word:the"], [1.0, 0.0, 0.0, 0.0]);
        let new = &come["new_words"];
        assert!((new[0] - 1.0 / 3.0).abs() < 1e-12 && new[1].is_nan() && new[2..] == [1.0, 0.0], "{new:?}");
    }
}
