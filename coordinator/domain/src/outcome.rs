//! What the outcome of a row may say, by what is known of it. Pure.

use std::collections::BTreeSet;

use common::vocabulary::Reading;
use common::vocabulary::records::{Task, cell};

/// So many rows must be known before a word that nobody has used is no word.
const SETTLED: usize = 20;
/// Words that are named in an answer.
const NAMED: usize = 10;
/// Words as like as this are one, misspelt (Jaro–Winkler).
const LIKE: f64 = 0.85;

/// What the outcomes of a model's rows are.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// One of some words.
    Word(Words),
    /// A finite number.
    Number,
    /// A number above 0.
    Positive,
    /// A number on the scale of the ratings there are.
    Rating {
        /// The lowest and the highest; none while there are few.
        scale: Option<(f64, f64)>,
    },
}

/// The words of an outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    /// Those that count as what is looked for.
    positive: BTreeSet<String>,
    /// All that are in use.
    used: BTreeSet<String>,
    /// Rows that are known.
    rows: usize,
}

impl Outcome {
    /// What a model that reads rows so takes for an outcome, where `seen` are those of the rows it has.
    pub fn of(reading: &Reading, seen: impl IntoIterator<Item = String>) -> Self {
        match reading {
            Reading::Texts(columns) => Self::Word(Words::new(columns.positive.iter().cloned(), seen)),
            Reading::Ratings(_) => {
                let ratings: Vec<f64> = seen.into_iter().filter_map(|text| cell::number(&text)).collect();
                let scale = ratings.iter().copied().map(|rating| (rating, rating));
                let scale = scale.reduce(|(low, high), (rating, _)| (low.min(rating), high.max(rating)));
                Self::Rating { scale: scale.filter(|_| ratings.len() >= SETTLED) }
            }
            Reading::Records(schema) => match &schema.task {
                Task::Is { positive, .. } => Self::Word(Words::new([positive.clone()], seen)),
                Task::Number { .. } => Self::Number,
                Task::Exceeds { .. } | Task::LogRatio { .. } => Self::Positive,
            },
        }
    }

    /// The outcome that `text` says, as it is written among the others.
    ///
    /// # Errors
    /// It says none, in words that follow the column's name.
    pub fn read(&self, text: &str) -> Result<String, String> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err("is empty".into());
        }
        if cell::is_missing(trimmed) {
            return Err(format!("is {trimmed:?}, which says nothing"));
        }
        match self {
            Self::Word(words) => words.read(trimmed),
            Self::Number => number(trimmed).map(|_| trimmed.to_owned()),
            Self::Positive => match number(trimmed)? {
                above if above > 0.0 => Ok(trimmed.to_owned()),
                _ => Err(format!("is {trimmed:?}, but must be above 0")),
            },
            Self::Rating { scale } => {
                let rating =
                    cell::number(trimmed).ok_or_else(|| format!("is {:?}, not a rating", shortened(trimmed)))?;
                match scale {
                    Some((low, high)) if rating < *low || rating > *high => {
                        Err(format!("is {trimmed}, but ratings here are from {low} to {high}"))
                    }
                    Some(_) | None => Ok(trimmed.to_owned()),
                }
            }
        }
    }

    /// The words that are in use, if there are several and none of them is what is looked for: no model can learn from such rows.
    pub fn without_positive(&self) -> Option<String> {
        match self {
            Self::Word(words) => words.without_positive(),
            Self::Number | Self::Positive | Self::Rating { .. } => None,
        }
    }

    /// The words that are in use, if enough are known and none of them is this one.
    pub fn never_says(&self, word: &str) -> Option<String> {
        match self {
            Self::Word(words) => words.never(word),
            Self::Number | Self::Positive | Self::Rating { .. } => None,
        }
    }
}

impl Words {
    fn never(&self, word: &str) -> Option<String> {
        let never = self.rows >= SETTLED && !self.used.iter().any(|used| cell::is_same_word(word, used));
        never.then(|| listed(&self.used))
    }

    fn without_positive(&self) -> Option<String> {
        let is_positive = |used: &String| self.positive.iter().any(|word| cell::is_same_word(word, used));
        let lacks = self.rows >= SETTLED && self.used.len() > 1 && !self.used.iter().any(is_positive);
        lacks.then(|| listed(&self.used))
    }

