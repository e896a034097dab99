//! `docs/reasons.md`, from the examples and the catalogues.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::examples::{Example, examples};
use super::said;
use crate::wording::Language;

const PREFACE: &str = "# Reasons

<!-- Written by a test of `wording` from its examples and the catalogues in `coordinator/locales`: change those. -->

Why something is done or not is decided, kept and sent as a code with its numbers; a sentence is made of it where it is read, in
English or Spanish: `refit check --lang es`, or the header `Accept-Language` of the API. Each code is shown here with numbers as they may be,
some in several ways.
";

/// What each kind is.
const TITLES: [(&str, &str); 25] = [
    ("reason", "What speaks for a training"),
    ("hold", "What holds it back"),
    ("remark", "What is said beside"),
    ("term", "The terms of a score"),
    ("action", "What a decision comes to"),
    ("finding", "What a judgement says"),
    ("compared", "Two versions side by side"),
    ("ledger", "Why a live pointer was moved"),
    ("alert", "What somebody should know"),
    ("notice", "The subject of a message to a channel"),
    ("told", "What is said of what a message does not name"),
    ("trained", "What a channel is told of a training"),
    ("item", "Why an item is for a user"),
    ("job", "Why a job is as it is"),
    ("standing", "What a job waits for, or who has it"),
    ("never", "Why no worker can ever run something"),
    ("next", "What would let it go on"),
    ("answer", "What somebody is answered"),
    ("unmeant", "Which model is meant where none is named"),
    ("model", "A model that could not be scored"),
    ("library", "A library that was another"),
    ("when", "When a schedule is due"),
    ("run", "What came of a schedule's run"),
    ("title", "The sentences of reports"),
    ("search", "What came of a search for hyper-parameters"),
];

/// The kinds that have a place on the page.
pub(super) fn kinds() -> BTreeSet<&'static str> {
    TITLES.iter().map(|(kind, _)| *kind).collect()
}

/// The page, whole.
pub(super) fn page() -> String {
    let mut page = PREFACE.to_owned();
    for (kind, title) in TITLES {
        write!(page, "\n## {title}\n").unwrap();
        let mut before = String::new();
        for example in examples().iter().filter(|example| example.kind == kind) {
            let code = example.fields["code"].as_str().unwrap();
            if before != code {
                write!(page, "\n### `{code}`\n\n").unwrap();
                before = code.to_owned();
            }
            page.push_str(&shown(example));
        }
    }
    page
}

fn shown(example: &Example) -> String {
    let number = |(name, value): (&String, &Value)| format!("`{name}` {value}");
    let numbers: Vec<String> = example.fields.iter().filter(|(name, _)| *name != "code").map(number).collect();
    let [english, spanish] = Language::ALL.map(|language| said(language, example));
    let numbers = if numbers.is_empty() { String::new() } else { format!("  \n  {}", numbers.join(", ")) };
    format!("- {english}  \n  *{spanish}*{numbers}\n")
}
