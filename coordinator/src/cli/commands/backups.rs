//! `refit backup`, `refit backups`, `refit restore` (C9, D3, D5).

use common::vocabulary::{ModelKey, VersionNumber};

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::pages::{self, List, Much};
use crate::cli::table::{figure, or_nothing, table};
use crate::cli::text::counted;
use crate::render::Table;
use crate::views::{BackupRequest, BackupView, RestoreAnswer, RestoreRequest};

#[derive(Debug, clap::Args)]
pub(crate) struct BackupArgs {
    /// The model.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// The version to copy; else the live one.
    #[arg(long)]
    version: Option<VersionNumber>,
    /// A word to whoever reads it later.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// The model.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    #[command(flatten)]
    much: Much,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RestoreArgs {
    /// The model.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// The backup, such as 20260102T030405.678Z-v1.0; `refit backups MODEL` lists them.
    backup: String,
    /// Why, for the ledger.
    #[arg(long)]
    reason: Option<String>,
}

/// Copies a version, whole.
pub(crate) async fn create(context: &Context, args: &BackupArgs) -> Done {
    let request = BackupRequest { version: args.version.map(|version| version.to_string()), note: args.note.clone() };
    let backup = context.client()?.backup(&args.model, &request).await?;
    context.out.answer(&backup, created)
}

/// Lists a model's backups, newest first.
pub(crate) async fn list(context: &Context, args: &ListArgs) -> Done {
    let (client, model) = (context.client()?, &args.model);
    let empty = format!("{model} has no backup; `refit backup {model}` makes one");
    let list = List { empty, table: &|backups| listed(model, backups), end: None };
    pages::show(&context.out, &args.much, list, async |query| client.backups(model, &query).await).await
}

/// Makes the version of a backup live again.
pub(crate) async fn restore(context: &Context, args: &RestoreArgs) -> Done {
    let request = RestoreRequest { reason: args.reason.clone() };
    let answer = context.client()?.restore(&args.model, &args.backup, &request).await?;
    context.out.answer(&answer, restored)
}

fn created(backup: &BackupView) -> String {
    let BackupView { id, model, version, files, bytes, place, .. } = backup;
    let mut lines = vec![
        format!("{model} {version} is backed up as {id}: {}, {}", counted(*files, "file"), bytesize::ByteSize(*bytes)),
        format!("  {place}"),
    ];
    lines.extend(backup.pruned.iter().map(|older| format!("  {older} made room for it")));
    lines.join("\n")
}

fn listed(model: &ModelKey, backups: &[BackupView]) -> (Table, Vec<String>) {
    let mut table = table(&["backup", "mode", "data to", ">reliability", ">size", "~note"]);
    for backup in backups {
        table.add_row([
            backup.id.clone(),
            or_nothing(backup.mode.as_ref()),
            or_nothing(backup.data_through),
            figure(backup.reliability, 2),
            bytesize::ByteSize(backup.bytes).to_string(),
            backup.damaged.clone().unwrap_or_else(|| backup.note.clone()),
        ]);
    }
    (table, vec![format!("`refit restore {model} BACKUP` makes one live again")])
}

fn restored(answer: &RestoreAnswer) -> String {
    let RestoreAnswer { backup, entry, added, replaced, recorded } = answer;
    let before = entry.previous.as_deref().unwrap_or("none");
    let mut text = format!(
        "{}: {} is live from backup {backup} (entry {}, before: {before})",
        entry.model, entry.version, entry.live_seq
    );
    if *recorded {
        text += "\n  the database did not know it, and does now";
    }
    if !added.is_empty() {
        text += &format!("\n  back in the store: {}", added.join(", "));
    }
    if !replaced.is_empty() {
        text += &format!("\n  damaged in the store, and replaced: {}", replaced.join(", "));
    }
    text
}