    fn new(positive: impl IntoIterator<Item = String>, seen: impl IntoIterator<Item = String>) -> Self {
        let positive: BTreeSet<String> = positive.into_iter().collect();
        let (mut used, mut rows) = (BTreeSet::new(), 0);
        for word in seen {
            rows += 1;
            used.insert(word.trim().to_owned());
        }
        Self { positive, used, rows }
    }

    fn read(&self, word: &str) -> Result<String, String> {
        let known = || self.used.iter().chain(&self.positive);
        let same = |known: &&String| cell::is_same_word(known, word);
        if let Some(known) = known().find(|known| *known == word).or_else(|| known().find(same)) {
            return Ok(known.clone());
        }
        let nearest = self.nearest(word);
        let has_negative = self.used.iter().any(|used| !self.positive.contains(used));
        if nearest.is_none() && (self.rows < SETTLED || !has_negative) {
            return Ok(word.to_owned());
        }
        let hint = nearest.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
        Err(format!("is {:?}, which is none of its words: {}{hint}", shortened(word), self.named()))
    }

    /// The word that is meant: another spelling, or the same yes or no.
    fn nearest(&self, word: &str) -> Option<&String> {
        let lower = word.to_lowercase();
        let known = || self.used.iter().chain(self.positive.iter().filter(|_| self.used.is_disjoint(&self.positive)));
        let is_same = |known: &&String| cell::flag(known).is_some_and(|flag| cell::flag(word) == Some(flag));
        let likeness = |known: &String| strsim::jaro_winkler(&known.to_lowercase(), &lower);
        known().find(is_same).or_else(|| {
            known().filter(|known| likeness(known) > LIKE).max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
        })
    }

    fn named(&self) -> String {
        let all: BTreeSet<&String> = match self.used.is_disjoint(&self.positive) {
            true => self.used.iter().chain(&self.positive).collect(),
            false => self.used.iter().collect(),
        };
        let more = if all.len() > NAMED { ", …" } else { "" };
        format!("{}{more}", listed(all))
    }
}

fn listed<'a>(words: impl IntoIterator<Item = &'a String>) -> String {
    words.into_iter().take(NAMED).map(|word| format!("{:?}", shortened(word))).collect::<Vec<_>>().join(", ")
}

