//! `refit models`

use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::table::{figure, or_nothing, table};
use crate::cli::text::{self, counted};
use crate::views::ModelView;

/// Lists the models and where they stand.
pub(crate) async fn run(context: &Context) -> Done {
    let models = context.client()?.models().await?;
    context.out.answer(&models, |models| listed(models))
}

fn listed(models: &[ModelView]) -> String {
    if models.is_empty() {
        return "no models yet; `refit import prices FILE…` makes one for each symbol, `refit model FAMILY/NAME` one on a data set".into();
    }
    let mut headings = vec!["model", "category", "live", ">reliability", ">rows", "newest", ">new", "decision"];
    let some_own = models.iter().any(|model| !model.own_policy.is_empty());
    headings.extend(some_own.then_some("~own policy"));
    let mut table = table(&headings);
    for model in models {
        let live = model.live.as_ref();
        let mut row = vec![
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
        ];
        row.extend(some_own.then(|| text::own_policy(model)));
        table.add_row(row);
    }
    format!("{table}\n{}", counted(models.len() as u64, "model"))
}

/// The day of the newest row, and how long ago that is where it is long.
fn newest(model: &ModelView) -> String {
    let old = model.data.as_ref().filter(|data| data.old).map(|data| format!(", {} old", counted(data.days, "day")));
    or_nothing(model.last_row) + &old.unwrap_or_default()
}
