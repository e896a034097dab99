//! Words of a command line, and the settings that pages name.

use std::collections::BTreeSet;

use super::pages::{Page, Pages};

/// What stands between two commands.
const END: &str = "\n";

/// The commands on a line, each as words: quotes are taken away, comments left out; `|`, `&`, `;` end a command.
pub(crate) fn commands(line: &str) -> Vec<Vec<String>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for letter in line.chars() {
        match (letter, quote) {
            (letter, Some(open)) if letter == open => quote = None,
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            ('#', None) if word.is_none() => break,
            (' ', None) => words.extend(word.take()),
            ('|' | '&' | ';', None) => words.extend(word.take().into_iter().chain([END.to_owned()])),
            (letter, _) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words.split(|word| word == END).filter(|words| !words.is_empty()).map(<[String]>::to_vec).collect()
}

/// The settings that there are.
pub(crate) struct Settings {
    keys: BTreeSet<String>,
    sections: BTreeSet<String>,
}

impl Settings {
    /// Those of the generated page.
    pub(crate) fn of(pages: &Pages) -> Self {
        let page = pages.get("docs/settings.md").expect("the page of settings");
        let rows = page.text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
        let keys: BTreeSet<String> = rows.map(|(key, _)| key.to_owned()).collect();
        let sections = keys.iter().filter_map(|key| Some(key.split_once('.')?.0.to_owned())).collect();
        Self { keys, sections }
    }

    /// Those that a page names and that do not exist: variables anywhere, keys between backticks.
    pub(crate) fn missing(&self, page: &Page) -> Vec<String> {
        let variables = page.text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let of_variables = variables.filter_map(|word| word.strip_prefix("REFIT_")).filter(|rest| rest.contains("__"));
        let of_variables = of_variables.map(|rest| rest.to_lowercase().replacen("__", ".", 1));
        let code = page.prose().flat_map(|(_, line)| line.split('`').skip(1).step_by(2));
        let of_keys = code.filter(|word| word.chars().all(|c| c.is_ascii_lowercase() || "._".contains(c)));
        let of_keys =
            of_keys.filter(|word| word.split_once('.').is_some_and(|(begin, _)| self.sections.contains(begin)));
        let named = of_variables.chain(of_keys.map(str::to_owned));
        named.filter(|key| !self.has(key)).map(|key| format!("{}: {key}", page.path)).collect()
    }

    fn has(&self, key: &str) -> bool {
        // `REFIT_SECTION__KEY` says how variables are made.
        key == "section.key"
            || self.keys.contains(key)
            || key.strip_suffix("_file").is_some_and(|secret| self.keys.contains(secret))
    }
}

#[test]
fn a_line_is_parted_into_commands() {
    let found = commands("A=1 refit pause NEE --reason \"the feed\" && make x | cat   # why");
    let expected: [&[&str]; 3] = [&["A=1", "refit", "pause", "NEE", "--reason", "the feed"], &["make", "x"], &["cat"]];
    assert_eq!(found, expected);
    assert_eq!(commands("refit up &"), [["refit", "up"]]);
    assert!(commands("# only words").is_empty());
}

#[test]
fn settings_that_do_not_exist_are_found() {
    let known = Settings::of(&Pages::of_the_repository());
    let text = "`policy.max_increments` `policy.sideways` `manifest.json` REFIT_API__TOKEN_FILE REFIT_API__TOKENS";
    let page = Page { path: "page.md".into(), text: text.into() };
    assert_eq!(known.missing(&page), ["page.md: api.tokens", "page.md: policy.sideways"]);
}
