//! The history of a model.

use chrono::NaiveDate;

use super::parts::{NOTHING, coded, document as paper, figure, grid, moves, name, number, section};
use crate::render::{Axis, Block, Document, Mark, Plot, Series, Shape};
use crate::views::{DayScore, ModelReport, VersionSummary};
use crate::wording::{Label, ReportText, word};

/// Days over which losses are averaged for the plot, so that a line is seen in them: as many as leave about this number of points.
const POINTS: usize = 90;

pub(super) fn document(report: &ModelReport) -> Document {
    let sections = vec![
        section(Label::Summary, vec![summary(report)]),
        section(Label::Performance, performance(report)),
        section(Label::Forecasts, forecasts(report)),
        section(Label::Calibration, calibration(report)),
        section(Label::LossCurve, curve(report)),
        section(Label::Versions, vec![versions(&report.versions)]),
        section(Label::Moves, vec![moves(&report.moves, 0, false)]),
    ];
    let title = ReportText::Model { model: report.model.clone() };
    paper(&title, &[ReportText::Made { at: report.made_at }], sections)
}

fn summary(report: &ModelReport) -> Block {
    let decimals = |value: Option<f64>, decimals: usize| {
        value.map_or_else(|| NOTHING.to_owned(), |value| format!("{value:.decimals$}"))
    };
    Block::Figures(vec![
        figure(Label::Family, coded("family", report.family)),
        figure(Label::LiveVersion, report.live.clone().unwrap_or_else(|| NOTHING.into())),
        figure(Label::Age, decimals(report.age_days, 1)),
        figure(Label::NewRows, report.new_rows),
        figure(Label::Reliability, decimals(report.reliability, 2)),
        figure(Label::Action, &report.action.text),
    ])
}

fn line(label: Label, points: Vec<(f64, f64)>) -> Series {
    Series { label: label.text(), shape: Shape::Line(points) }
}

/// The live version's loss and its baseline's, with the days on which versions went live.
fn performance(report: &ModelReport) -> Vec<Block> {
    if report.scores.is_empty() {
        return Vec::new();
    }
    let averaged = averaged(&report.scores);
    let points = |of: fn(&Averaged) -> f64| averaged.iter().map(|one| (seconds(one.date), of(one))).collect();
    let mut marks: Vec<Mark> = Vec::new();
    for score in &report.scores {
        if marks.last().is_none_or(|last| last.label != score.version) {
            marks.push(Mark { x: seconds(score.date), label: score.version.clone() });
        }
    }
    let unit = report.loss.map(|loss| loss.title().to_owned()).unwrap_or_default();
    vec![Block::Plot(Plot {
        title: Label::Performance.text(),
        x: Axis::Time,
        y: Axis::Number(unit),
        series: vec![
            line(Label::OfTheModel, points(|one| one.loss)),
            line(Label::OfTheBaseline, points(|one| one.baseline)),
        ],
        marks,
    })]
}

/// Mean losses of some days.
struct Averaged {
    date: NaiveDate,
    loss: f64,
    baseline: f64,
}

/// Days put together, each weighed by its rows.
fn averaged(scores: &[DayScore]) -> Vec<Averaged> {
    let together = scores.len().div_ceil(POINTS).max(1);
    let mean = |part: &[DayScore], of: fn(&DayScore) -> f64| {
        let rows: f64 = part.iter().map(|score| score.rows as f64).sum();
        part.iter().map(|score| of(score) * score.rows as f64).sum::<f64>() / rows.max(1.0)
    };
    let one = |part: &[DayScore]| {
        let date = part[part.len() / 2].date;
        Averaged { date, loss: mean(part, |score| score.loss), baseline: mean(part, |score| score.baseline) }
    };
    scores.chunks(together).map(one).collect()
}

fn seconds(date: NaiveDate) -> f64 {
    date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp() as f64
}

