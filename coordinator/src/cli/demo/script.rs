//! What the demo does, step by step, through the API.

use chrono::NaiveDate;
use common::vocabulary::{Mode, ModelKey};

use super::fleets;
use super::summary::Summary;
use super::tickers::{self, Ticker};
use crate::cli::client::{Client, Whose};
use crate::cli::commands::batch::asked;
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::table::points;
use crate::cli::text::counted;
use crate::cli::watch;
use crate::views::{BatchRequest, CheckRequest, DecisionView, JobView, ModelRequest, PageQuery};

/// Bars that arrive later: more than the 20 that ask for a training.
const HELD_BACK: usize = 25;
/// Small enough for a minute on two cores.
const HYPER: [(&str, &str); 3] = [("layers", "1"), ("hidden", "32"), ("epochs", "20")];

/// Plays it all.
pub(crate) async fn play(out: &Output, client: &Client) -> Result<Summary, Failure> {
    let (early, late): (Vec<_>, Vec<_>) = tickers::ALL.iter().map(|ticker| ticker.split(HELD_BACK)).unzip();

    let day = import(out, client, early).await?;
    register(out, client).await?;
    out.line(format!("\n1. evaluate as of {day}: no model has a live version"));
    let decisions = check(client, day, true).await?;
    decisions.iter().for_each(|decision| out.line(in_short(decision)));
    let ids: Vec<_> = decisions.iter().filter_map(|decision| decision.job).collect();
    let mut jobs = watch::until_ended(out, client, &ids).await?;
    let mut refused = tickers::ALL.len() - ids.len();

    let day = import(out, client, late).await?;
    out.line(format!("\n2. evaluate as of {day}: {HELD_BACK} new bars each"));
    check(client, day, false).await?.iter().for_each(|decision| out.line(in_short(decision)));
    out.line("the demo asks for incremental trainings of all, whatever was decided; without a live version they become complete");
    let (more, turned_down) = incremental(out, client, day).await?;
    jobs.extend(more);
    refused += turned_down;

    let mut versions = Vec::new();
    for ticker in tickers::ALL {
        versions.extend(client.versions(&key(ticker)?, &PageQuery::default()).await?.items.into_iter().rev());
    }
    let summary = Summary::new(tickers::ALL.len(), versions, &jobs, refused);
    Ok(summary.with(fleets::play(out, client).await?))
}

/// Brings in a file of each ticker; the date of the newest bar.
async fn import(out: &Output, client: &Client, files: Vec<String>) -> Result<NaiveDate, Failure> {
    let (mut bars, mut newest) = (0, None);
    for (ticker, csv) in tickers::ALL.iter().zip(files) {
        let whose = Whose { category: Some(ticker.category.clone()), ..Whose::default() };
        let report = client.import_body(&ticker.file(), &whose, csv.into()).await?;
        if report.refused > 0 {
            let why = report.refusals.first().map(|row| row.reason.as_str()).unwrap_or_default();
            return Err(Failure::failed(format!(
                "{}: {} refused: {why}",
                ticker.symbol,
                counted(report.refused, "row")
            )));
        }
        bars += report.accepted;
        newest = newest.max(report.last);
    }
    out.line(format!("imported {bars} daily bars of {} tickers", tickers::ALL.len()));
    newest.ok_or_else(|| Failure::failed("the files of the demo hold no bars"))
}

/// Gives each model hyper-parameters that train quickly, and shows the categories.
async fn register(out: &Output, client: &Client) -> Result<(), Failure> {
    let hyper = HYPER.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let request = ModelRequest { hyper: Some(hyper), ..ModelRequest::default() };
    for ticker in tickers::ALL {
        client.put_model(&key(ticker)?, &request).await?;
    }
    let categories = tickers::ALL.chunk_by(|a, b| a.category == b.category);
    for same in categories {
        let symbols: Vec<_> = same.iter().map(|ticker| ticker.symbol).collect();
        out.line(format!("  {:<10} {}", same[0].category, symbols.join(", ")));
    }
    out.line("what is in the portfolio is trained first: lower scores run sooner");
    Ok(())
}

async fn check(client: &Client, day: NaiveDate, enqueue: bool) -> Result<Vec<DecisionView>, Failure> {
    let models = tickers::ALL.iter().map(Ticker::model).collect();
    let request = CheckRequest { models, as_of: Some(day), enqueue, ..CheckRequest::default() };
    Ok(client.check(&request).await?.items)
}

async fn incremental(out: &Output, client: &Client, day: NaiveDate) -> Result<(Vec<JobView>, usize), Failure> {
    let request = BatchRequest {
        models: tickers::ALL.iter().map(Ticker::model).collect(),
        mode: Some(Mode::Incremental.to_string()),
        as_of: Some(day),
        force: true,
        ..BatchRequest::default()
    };
    let answer = client.batch(&request).await?;
    out.line(asked(&answer));
    let ids: Vec<_> = answer.items.iter().filter_map(|item| item.job).collect();
    let jobs = watch::until_ended(out, client, &ids).await?;
    Ok((jobs, answer.items.len() - ids.len()))
}

/// A decision in one line: verdict, mode, place, and the names of the reasons.
fn in_short(decision: &DecisionView) -> String {
    let names = decision.reasons.iter().map(|reason| reason.code.as_str());
    let holds = decision.holds.iter().map(|hold| hold.code.as_str());
    let why: Vec<_> = names.chain(holds).collect();
    format!(
        "  {:<16} {:<12} {:<12} score {:>5}  because {}",
        decision.model,
        decision.verdict.replace('_', " "),
        decision.mode.as_deref().unwrap_or_default(),
        decision.score.map(points).unwrap_or_default(),
        why.join(", ")
    )
}

fn key(ticker: &Ticker) -> Result<ModelKey, Failure> {
    ticker.model().parse().map_err(|e| Failure::failed(format!("{e}")))
}
