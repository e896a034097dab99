//! `refit tune`: searches for better hyper-parameters.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::NaiveDate;
use common::vocabulary::ModelKey;
use domain::search::SearchState;
use tokio::time::sleep;

use crate::cli::args::{date, model_key};
use crate::cli::context::Context;
use crate::cli::exit::{Code, Done, Failure};
use crate::cli::pages::{self, List, Much};
use crate::cli::table::{NOTHING, figure, or_nothing, table, time};
use crate::render::Table;
use crate::views::{SearchFilter, SearchRequest, SearchView, TrialView};

/// How often a search is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Searches for better hyper-parameters of a model, or shows searches.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    begin: BeginArgs,
}

/// What to do with searches.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List searches, newest first.
    List(ListArgs),
    /// Show one search with its trials.
    Show(Numbered),
    /// Cancel a search with the trials that have not ended; it can be resumed.
    Cancel(Numbered),
    /// Go on with a search that was cancelled or has failed.
    Resume(WaitArgs),
}

#[derive(Debug, clap::Args)]
struct BeginArgs {
    /// The model.
    #[arg(value_parser = model_key)]
    model: Option<ModelKey>,
    /// How many are tried at the shortest length, those that the model has among them [default: 27].
    #[arg(long, value_name = "N", requires = "model")]
    trials: Option<u32>,
    /// One in so many goes on, and is tried so many times as long [default: 3].
    #[arg(long, value_name = "N", requires = "model")]
    eta: Option<u32>,
    /// Of the draws [default: 0].
    #[arg(long, value_name = "N", requires = "model")]
    seed: Option<u64>,
    /// Search only this, as in learning_rate=0.0001..0.01 or hidden=16,32,64; may be given several times.
    #[arg(long = "search", value_name = "NAME=VALUES", value_parser = axis, requires = "model")]
    space: Vec<(String, String)>,
    /// With the rows that there were at the end of this day, instead of now.
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<NaiveDate>,
    /// Do not wait for its end.
    #[arg(long)]
    no_wait: bool,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Of this model only.
    #[arg(value_parser = model_key)]
    model: Option<ModelKey>,
    #[command(flatten)]
    much: Much,
}

#[derive(Debug, clap::Args)]
struct Numbered {
    /// The number of the search.
    search: i64,
}

#[derive(Debug, clap::Args)]
struct WaitArgs {
    /// The number of the search.
    search: i64,
    /// Do not wait for its end.
    #[arg(long)]
    no_wait: bool,
}

fn axis(text: &str) -> Result<(String, String), String> {
    let (name, values) = text.split_once('=').ok_or("write it like learning_rate=0.0001..0.01")?;
    Ok((name.trim().to_owned(), values.trim().to_owned()))
}

/// Does it.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    match (&args.command, &args.begin.model) {
        (Some(Command::List(ListArgs { model, much })), _) => list(context, model.as_ref(), much).await,
        (None, None) => list(context, None, &Much::default()).await,
        (Some(Command::Show(Numbered { search })), _) => show(context, &client.search(*search).await?),
        (Some(Command::Cancel(Numbered { search })), _) => {
            context.out.answer(&client.cancel_search(*search).await?, sentence)
        }
        (Some(Command::Resume(WaitArgs { search, no_wait })), _) => {
            let search = client.resume_search(*search).await?;
            if *no_wait { begun(context, &search) } else { wait_for(context, search).await }
        }
        (None, Some(model)) => {
            let BeginArgs { trials, eta, seed, space, as_of, no_wait, .. } = &args.begin;
            let named = space.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
            if let Some(twice) = named.iter().find(|name| named.iter().filter(|other| other == name).count() > 1) {
                return Err(Failure::new(
                    Code::Usage,
                    format!("--search names {twice} twice: write all its values once"),
                ));
            }
            let space: BTreeMap<String, String> = space.iter().cloned().collect();
            let request = SearchRequest {
                model: model.to_string(),
                trials: *trials,
                eta: *eta,
                seed: *seed,
                as_of: *as_of,
                space,
            };
            let search = client.begin_search(&request).await?;
            if *no_wait { begun(context, &search) } else { wait_for(context, search).await }
        }
    }
}

