//! `refit replay`: other policies over the days that were.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use common::settings::{Settings, Sources};
use common::vocabulary::ModelKey;

use super::report::{Form, shown};
use crate::cli::args::{date, model_key};
use crate::cli::context::Context;
use crate::cli::exit::{Done, Failure};
use crate::cli::file;
use crate::views::{NamedPolicy, PolicyValue, ReplayRequest};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Models; all, if none is named.
    #[arg(value_parser = model_key)]
    models: Vec<ModelKey>,
    /// A TOML file of settings whose section `policy` is replayed; may be given several times.
    #[arg(long = "policy", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A key that differs from the policy that holds now, such as retrain_when=cost; those given together are one policy.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// The first day.
    #[arg(long, value_name = "DATE", value_parser = date)]
    from: NaiveDate,
    /// The last day; else today.
    #[arg(long, value_name = "DATE", value_parser = date)]
    to: Option<NaiveDate>,
    #[command(flatten)]
    form: Form,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it like retrain_when=cost")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Asks what they would have come to.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let mut policies = args.files.iter().map(|path| of_file(path)).collect::<Result<Vec<_>, Failure>>()?;
    if !args.settings.is_empty() {
        let name = args.settings.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ");
        let values = args.settings.iter().map(|(name, value)| (name.clone(), PolicyValue::Text(value.clone())));
        policies.push(NamedPolicy { name, values: values.collect() });
    }
    let request = ReplayRequest {
        from: Some(args.from),
        to: args.to,
        models: args.models.iter().map(ToString::to_string).collect(),
        policies,
    };
    let replay = context.client()?.replay(&request).await?;
    shown::report(context, &args.form, "replay", &replay)
}

/// The policy of a file, whole.
fn of_file(path: &Path) -> Result<NamedPolicy, Failure> {
    drop(file::open(path)?);
    let settings = Settings::load(&Sources::none().with_file(path))?;
    let policy = serde_json::to_value(&settings.policy).map_err(|error| file::unusable(path, error))?;
    let values = policy.as_object().into_iter().flatten();
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let name = path.file_stem().map_or_else(|| path.display().to_string(), |stem| stem.to_string_lossy().into_owned());
    Ok(NamedPolicy { name, values: values.map(|(key, value)| (key.clone(), PolicyValue::Text(text(value)))).collect() })
}
