//! The fleets beside the tickers: the universal forecaster on the bars of all of them; a recommender, a classifier of texts and four
//! models of records on rows generated for the demo.

mod employees;
mod ratings;
mod sum;
mod tasks;
mod texts;

use common::random::{Purpose, Stream};
use common::vocabulary::ModelKey;

pub(crate) use self::sum::Fleets;
use crate::cli::client::Client;
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::text::counted;
use crate::cli::watch;
use crate::views::{BatchRequest, ModelRequest, PageQuery, PredictRowsRequest, RecommendRequest, TableImportRequest};

/// Same rows in every demo.
const SEED: u64 = 1;

/// Rows that were made up: what they are, and how they are read.
struct Table {
    name: &'static str,
    what: &'static str,
    key: &'static str,
    time: Option<&'static str>,
    kinds: Option<&'static str>,
    /// As CSV.
    rows: fn() -> String,
}

const TABLES: [Table; 4] = [
    Table {
        name: "films",
        what: "ratings",
        key: "user,item",
        time: Some("time"),
        kinds: Some("user:text,item:text"),
        rows: ratings::csv,
    },
    Table { name: "complaints", what: "texts", key: "id", time: None, kinds: Some("id:text"), rows: texts::csv },
    Table {
        name: "employees",
        what: "employees",
        key: "EmployeeNumber",
        time: None,
        kinds: None,
        rows: employees::csv,
    },
    Table { name: "tasks", what: "tasks", key: "TaskNumber", time: None, kinds: None, rows: tasks::csv },
];

/// The models, and what makes them small enough for a minute on two cores.
const MODELS: [(&str, &[(&str, &str)]); 7] = [
    ("forecaster/universal", &[("layers", "1"), ("hidden", "32"), ("epochs", "5")]),
    ("recommender/films", &[("n_factors", "8"), ("members", "2")]),
    ("text/complaints", &[]),
    ("tabular/attrition", &[]),
    ("tabular/performance", &[]),
    ("tabular/duration", &[("trees", "150")]),
    ("tabular/risk", &[("trees", "100")]),
];

/// Trains and asks them all.
pub(crate) async fn play(out: &Output, client: &Client) -> Result<Fleets, Failure> {
    out.line("\n3. the other fleets: one forecaster of all tickers, and models on rows generated for this demo, a planted signal in noise");
    for table in TABLES {
        import(out, client, &table).await?;
    }
    for (key, hyper) in MODELS {
        let hyper = hyper.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        client.put_model(&parsed(key)?, &ModelRequest { hyper: Some(hyper), ..ModelRequest::default() }).await?;
    }
    let models = MODELS.iter().map(|(key, _)| (*key).to_owned()).collect();
    let answer = client.batch(&BatchRequest { models, ..BatchRequest::default() }).await?;
    let ids: Vec<_> = answer.items.iter().filter_map(|item| item.job).collect();
    let jobs = watch::until_ended(out, client, &ids).await?;
    let mut versions = Vec::new();
    for (key, _) in MODELS {
        versions.extend(client.versions(&parsed(key)?, &PageQuery::default()).await?.items);
    }
    let fleets = Fleets::new(MODELS.len(), versions, &jobs);
    ask(out, client, &fleets).await?;
    Ok(fleets)
}

async fn import(out: &Output, client: &Client, table: &Table) -> Result<(), Failure> {
    let request = TableImportRequest {
        file: format!("{}.csv", table.name),
        key: Some(table.key.into()),
        time: table.time.map(str::to_owned),
        kinds: table.kinds.map(str::to_owned),
        ..TableImportRequest::default()
    };
    let name = table.name.parse().map_err(|e| Failure::failed(format!("{e}")))?;
    let report = client.import_table(&name, &request, (table.rows)().into()).await?;
    if let Some(first) = report.refusals.first() {
        return Err(Failure::failed(format!(
            "{}: {} refused: {}",
            table.name,
            counted(report.refused, "row"),
            first.reason
        )));
    }
    out.line(format!("imported {} {} into the data set {} (generated)", report.new, table.what, table.name));
    Ok(())
}

/// A question to the two that people ask most.
async fn ask(out: &Output, client: &Client, fleets: &Fleets) -> Result<(), Failure> {
    if fleets.is_live("recommender/films") {
        let request = RecommendRequest { user: ratings::SOMEBODY.into(), n: Some(3), ratings: Vec::new() };
        let found = client.recommend(&parsed("recommender/films")?, &request).await?;
        let items: Vec<String> = found.items.iter().map(|item| format!("{} ({:.1})", item.item, item.rating)).collect();
        out.line(format!("asked    {} {}: {} may like {}", found.model, found.version, found.user, items.join(", ")));
    }
    if fleets.is_live("text/complaints") {
        let row = |text: &&str| [("text".to_owned(), (*text).into())].into();
        let request = PredictRowsRequest { rows: texts::ASKED.iter().map(row).collect() };
        let found = client.predict(&parsed("text/complaints")?, &request).await?;
        let said = texts::ASKED.iter().zip(&found.predictions);
        let said: Vec<String> = said.map(|(text, answer)| format!("{text:?} {:.2}", answer.value)).collect();
        out.line(format!("asked    {} {}: is it a complaint? {}", found.model, found.version, said.join(", ")));
    }
    Ok(())
}

fn parsed(key: &str) -> Result<ModelKey, Failure> {
    key.parse().map_err(|e| Failure::failed(format!("{e}")))
}

/// The draws of one row of a table.
fn draws(table: u32, row: usize) -> Stream {
    Stream::new(SEED, Purpose::Simulation, table, row as u64)
}

/// Whether something with these log-odds comes true.
fn happens(draws: &mut Stream, odds: f64) -> bool {
    draws.uniform() < 1.0 / (1.0 + (-odds).exp())
}

/// One of these.
fn one_of<'a>(draws: &mut Stream, words: &[&'a str]) -> &'a str {
    words[draws.below(words.len())]
}

#[cfg(test)]
mod tests {
    use common::vocabulary::records::{AvailableAt, preset};

    use super::*;

    #[test]
    fn every_table_is_the_same_each_time_and_whole() {
        for table in TABLES {
            let csv = (table.rows)();
            assert_eq!(csv, (table.rows)());
            let mut lines = csv.lines();
            let columns = lines.next().unwrap().split(',').count();
            assert!(lines.clone().count() > 1_000, "{}", table.name);
            assert!(lines.all(|line| line.split(',').count() == columns), "{}", table.name);
        }
    }

    #[test]
    fn the_tables_have_every_column_that_the_ready_made_models_read() {
        for (name, csv) in
            [("attrition", employees::csv()), ("performance", employees::csv()), ("duration", tasks::csv())]
        {
            let header: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
            let schema = preset(name).unwrap().schema;
            let read = schema.columns.iter().filter(|column| column.available_at == AvailableAt::Before);
            for column in read {
                assert!(header.contains(&column.name.as_str()), "{name}: {}", column.name);
            }
        }
    }
}
