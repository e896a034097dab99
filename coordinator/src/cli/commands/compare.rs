//! `refit compare`: two versions side by side (B7, C9).

use common::vocabulary::{ModelKey, VersionNumber};

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::table::{NOTHING, figure, or_nothing, table, time};
use crate::cli::text::counted;
use crate::views::{CompareView, EstimateView, SideView};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// The first version, such as v1.0.
    a: VersionNumber,
    /// The second, such as v1.1.
    b: VersionNumber,
}

/// Shows two versions side by side.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let compared = context.client()?.compare(&args.model, args.a.to_string(), args.b.to_string()).await?;
    context.out.answer(&compared, text)
}

fn text(compared: &CompareView) -> String {
    let (a, b) = (&compared.a, &compared.b);
    let mut table = table(&[&compared.model, &format!(">{}", a.version), &format!(">{}", b.version)]);
    let mut row = |name: &str, of: &dyn Fn(&SideView) -> String| {
        table.add_row([name.to_owned(), of(a), of(b)]);
    };
    row("status", &|side| side.status.clone());
    row("mode", &|side| side.mode.clone());
    row("from", &|side| or_nothing(side.parent.as_ref()));
    row("trained as of", &|side| time(side.trained_at));
    row("data to", &|side| side.data_through.to_string());
    row("rows given", &|side| side.rows.to_string());
    row("rows fitted on", &|side| side.train_rows.to_string());
    row("seconds", &|side| format!("{:.1}", side.seconds));
    row("reliability", &|side| figure(side.reliability, 2));
    row("own holdout", &|side| counted(side.holdout_rows, "row"));
    row("  from", &|side| side.holdout_first.to_string());
    row("  to", &|side| side.holdout_last.to_string());
    row("  hardest baseline", &|side| side.baseline.replace('_', " "));
    for figure in &compared.figures {
        table.add_row([format!("  {}", figure.name.replace('_', " ")), estimate(figure.a), estimate(figure.b)]);
    }
    for hyper in &compared.hyper {
        table.add_row([hyper.name.clone(), or_nothing(hyper.a.as_ref()), or_nothing(hyper.b.as_ref())]);
    }
    let same = if compared.hyper.is_empty() { "\nthe same hyper-parameters" } else { "" };
    format!("{table}{same}\n{}", compared.text)
}

/// A figure, with its 95 % interval where there is one.
fn estimate(estimate: Option<EstimateView>) -> String {
    match estimate {
        None => NOTHING.into(),
        Some(EstimateView { value, low: Some(low), high: Some(high) }) => {
            format!("{} ({} to {})", short(value), short(low), short(high))
        }
        Some(EstimateView { value, .. }) => short(value),
    }
}

/// Four digits that tell.
fn short(value: f64) -> String {
    let digits = if value == 0.0 { 0 } else { (3 - value.abs().log10().floor() as i32).clamp(0, 8) };
    format!("{value:.*}", digits as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_four_digits_and_their_interval() {
        let shown: Vec<String> = [0.0, 0.006_459_12, -0.031_24, 1.0, 123.456, 98_765.4].map(short).into();
        assert_eq!(shown, ["0", "0.006459", "-0.03124", "1.000", "123.5", "98765"]);
        let with = EstimateView { value: 0.52, low: Some(0.45), high: Some(0.59) };
        assert_eq!(estimate(Some(with)), "0.5200 (0.4500 to 0.5900)");
        assert_eq!(estimate(None), NOTHING);
    }
}
