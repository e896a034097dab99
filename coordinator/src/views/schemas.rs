//! How names look: the patterns of the API's document, one a word of the vocabulary. Parsers decide, and a test compares the two.

use common::{ports, vocabulary};
use domain::ledger::Cause;

use domain::{decide, judge, monitor};
use strum::VariantNames;
use utoipa::openapi::schema::{AdditionalProperties, Array, ArrayBuilder, Object, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::db::versions::Status;
use crate::wording::Message;

/// Declares texts of a pattern, each a component of the document.
macro_rules! texts {
    ($($(#[doc = $doc:literal])+ $name:ident = $pattern:literal, $longest:literal, $example:literal;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub(crate) struct $name;
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(SchemaType::Type(Type::String))
                    .description(Some(concat!($($doc),+).trim()))
                    .pattern(Some($pattern))
                    .max_length(Some($longest))
                    .examples([$example])
                    .into()
            }
        }
        impl ToSchema for $name {}
    )+};
}

texts! {
    /// A model: the folder of its family, a slash, its name.
    ModelKey = "^[A-Za-z0-9_^][A-Za-z0-9._^-]{0,63}/[A-Za-z0-9_^][A-Za-z0-9._^-]{0,63}$", 129, "forecaster/AAPL";
    /// A part of a model's key: the folder of its family, or its name.
    Segment = "^[A-Za-z0-9_^][A-Za-z0-9._^-]{0,63}$", 64, "AAPL";
    /// A ticker symbol; upper and lower case are the same.
    Symbol = "^[A-Za-z0-9_^][A-Za-z0-9._^-]{0,63}$", 64, "AAPL";
    /// A data set; upper and lower case are the same.
    DatasetName = "^[A-Za-z0-9_^][A-Za-z0-9._^-]{0,63}$", 64, "movies";
    /// A pool of workers.
    PoolName = "^[a-z0-9-]{1,32}$", 32, "cpu";
    /// A version of a model.
    VersionNumber = "^v?[0-9]{1,9}\\.[0-9]{1,9}$", 20, "v1.0";
    /// A backup: when it was made, in UTC, and of which version.
    BackupId = "^[0-9]{8}T[0-9]{6}\\.[0-9]{3}Z-v[0-9]{1,9}\\.[0-9]{1,9}$", 40, "20260102T030405.678Z-v1.0";
    /// The beginning of an id.
    IdBeginning = "^[0-9A-Fa-f-]{1,36}$", 36, "018f0000";
    /// The name of a schedule.
    ScheduleName = "^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$", 64, "weekly-retrain";
    /// The name of a channel.
    ChannelName = "^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$", 64, "night-shift";
    /// The name of a token.
    TokenName = "^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$", 64, "ci";
}

/// Declares words of a closed list, each a component of the document.
macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident = $words:expr;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub(crate) struct $name;
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(SchemaType::Type(Type::String))
                    .description(Some(concat!($($doc),+).trim()))
                    .enum_values(Some($words))
                    .into()
            }
        }
        impl ToSchema for $name {}
    )+};
}

