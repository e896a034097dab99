//! What a model is: its family and where it stands in the company.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ModelKey;

/// A text is none of the words it could have been.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text:?} is not a {what}: use {}", .known.join(", "))]
pub struct InvalidWord {
    /// The text.
    pub text: String,
    /// What it should have been.
    pub what: &'static str,
    /// The words there are.
    pub known: &'static [&'static str],
}

/// Declares an enum of plain words: one list serves display, parsing, storage and the API.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident ($what:literal) { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }
        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            const WORDS: &'static [&'static str] = &[$($word),+];
            /// The word for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::vocabulary::InvalidWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::vocabulary::InvalidWord { text: text.chars().take(80).collect(), what: $what, known: Self::WORDS }),
                }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// The kinds of models Refit trains.
    Family ("model family") {
        /// An LSTM over daily bars.
        Forecaster = "forecaster",
        /// A factorisation of ratings.
        Recommender = "recommender",
        /// A classifier of texts.
        Text = "text",
        /// A model of records: one column of a table is predicted from others.
        Tabular = "tabular",
    }
}

impl Family {
    /// The model over all of a family's data: scored beside each of its others, and asked where those cannot answer.
    pub fn universal(self) -> Option<ModelKey> {
        match self {
            Self::Forecaster => Some(ModelKey::universal_forecaster()),
            Self::Recommender | Self::Text | Self::Tabular => None,
        }
    }

    /// Whether it computes on a GPU where it is given one; the others compute on the processor, wherever they are.
    pub fn uses_gpus(self) -> bool {
        match self {
            Self::Forecaster => true,
            Self::Recommender | Self::Text | Self::Tabular => false,
        }
    }

    /// Whether an incremental training forgets rows that were deleted or changed since its parent; else only a complete one does.
    pub fn can_forget(self) -> bool {
        match self {
            // A user's factors are folded in anew from what they still say.
            Self::Recommender => true,
            Self::Forecaster | Self::Text | Self::Tabular => false,
        }
    }
}

/// Where a model stands in the company; decides its base priority.
///
/// Any text outside the four known ones is kept as it is and has the base of "anything else".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Category {
    /// Held now.
    Portfolio,
    /// Asked for by a person.
    OnDemand,
    /// Watched.
    Watchlist,
    /// Found by a market scan.
    Scanning,
    /// Anything else.
    Other(String),
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Portfolio => "portfolio",
            Self::OnDemand => "on_demand",
            Self::Watchlist => "watchlist",
            Self::Scanning => "scanning",
            Self::Other(text) => text,
        })
    }
}

impl From<String> for Category {
    fn from(text: String) -> Self {
        match text.as_str() {
            "portfolio" => Self::Portfolio,
            "on_demand" | "on-demand" => Self::OnDemand,
            "watchlist" => Self::Watchlist,
            "scanning" => Self::Scanning,
            _ => Self::Other(text),
        }
    }
}

impl FromStr for Category {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.to_owned().into())
    }
}

impl From<Category> for String {
    fn from(category: Category) -> Self {
        category.to_string()
    }
}