fn forecasts(report: &ModelReport) -> Vec<Block> {
    if report.forecasts.is_empty() {
        return Vec::new();
    }
    let points = &report.forecasts;
    let band = points.iter().filter_map(|one| one.interval_percent.map(|[low, high]| (seconds(one.date), low, high)));
    let band: Vec<_> = band.collect();
    let said = points.iter().map(|one| (seconds(one.date), one.change_percent)).collect();
    let came = points.iter().filter_map(|one| Some((seconds(one.date), one.outcome_percent?))).collect();
    let mut series = vec![
        Series { label: Label::Came.text(), shape: Shape::Points(came) },
        line(Label::Forecast, said),
        Series { label: Label::Interval.text(), shape: Shape::Band(band.clone()) },
    ];
    if band.is_empty() {
        series.pop();
    }
    let (x, y) = (Axis::Time, Axis::Number(Label::Change.text()));
    vec![Block::Plot(Plot { title: Label::Forecasts.text(), x, y, series, marks: Vec::new() })]
}

fn calibration(report: &ModelReport) -> Vec<Block> {
    let points: Vec<(f64, f64)> =
        report.reliability_diagram.iter().map(|point| (point.expected, point.observed)).collect();
    let (Some(low), Some(high)) = (
        points.iter().flat_map(|(x, y)| [*x, *y]).reduce(f64::min),
        points.iter().flat_map(|(x, y)| [*x, *y]).reduce(f64::max),
    ) else {
        return Vec::new();
    };
    let ideal = Shape::Dashes(vec![(low, low), (high, high)]);
    vec![Block::Plot(Plot {
        title: Label::Calibration.text(),
        x: Axis::Number(Label::Expected.text()),
        y: Axis::Number(Label::Observed.text()),
        series: vec![
            Series { label: Label::Came.text(), shape: Shape::Points(points) },
            Series { label: Label::Ideal.text(), shape: ideal },
        ],
        marks: Vec::new(),
    })]
}

fn curve(report: &ModelReport) -> Vec<Block> {
    if report.curve.is_empty() {
        return Vec::new();
    }
    let points = |of: fn(&crate::views::CurveView) -> f64| {
        let finite = report.curve.iter().filter(move |point| of(point).is_finite());
        finite.map(|point| (f64::from(point.epoch), of(point))).collect()
    };
    vec![Block::Plot(Plot {
        title: Label::LossCurve.text(),
        x: Axis::Number(Label::Epoch.text()),
        y: Axis::Number(Label::Loss.text()),
        series: vec![
            line(Label::TrainingLoss, points(|point| point.train_loss)),
            line(Label::ValidationLoss, points(|point| point.validation_loss)),
        ],
        marks: Vec::new(),
    })]
}

fn versions(versions: &[VersionSummary]) -> Block {
    let columns = vec![
        name(Label::Version),
        name(Label::State),
        name(Label::Mode),
        name(Label::Trained),
        number(Label::Loss),
        number(Label::AgainstBaseline),
        number(Label::Reliability),
        number(Label::Seconds),
        name(Label::Verdict),
    ];
    let row = |version: &VersionSummary| {
        let against = (version.baseline_loss > 0.0)
            .then(|| format!("{:+.1} %", 100.0 * (version.loss / version.baseline_loss - 1.0)));
        let reliability = version.reliability.map(|reliability| format!("{reliability:.2}"));
        let verdict = version.verdict.as_ref().map(|verdict| word("verdict", &verdict.verdict));
        vec![
            version.version.clone(),
            coded("status", &version.status),
            coded("mode", version.mode),
            version.trained_at.format("%Y-%m-%d").to_string(),
            format!("{:.5}", version.loss),
            against.unwrap_or_else(|| NOTHING.into()),
            reliability.unwrap_or_else(|| NOTHING.into()),
            format!("{:.1}", version.seconds),
            verdict.unwrap_or_else(|| NOTHING.into()),
        ]
    };
    grid(columns, versions.iter().map(row).collect(), 0)
}
