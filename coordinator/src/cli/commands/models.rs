//! `refit models`

use common::vocabulary::Family;

use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::pages::{self, List, Much};
use crate::cli::table::{figure, or_nothing, table};
use crate::cli::text::{self, counted};
use crate::render::Table;
use crate::views::{DecisionVerdict, ModelFilter, ModelSummary, PageQuery};

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// Only those whose keys begin so, such as forecaster/A.
    key: Option<String>,
    /// Only those of this family: forecaster, recommender, text or tabular.
    #[arg(long)]
    family: Option<Family>,
    /// Only those of this category: portfolio, on_demand, watchlist, scanning or another.
    #[arg(long)]
    category: Option<String>,
    /// Only those with this latest decision: retrain, recommended, held_back or not_needed.
    #[arg(long, value_parser = verdict)]
    verdict: Option<DecisionVerdict>,
    /// Only those that somebody should look at: paused, or declined since they went live.
    #[arg(long)]
    attention: bool,
    #[command(flatten)]
    much: Much,
}

fn verdict(text: &str) -> Result<DecisionVerdict, String> {
    let read = serde_json::from_value(text.into());
    read.map_err(|_| format!("{text:?} is no decision: use retrain, recommended, held_back or not_needed"))
}

impl Args {
    fn filter(&self, PageQuery { limit, cursor }: PageQuery) -> ModelFilter {
        let Self { key, family, category, verdict, attention, much: _ } = self.clone();
        ModelFilter { family, key, category, verdict, attention, limit, cursor }
    }

    fn is_filtered(&self) -> bool {
        self.filter(PageQuery::default()) != ModelFilter::default()
    }
}

/// Lists the models and where they stand.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    let none = match args.is_filtered() {
        true => "no model is like that; `refit models` lists those there are",
        false => {
            "no models yet; `refit import prices FILE…` makes one for each symbol, `refit model FAMILY/NAME` one on a data set"
        }
    };
    let list = List { empty: none.into(), table: &listed, end: Some(&|count| counted(count, "model")) };
    pages::show(&context.out, &args.much, list, async |query| client.models(&args.filter(query)).await).await
}

fn listed(models: &[ModelSummary]) -> (Table, Vec<String>) {
    let mut table = table(&["model", "category", "live", ">reliability", ">rows", "newest", ">new", "decision"]);
    for model in models {
        let live = model.live.as_ref();
        table.add_row([
            model.key.clone(),
            model.category.clone(),
            or_nothing(live.map(|version| &version.version)),
            figure(live.and_then(|version| version.reliability), 2),
            model.rows.to_string(),
            newest(model),
            model.new_rows.to_string(),
            match (&model.paused, &model.active_job, &model.decision) {
                (Some(pause), _, _) => format!("paused {}", text::pause(pause)),
                (None, Some(_), _) => "in training".into(),
                (None, None, decision) => or_nothing(decision.as_ref().map(|d| d.verdict.replace('_', " "))),
            },
        ]);
    }
    let own = models.iter().filter(|model| !model.own_policy.is_empty());
    (table, own.map(|model| format!("{}: own policy {}", model.key, text::own_policy(&model.own_policy))).collect())
}

/// The day of the newest row, and how long ago that is where it is long.
fn newest(model: &ModelSummary) -> String {
    let old = model.data.as_ref().filter(|data| data.old).map(|data| format!(", {} old", counted(data.days, "day")));
    or_nothing(model.last_row) + &old.unwrap_or_default()
}