async fn list(context: &Context, model: Option<&ModelKey>, much: &Much) -> Done {
    let client = context.client()?;
    let empty = "no searches; `refit tune MODEL` begins one".to_owned();
    let list = List { empty, table: &table_of, end: None };
    pages::show(&context.out, much, list, async |query| {
        let model = model.map(ToString::to_string);
        client.searches(&SearchFilter { model, limit: query.limit, cursor: query.cursor }).await
    })
    .await
}

/// Waits for the end of a search, and shows it; one that has failed is a failure.
async fn wait_for(context: &Context, mut search: SearchView) -> Done {
    let (client, mut told) = (context.client()?, None);
    while !is_settled(&search) {
        let stands = (search.state, search.rung);
        if told != Some(stands) {
            context.out.note(sentence(&search));
            told = Some(stands);
        }
        sleep(LOOK).await;
        search = client.search(search.id).await.map_err(|failure| {
            failure.next(format!("search {} goes on: `refit tune show {}` shows it", search.id, search.id))
        })?;
    }
    show(context, &search)?;
    match search.state {
        SearchState::Failed => Err(Failure::failed(format!("search {} has failed", search.id))
            .next(format!("`refit tune resume {}` tries again what was not measured", search.id))),
        SearchState::Running | SearchState::Challenging | SearchState::Completed | SearchState::Cancelled => Ok(()),
    }
}

/// It goes on without whoever asked.
fn begun(context: &Context, search: &SearchView) -> Done {
    context.out.answer(search, sentence)?;
    context.out.note(format!("`refit tune show {}` shows how it goes", search.id));
    Ok(())
}

/// Nothing more comes of it soon: it is over, or what it found waits for rows.
fn is_settled(search: &SearchView) -> bool {
    search.state.is_over() || search.outcome.as_ref().is_some_and(|outcome| outcome.code == "waits")
}

fn show(context: &Context, search: &SearchView) -> Done {
    context.out.answer(search, |search| {
        let trials = trials_of(&search.trials).to_string();
        [trials, sentence(search)].into_iter().filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join("\n")
    })
}

/// `search 3 of forecaster/AAPL: running, rung 2 of 4. Best of rung 1: trial 7 (hidden=64), loss 0.0123; the model's own: 0.0130.`
fn sentence(search: &SearchView) -> String {
    let SearchView { id, model, state, rung, rungs, .. } = search;
    let best = search.best.as_ref().map(|best| {
        let what = if best.trial == 0 { "what the model has".to_owned() } else { differs(&best.hyper) };
        format!(" Best of rung {}: trial {} ({what}), loss {}.", best.rung, best.trial, figure(Some(best.loss), 6))
    });
    let own = search.own_loss.map(|loss| format!(" The model's own: {}.", figure(Some(loss), 6)));
    let outcome = search.outcome.as_ref().map(|outcome| format!(" {}", outcome.text));
    let parts = [best, own, outcome].into_iter().flatten().collect::<String>();
    format!("search {id} of {model}: {state}, rung {rung} of {rungs}.{parts}")
}

fn differs(hyper: &BTreeMap<String, String>) -> String {
    hyper.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

fn trials_of(trials: &[TrialView]) -> Table {
    let mut table = table(&[">rung", ">trial", "state", ">loss", ">seconds", "~differs by"]);
    for trial in trials {
        let differs = if trial.trial == 0 { "(what the model has)".to_owned() } else { differs(&trial.hyper) };
        table.add_row([
            trial.rung.to_string(),
            trial.trial.to_string(),
            or_nothing(trial.state.clone()),
            figure(trial.loss, 6),
            figure(trial.seconds, 1),
            differs,
        ]);
    }
    table
}

fn table_of(searches: &[SearchView]) -> (Table, Vec<String>) {
    let mut table = table(&[">search", "model", "state", "rung", "begun (UTC)", ">loss", ">own", "~outcome"]);
    for search in searches {
        table.add_row([
            search.id.to_string(),
            search.model.clone(),
            search.state.to_string(),
            format!("{} of {}", search.rung, search.rungs),
            time(search.created_at),
            figure(search.best.as_ref().map(|best| best.loss), 6),
            figure(search.own_loss, 6),
            search.outcome.as_ref().map_or_else(|| NOTHING.into(), |outcome| outcome.text.clone()),
        ]);
    }
    (table, Vec::new())
}
