//! Numbers, shares and moments as they are written in a language: the functions of the catalogues.
//!
//! - `NUMBER($x, decimals: 2)`: with so many decimals; `most: 2`: with no more than needed.
//! - `PERCENT($share, …)`: the same of a hundred times as much; `sign: "always"` writes the plus.
//! - `MOMENT($at)`: a moment to the second, in UTC.
//! - `MINUTE($at)`: a moment to the minute, in UTC.
//! - `BYTES($bytes)`: so much memory.
//! - `SENTENCE($text)`: with a full stop, if it has none.

use chrono::{DateTime, Utc};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentNumber;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};

use super::Language;

/// Most decimals that are ever written.
const DECIMALS: f64 = 9.0;

/// Gives the messages of a bundle their functions.
pub(super) fn add(bundle: &mut FluentBundle<FluentResource>, language: Language) -> Result<(), FluentError> {
    // The marks around arguments are for right-to-left languages; terminals show them.
    bundle.set_use_isolating(false);
    bundle.set_formatter(match language {
        Language::English => None,
        Language::Spanish => Some(|value, _| match value {
            FluentValue::Number(number) => Some(decimal_comma(&number.as_string())),
            FluentValue::String(_) | FluentValue::Custom(_) | FluentValue::None | FluentValue::Error => None,
        }),
    });
    bundle.add_function("NUMBER", move |given, named| written(language, 1.0, given, named))?;
    bundle.add_function("PERCENT", move |given, named| written(language, 100.0, given, named))?;
    bundle.add_function("MOMENT", |given, _| moment(given, "%Y-%m-%d %H:%M:%SZ"))?;
    bundle.add_function("MINUTE", |given, _| moment(given, "%Y-%m-%d %H:%M"))?;
    bundle.add_function("BYTES", move |given, _| bytes(language, given))?;
    bundle.add_function("SENTENCE", |given, _| sentence(given))
}

fn written<'a>(language: Language, times: f64, given: &[FluentValue<'a>], named: &FluentArgs) -> FluentValue<'a> {
    let Some(FluentValue::Number(FluentNumber { value, .. })) = given.first() else { return FluentValue::Error };
    let value = times * value;
    let option = |name: &'static str| match named.get(name) {
        Some(FluentValue::Number(number)) => Some(number.value.clamp(0.0, DECIMALS) as usize),
        Some(_) | None => None,
    };
    let text = match (option("decimals"), option("most")) {
        (Some(decimals), _) if named.get("sign").is_some() => format!("{value:+.decimals$}"),
        (Some(decimals), _) => format!("{value:.decimals$}"),
        (None, Some(0)) => format!("{value:.0}"),
        (None, Some(most)) => format!("{value:.most$}").trim_end_matches('0').trim_end_matches('.').to_owned(),
        (None, None) => value.to_string(),
    };
    localised(language, text).into()
}

fn localised(language: Language, number: String) -> String {
    match language {
        Language::English => number,
        Language::Spanish => decimal_comma(&number),
    }
}

fn decimal_comma(number: &str) -> String {
    number.replace('.', ",")
}

fn moment<'a>(given: &[FluentValue<'a>], form: &str) -> FluentValue<'a> {
    let Some(FluentValue::String(text)) = given.first() else { return FluentValue::Error };
    text.parse::<DateTime<Utc>>().map_or(FluentValue::Error, |at| at.format(form).to_string().into())
}

fn bytes<'a>(language: Language, given: &[FluentValue<'a>]) -> FluentValue<'a> {
    let Some(FluentValue::Number(FluentNumber { value, .. })) = given.first() else { return FluentValue::Error };
    localised(language, bytesize::ByteSize(*value as u64).to_string()).into()
}

fn sentence<'a>(given: &[FluentValue<'a>]) -> FluentValue<'a> {
    let Some(FluentValue::String(text)) = given.first() else { return FluentValue::Error };
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{text}{end}").into()
}
