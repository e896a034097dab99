//! `refit promote`, `refit rollback`: the live pointer, by hand.

use common::vocabulary::{ModelKey, VersionNumber};

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::views::{LedgerView, PromoteRequest};

#[derive(Debug, clap::Args)]
pub(crate) struct PromoteArgs {
    /// The model.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// The version to make live, such as v1.1.
    version: VersionNumber,
    /// Why, for the ledger.
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RollbackArgs {
    /// The model.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// The version to go back to; else the one that was live before.
    version: Option<VersionNumber>,
    /// Why, for the ledger.
    #[arg(long)]
    reason: Option<String>,
}

/// Makes a version live.
pub(crate) async fn promote(context: &Context, args: &PromoteArgs) -> Done {
    let request = PromoteRequest { version: Some(args.version.to_string()), reason: args.reason.clone() };
    let entry = context.client()?.promote(&args.model, &request).await?;
    context.out.answer(&entry, text)
}

/// Goes back to an earlier version (A4, G7).
pub(crate) async fn rollback(context: &Context, args: &RollbackArgs) -> Done {
    let version = args.version.as_ref().map(ToString::to_string);
    let request = PromoteRequest { version, reason: args.reason.clone() };
    let entry = context.client()?.rollback(&args.model, &request).await?;
    context.out.answer(&entry, text)
}

fn text(entry: &LedgerView) -> String {
    let before = entry.previous.as_ref().map_or_else(|| "none".into(), Clone::clone);
    format!("{}: {} is live (entry {}, before: {before})", entry.model, entry.version, entry.live_seq)
}