words! {
    /// The kinds of models there are.
    Family = vocabulary::Family::ALL.iter().map(|word| word.as_str());
    /// What a job does.
    JobKind = vocabulary::JobKind::ALL.iter().map(|word| word.as_str());
    /// Where a job stands.
    JobState = vocabulary::JobState::ALL.iter().map(|word| word.as_str());
    /// How a model is trained.
    Mode = vocabulary::Mode::ALL.iter().map(|word| word.as_str());
    /// Where a version stands: `judging`, then `live`, `rejected`, or `waiting` (inconclusive); `retired` was live, `superseded` was judged by what
    /// its model no longer reads, `reproduction` is of an earlier release.
    VersionStatus = Status::ALL.iter().map(|word| word.as_str());
    /// What a comparison of two versions showed.
    GateVerdict = judge::Verdict::VARIANTS.iter().copied();
    /// Whom a version was judged against.
    JudgedAgainst = judge::Against::VARIANTS.iter().copied();
    /// Whether to train: `recommended` would, but may not by itself.
    RetrainVerdict = decide::Verdict::VARIANTS.iter().copied();
    /// Why a live pointer was moved: `taken_back` is a rollback that nobody asked for.
    LedgerKind = Cause::VARIANTS.iter().copied();
    /// What the values of a column are.
    ColumnKind = vocabulary::ColumnKind::ALL.iter().map(|word| word.as_str());
    /// Where something is computed.
    DeviceKind = vocabulary::DeviceKind::ALL.iter().map(|word| word.as_str());
    /// How a live version does on rows that have come since its promotion: `unknown` for too few.
    Condition = monitor::Condition::VARIANTS.iter().copied();
    /// What was predicted: `batch` is of a whole file.
    PredictionKind = ["row", "list", "forecast", "batch"];
    /// Where a forecast says the next price will be: `neutral` is hardly anywhere.
    ForecastDirection = ["up", "down", "neutral"];
    /// Which model a forecast is of: the symbol's own, that of all symbols, or none.
    ForecastModel = ["own", "universal", "none"];
    /// What became of a request for a training.
    TrainingResult = ["requested", "already_training", "skipped", "refused"];
    /// What has happened to an alert.
    AlertNews = ["raised", "escalated", "resolved"];
    /// What something that cannot be understood should have been.
    LetterKind = ports::LetterKind::VARIANTS.iter().copied();
}

/// The codes of what is told.
pub(crate) fn codes<M: Message>() -> Object {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).enum_values(Some(M::CODES.iter().copied())).build()
}

/// Something told: a code of these, a sentence, and numbers.
pub(crate) fn message<M: Message>() -> Object {
    let text = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .description(Some("In words, with the numbers, in the language of whoever asks."));
    ObjectBuilder::new()
        .property("code", codes::<M>())
        .property("text", text)
        .required("code")
        .required("text")
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .description(Some("Its code, the sentence made of it, and its numbers by name."))
        .build()
}

/// Several of them.
pub(crate) fn messages<M: Message>() -> Array {
    ArrayBuilder::new().items(RefOr::T(message::<M>().into())).build()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::string::string_regex;

    use super::*;
    use domain::access;

    /// Texts of a schema's pattern.
    fn fitting<T: PartialSchema>() -> impl Strategy<Value = String> {
        let schema = serde_json::to_value(T::schema()).unwrap();
        let pattern = schema["pattern"].as_str().unwrap().trim_matches(['^', '$']).to_owned();
        string_regex(&pattern).unwrap()
    }

    proptest! {
        /// What the document lets through, the parsers take.
        #[test]
        fn patterns_and_parsers_agree(
            key in fitting::<ModelKey>(), symbol in fitting::<Symbol>(), dataset in fitting::<DatasetName>(),
            pool in fitting::<PoolName>(), version in fitting::<VersionNumber>(), token in fitting::<TokenName>(),
            schedule in fitting::<ScheduleName>(),
            channel in fitting::<ChannelName>(),
        ) {
            prop_assert!(key.parse::<vocabulary::ModelKey>().is_ok(), "{key}");
            prop_assert!(symbol.parse::<vocabulary::Symbol>().is_ok(), "{symbol}");
            prop_assert!(dataset.parse::<vocabulary::DatasetName>().is_ok(), "{dataset}");
            prop_assert!(pool.parse::<vocabulary::Pool>().is_ok(), "{pool}");
            prop_assert!(schedule.parse::<domain::schedule::ScheduleName>().is_ok(), "{schedule}");
            prop_assert!(channel.parse::<domain::alert::ChannelName>().is_ok(), "{channel}");
            prop_assert!(version.parse::<vocabulary::VersionNumber>().is_ok(), "{version}");
            let reserved = [access::TokenName::SETTINGS, access::TokenName::LOCAL].contains(&token.as_str());
            prop_assert!(reserved || token.parse::<access::TokenName>().is_ok(), "{token}");
        }
    }
}