fn number(text: &str) -> Result<f64, String> {
    cell::number(text).ok_or_else(|| format!("is {:?}, not a number", shortened(text)))
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use common::vocabulary::Family;
    use common::vocabulary::records::{Schema, preset};

    use super::*;

    fn left(seen: &[&str]) -> Outcome {
        words(seen, 40 * seen.len())
    }

    /// What is known of an outcome whose rows say these words, one after the other; "Yes" is looked for.
    fn words(seen: &[&str], rows: usize) -> Outcome {
        let task = Task::Is { column: "left".into(), positive: "Yes".into() };
        let schema = Schema { task, ..preset("risk").unwrap().schema };
        let seen = seen.iter().cycle().take(rows).map(|word| (*word).to_owned());
        Outcome::of(&Reading::Records(schema), seen)
    }

    #[test]
    fn words_are_those_in_use_and_close_spellings_are_pointed_out() {
        let outcome = left(&["Yes", "No"]);
        assert_eq!(outcome.read(" Yes "), Ok("Yes".into()));
        assert_eq!((outcome.read("YES"), outcome.read("no")), (Ok("Yes".into()), Ok("No".into())), "the same words");
        for (said, near) in [("1", "Yes"), ("n", "No"), ("Yess", "Yes")] {
            let refused = outcome.read(said).unwrap_err();
            assert!(refused.ends_with(&format!("\"No\", \"Yes\"; did you mean {near:?}?")), "{refused}");
        }
        let refused = outcome.read("nonsense").unwrap_err();
        assert_eq!(refused, "is \"nonsense\", which is none of its words: \"No\", \"Yes\"");
        assert!(outcome.read(" ").is_err());
    }

    #[test]
    fn where_little_is_known_new_words_are_welcome_and_misspelt_ones_are_not() {
        let outcome = left(&[]);
        assert_eq!((outcome.read("No"), outcome.read("Yes")), (Ok("No".into()), Ok("Yes".into())));
        assert_eq!(outcome.read("yes"), Ok("Yes".into()));
        assert!(outcome.read("yess").unwrap_err().contains("did you mean \"Yes\"?"));
        assert_eq!(left(&["Yes"]).read("Retired"), Ok("Retired".into()), "nobody knows yet what the others are called");
        assert!(left(&["Yes", "No", "Retired"]).read("retierd").unwrap_err().contains("\"Retired\"?"));
        let known = |rows| words(&["Yes", "No"], rows);
        assert_eq!(known(19).read("Retired"), Ok("Retired".into()), "there may be a third word");
        assert!(known(20).read("Retired").is_err());
        let refused = left(&["Left the company", "Stayed"]).read("left").unwrap_err();
        assert!(!refused.contains("did you mean"), "as like as the limit is not more: {refused}");
    }

    #[test]
    fn a_word_that_nobody_uses_is_said_where_enough_is_known() {
        let said = Some("\"No\", \"Yes\"".to_owned());
        for (rows, word, expected) in
            [(20, "Retired", said.clone()), (19, "Retired", None), (20, "yes", None), (20, "No", None)]
        {
            assert_eq!(words(&["Yes", "No"], rows).never_says(word), expected, "{word} in {rows} rows");
        }
        assert_eq!(Outcome::Number.never_says("Retired"), None);
    }

    #[test]
    fn of_many_words_the_first_ten_are_named() {
        let refused = |seen: &[&str]| words(seen, 40).read("nonsense").unwrap_err();
        // The word that is looked for is named too.
        let nine = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
        assert!(refused(&nine).ends_with("\"Yes\", \"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\", \"i\""));
        let ten = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        assert!(refused(&ten).ends_with("\"g\", \"h\", \"i\", …"), "{}", refused(&ten));
    }

    #[test]
    fn texts_take_the_numbers_and_words_of_their_data_set() {
        let seen = ["0", "1"].into_iter().cycle().take(100).map(str::to_owned);
        let outcome = Outcome::of(&Reading::of(Family::Text).unwrap(), seen);
        assert_eq!((outcome.read("1.0"), outcome.read("0")), (Ok("1".into()), Ok("0".into())));
        assert_eq!(outcome.read("yes"), Ok("yes".into()), "it counts as the class looked for");
        assert!(outcome.read("no").unwrap_err().ends_with("did you mean \"0\"?"));
        assert!(outcome.read("unknown").unwrap_err().contains("none of its words: \"0\", \"1\""));
    }

    #[test]
    fn words_of_which_none_is_looked_for_are_said() {
        let words = |seen: &[&str], rows| {
            let seen = seen.iter().cycle().take(rows).map(|word| (*word).to_owned());
            Outcome::of(&Reading::of(Family::Text).unwrap(), seen).without_positive()
        };
        assert_eq!(words(&["ham", "spam"], 40), Some("\"ham\", \"spam\"".into()));
        assert_eq!(words(&["ham", "spam"], 10), None, "too few rows to say");
        assert_eq!(words(&["0"], 40), None, "the other word may still come");
        assert_eq!(words(&["0", "1.0"], 40), None);
    }

    #[test]
    fn numbers_and_ratings_are_numbers() {
        let ratings =
            |rows| Outcome::of(&Reading::of(Family::Recommender).unwrap(), (0..rows).map(|n| (1 + n % 5).to_string()));
        assert!(ratings(100).read("4.5").is_ok() && ratings(4).read("9").is_ok());
        assert!(ratings(100).read("1").is_ok() && ratings(100).read("5").is_ok(), "the ends of the scale belong to it");
        assert_eq!(ratings(100).read("9").unwrap_err(), "is 9, but ratings here are from 1 to 5");
        assert!(ratings(100).read("0.9").is_err() && ratings(100).read("5.1").is_err());
        assert_eq!(ratings(4).read("inf").unwrap_err(), "is \"inf\", not a rating");
        assert!(Outcome::Number.read("-3").is_ok() && Outcome::Number.read("many").is_err());
        assert!(Outcome::Positive.read("0").unwrap_err().contains("above 0"));
        assert!(Outcome::Positive.read("-1").unwrap_err().contains("above 0"));
        assert_eq!(Outcome::Positive.read(" 0.5 "), Ok("0.5".into()));
    }
}
