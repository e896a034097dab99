//! `refit recommend`

use common::vocabulary::ModelKey;

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::table::table;
use crate::cli::text::counted;
use crate::views::{GivenRating, RecommendRequest, RecommendationsView};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The recommender, such as recommender/movies.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// Who.
    user: String,
    /// How many items.
    #[arg(short, default_value_t = 10)]
    n: u32,
    /// A rating of theirs that is not in the data set; may be repeated.
    #[arg(long = "rating", value_name = "ITEM=VALUE", value_parser = rating)]
    ratings: Vec<GivenRating>,
}

fn rating(text: &str) -> Result<GivenRating, String> {
    let parsed = text
        .rsplit_once('=')
        .and_then(|(item, value)| Some((item, value.parse().ok().filter(|value: &f64| value.is_finite())?)));
    match parsed {
        Some((item, value)) if !item.is_empty() => Ok(GivenRating { item: item.into(), value }),
        _ => Err("a rating is given as ITEM=VALUE, such as 50=5".into()),
    }
}

/// Says what a user may like, and why.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let request = RecommendRequest { user: args.user.clone(), n: Some(args.n), ratings: args.ratings.clone() };
    let found = context.client()?.recommend(&args.model, &request).await?;
    context.out.answer(&found, |found| text(found, args.ratings.len()))
}

fn text(found: &RecommendationsView, given: usize) -> String {
    let mut table = table(&["item", ">rating", "~why"]);
    for item in &found.items {
        table.add_row([item.item.clone(), format!("{:.2}", item.rating), item.reason.clone()]);
    }
    let version = &found.version;
    let from = format!("{} in the data set and {given} in the call", counted(found.stored, "rating"));
    let standing = match (found.known, found.stored, given) {
        (true, ..) => format!("known to {version}, with {from}"),
        (false, 0, 0) => format!("unknown to {version}: what most people like"),
        (false, ..) => format!("unknown to {version}, folded in from {from}"),
    };
    let unknown = found.unknown_items.iter();
    let unknown = unknown.map(|item| format!("\n{version} knows nothing of {item}: that rating changes nothing"));
    format!("{table}\n{}: {standing}{}", found.user, unknown.collect::<String>())
}
