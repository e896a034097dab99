//! The languages that are spoken, and which of them somebody reads.

use std::env;
use std::fmt;
use std::str::FromStr;

tokio::task_local! {
    static READER: Language;
}

/// A language that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English, unless somebody asks for another.
    #[default]
    English,
    /// Spanish.
    Spanish,
}

/// No such language is spoken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not spoken; en and es are")]
pub struct NotSpoken(String);

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// Its tag.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// The language of a tag such as `es-MX`, or of a locale such as `es_MX.UTF-8`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_', '.', '@']).next()?;
        Self::ALL.into_iter().find(|known| language.eq_ignore_ascii_case(known.as_str()))
    }

    /// The language that a header `Accept-Language` likes best of those spoken; of equal ones the first. (The crates for this overlook
    /// weights, or panic at one that is no number.)
    pub fn accepted(header: &str) -> Option<Self> {
        let weighed = |range: &str| {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let weight: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
            Some((Self::of_tag(tag.trim())?, weight))
        };
        let liked = header.split(',').filter_map(weighed).filter(|(_, weight)| *weight > 0.0);
        liked.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(language, _)| language)
    }

    /// The language of this process's surroundings, as POSIX has it.
    pub fn of_process() -> Option<Self> {
        let set = |name| env::var(name).ok().filter(|locale| !locale.is_empty());
        ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set).and_then(|locale| Self::of_tag(&locale))
    }

    /// The language of whoever is answered by this task.
    pub fn current() -> Self {
        READER.try_with(|language| *language).unwrap_or_default()
    }

    /// Does something for somebody who reads this language.
    pub async fn spoken<F: Future>(self, to: F) -> F::Output {
        READER.scope(self, to).await
    }

    /// The same for what does not wait.
    pub fn spoken_here<T>(self, to: impl FnOnce() -> T) -> T {
        READER.sync_scope(self, to)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Language {
    type Err = NotSpoken;

    fn from_str(text: &str) -> Result<Self, NotSpoken> {
        Self::of_tag(text).ok_or_else(|| NotSpoken(text.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_its_tag_and_by_its_locale() {
        for tag in ["es", "ES", "es-MX", "es_ES.UTF-8", "es@euro"] {
            assert_eq!(Language::of_tag(tag), Some(Language::Spanish), "{tag}");
        }
        for tag in ["", "C", "POSIX", "C.UTF-8", "est", "fr-FR"] {
            assert_eq!(Language::of_tag(tag), None, "{tag}");
        }
        assert_eq!("fr".parse::<Language>().unwrap_err().to_string(), "\"fr\" is not spoken; en and es are");
    }

    #[test]
    fn of_what_a_reader_accepts_the_best_that_is_spoken_is_taken() {
        use Language::{English, Spanish};
        for (header, taken) in [
            ("es", Some(Spanish)),
            ("fr, es-CO;q=0.8, en;q=0.5", Some(Spanish)),
            ("en;q=0.5, es", Some(Spanish)),
            ("en-GB,en;q=0.9,es;q=0.1", Some(English)),
            ("de", None),
            ("*", None),
            ("", None),
            (";q=;,,", None),
            ("es;q=nan, en;q=0, es;q=0.2", Some(Spanish)),
        ] {
            assert_eq!(Language::accepted(header), taken, "{header}");
        }
    }

    #[test]
    fn english_is_spoken_where_nobody_says_otherwise() {
        assert_eq!(Language::current(), Language::English);
        assert_eq!(Language::Spanish.spoken_here(Language::current), Language::Spanish);
    }
}
