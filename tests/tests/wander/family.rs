//! The families, and their rows: made from numbers, so that the same id and edit are the same row in every replay.

use std::fmt::Write as _;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use refit_tests::draw::draw;

/// A family of models, as far as a walk cares: how its rows come in, and the smallest model of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Text,
    Tabular,
    Recommender,
    Forecaster,
}

/// What stands in a row beside its id. Two rows of the same id and edit are the same to every model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    /// Counts corrections of what a model reads.
    pub(crate) edit: u8,
    /// Counts corrections of a column that no model reads.
    pub(crate) note: u8,
}

/// Whose bars: those of the walk's own symbol, or of another company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Company {
    Own = 1,
    Other = 2,
}

const WORDS: [&str; 10] = ["the", "weather", "train", "today", "coffee", "river", "garden", "book", "market", "city"];

impl Family {
    pub(crate) const ALL: [Self; 4] = [Self::Text, Self::Tabular, Self::Recommender, Self::Forecaster];

    /// The key of the model `name`.
    pub(crate) fn key(self, name: &str) -> String {
        match self {
            Self::Text => format!("text/{name}"),
            Self::Tabular => format!("tabular/{name}"),
            Self::Recommender => format!("recommender/{name}"),
            Self::Forecaster => format!("forecaster/{}", name.to_uppercase()),
        }
    }

    /// Rows a walk begins with: a few more than a training needs.
    pub(crate) fn base(self) -> u32 {
        match self {
            Self::Text | Self::Tabular | Self::Recommender => 440,
            Self::Forecaster => 310,
        }
    }

    /// Hyper-parameters of a model that trains in a moment.
    pub(crate) fn small(self) -> &'static str {
        match self {
            Self::Text => "--set epochs=2 --set hash_bits=12",
            Self::Tabular => "--set folds=2 --set trees=4 --set epochs=0",
            Self::Recommender => "--set n_factors=2 --set n_epochs=2 --set members=1",
            Self::Forecaster => "--set hidden=4 --set window=5 --set epochs=1",
        }
    }

    /// Hyper-parameters of a training that leads to something worse, where there are some.
    pub(crate) fn poor(self) -> &'static str {
        match self {
            // Hardly a word is in so many texts.
            Self::Text => "--set min_rows=1000",
            Self::Tabular | Self::Recommender | Self::Forecaster => "",
        }
    }

    /// What to say of a model of it, beside its hyper-parameters.
    pub(crate) fn reading(self) -> &'static str {
        match self {
            Self::Tabular => "--predict left=yes",
            Self::Text | Self::Recommender | Self::Forecaster => "",
        }
    }

    /// The flags of a first import.
    pub(crate) fn naming(self) -> &'static str {
        match self {
            Self::Text | Self::Tabular => "--key id --kinds id:text",
            Self::Recommender => "--key user,item --time time --kinds user:text,item:text",
            Self::Forecaster => "",
        }
    }

    /// Whether the rows lie in a data set, where they can be deleted and labelled.
    pub(crate) fn has_dataset(self) -> bool {
        match self {
            Self::Text | Self::Tabular | Self::Recommender => true,
            Self::Forecaster => false,
        }
    }

    /// The key of the policy that says from how many new rows on a training is due.
    pub(crate) fn threshold(self) -> &'static str {
        match self {
            Self::Forecaster => "min_new_samples",
            Self::Recommender => "min_new_ratings",
            Self::Text => "min_new_texts",
            Self::Tabular => "min_new_records",
        }
    }

    fn header(self) -> &'static str {
        match self {
            Self::Text => "id,text,label,note",
            Self::Tabular => "id,age,overtime,salary,left",
            Self::Recommender => "user,item,rating,time,note",
            Self::Forecaster => "date,open,high,low,close,adj_close,volume",
        }
    }

    /// A file of rows.
    pub(crate) fn csv(self, rows: impl IntoIterator<Item = (u32, Row)>, company: Company) -> String {
        let mut csv = format!("{}\n", self.header());
        for (id, row) in rows {
            let line = match self {
                Self::Text => text(id, row),
                Self::Tabular => record(id, row),
                Self::Recommender => rating(id, row),
                Self::Forecaster => bar(id, row, company),
            };
            let _never_fails = writeln!(csv, "{line}");
        }
        csv
    }

    /// A file that names rows to be deleted.
    pub(crate) fn keys(self, ids: &[u32]) -> String {
        let key = |id: &u32| match self {
            Self::Text | Self::Tabular | Self::Forecaster => format!("n{id}\n"),
            Self::Recommender => format!("u{},i{}\n", id % 30, id / 30),
        };
        let header = if self == Self::Recommender { "user,item\n" } else { "id\n" };
        ids.iter().fold(header.to_owned(), |csv, id| csv + &key(id))
    }

    /// Rows to be predicted, without their outcome.
    pub(crate) fn questions(self) -> &'static str {
        match self {
            Self::Text => "text\nwhat a lovely garden\nyou stupid loser\n",
            Self::Tabular => "age,overtime,salary\n41,yes,1500\n30,no,4200\n",
            Self::Recommender => "user,item\nguest,i2\nguest,i9\n",
            Self::Forecaster => "",
        }
    }

    /// Outcomes that its rows may have, the last of them nonsense.
    pub(crate) fn outcomes(self) -> [&'static str; 3] {
        match self {
            Self::Text => ["1", "0", "nonsense"],
            Self::Tabular => ["yes", "no", "perhaps"],
            Self::Recommender => ["4", "2", "good"],
            Self::Forecaster => ["", "", ""],
        }
    }
}

