//! The terms of a score, as they are kept.

use domain::score::{Term, TermKind};
use serde::{Deserialize, Serialize};

/// A term, as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum TermRecord {
    /// By its code and numbers.
    Coded {
        /// The term.
        #[serde(flatten)]
        term: Term,
        /// Empty: the release before this one reads words here.
        name: String,
    },
    /// As an earlier release has left it.
    Recorded {
        /// In words.
        name: String,
        /// Points.
        points: f64,
    },
}

impl TermRecord {
    /// A term of so many points.
    pub(crate) fn new(kind: TermKind, points: f64) -> Self {
        Self::from(&Term { kind, points })
    }
}

impl From<&Term> for TermRecord {
    fn from(term: &Term) -> Self {
        Self::Coded { term: term.clone(), name: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_of_this_release_and_of_earlier_ones_are_read() {
        let record = TermRecord::new(TermKind::Reliable { reliability: 0.61 }, 20.0);
        let kept = serde_json::to_string(&record).unwrap();
        assert_eq!(kept, r#"{"code":"reliable","reliability":0.61,"points":20.0,"name":""}"#);
        assert_eq!(serde_json::from_str::<TermRecord>(&kept).unwrap(), record);
        let left: TermRecord = serde_json::from_str(r#"{"name":"no live version","points":-20.0}"#).unwrap();
        assert_eq!(left, TermRecord::Recorded { name: "no live version".into(), points: -20.0 });
    }
}