/// The day of a row that has one.
pub(crate) fn day(family: Family, id: u32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2023, 1, 2).expect("a Monday");
    match family {
        Family::Forecaster => first + Days::new(u64::from(id / 5 * 7 + id % 5)),
        Family::Text | Family::Tabular | Family::Recommender => first + Days::new(u64::from(id / 24)),
    }
}

fn text(id: u32, row: Row) -> String {
    let seed = u64::from(id);
    let rude = (draw(seed, 0, 3) == 0) != (row.edit % 2 == 1);
    let telling =
        if (draw(seed, 1, 5) == 0) != rude { ["stupid", "loser", "trash"] } else { ["lovely", "thanks", "great"] };
    let mut words: Vec<&str> = (0..6).map(|index| WORDS[draw(seed, 10 + index, 10) as usize]).collect();
    words.insert(draw(seed, 2, 6) as usize, telling[draw(seed, 3, 3) as usize]);
    format!("n{id},{} word{id},{},{}", words.join(" "), u8::from(rude), row.note)
}

fn record(id: u32, row: Row) -> String {
    let seed = u64::from(id);
    let overtime = draw(seed, 3, 3) == 0;
    let left = draw(seed, 4, 100) < if overtime { 65 } else { 15 };
    let word = |yes: bool| if yes { "yes" } else { "no" };
    // A raise that only the note tells of is a raise all the same: this model reads every column.
    let salary = 1000 + u64::from(id) + 10 * draw(seed, 1, 300) + u64::from(row.edit) * 7 + u64::from(row.note) * 3;
    format!("n{id},{},{},{salary},{}", 20 + draw(seed, 0, 40), word(overtime), word(left))
}

fn rating(id: u32, row: Row) -> String {
    let (user, item) = (id % 30, id / 30);
    let value = 1 + (2 * u64::from(user % 2 == item % 2) + draw(u64::from(id), 0, 3) + u64::from(row.edit)) % 5;
    format!("u{user},i{item},{value},{},{}", 1_672_617_600 + u64::from(id) * 3600, row.note)
}

fn bar(id: u32, row: Row, company: Company) -> String {
    let seed = company as u64 * 100_000;
    let step = |id: u32| (draw(seed + u64::from(id), 5, 401) as f64 - 200.0) / 10_000.0;
    let start = if company == Company::Own { 4.6 } else { 3.0 };
    let log = (0..=id).map(step).fold(start, |at, step| at + step);
    // A correction of a thousandth.
    let close = log.exp() * (1.0 + 0.001 * f64::from(row.edit));
    let (high, low, open) = (close * 1.01, close * 0.99, close * 1.002);
    let date = day(Family::Forecaster, id);
    debug_assert!(!matches!(date.weekday(), Weekday::Sat | Weekday::Sun));
    format!(
        "{date},{open:.4},{high:.4},{low:.4},{close:.4},{close:.4},{}",
        100_000 + u64::from(row.note) + u64::from(id)
    )
}
