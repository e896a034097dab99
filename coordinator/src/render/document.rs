//! What a document is made of. Everything in it is in words already.

use crate::wording::Language;

/// A document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    /// In which language it is.
    pub(crate) language: Language,
    /// What it is about.
    pub(crate) title: String,
    /// What should be known of all of it.
    pub(crate) preface: Vec<String>,
    /// Its parts.
    pub(crate) sections: Vec<Section>,
}

/// A part.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Section {
    /// What it is about.
    pub(crate) heading: String,
    /// What it says.
    pub(crate) blocks: Vec<Block>,
}

/// Something that a part says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Block {
    /// A sentence.
    Line(String),
    /// Figures beside each other.
    Figures(Vec<Figure>),
    /// A table.
    Grid(Grid),
    /// A plot.
    Plot(Plot),
}

/// A figure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    /// What it is.
    pub(crate) label: String,
    /// The figure itself, with its unit.
    pub(crate) value: String,
    /// What it means for whoever reads.
    pub(crate) tone: Tone,
}

/// What something means for whoever reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tone {
    /// Neither good nor bad.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Worth a look.
    Bad,
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Grid {
    /// Its columns.
    pub(crate) columns: Vec<Column>,
    /// Its rows, a cell for each column.
    pub(crate) rows: Vec<Vec<String>>,
    /// What is said of rows that are not shown.
    pub(crate) rest: Option<String>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Column {
    /// Of names: never broken.
    Name(String),
    /// Of numbers: to the right.
    Number(String),
    /// Of sentences.
    Text(String),
}

impl Column {
    /// What stands above it.
    pub(crate) fn heading(&self) -> &str {
        match self {
            Self::Name(heading) | Self::Number(heading) | Self::Text(heading) => heading,
        }
    }
}

/// A plot.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plot {
    /// What it shows.
    pub(crate) title: String,
    /// To the right.
    pub(crate) x: Axis,
    /// Upwards.
    pub(crate) y: Axis,
    /// What is drawn, the first at the bottom.
    pub(crate) series: Vec<Series>,
    /// Moments that are marked.
    pub(crate) marks: Vec<Mark>,
}

/// An axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Axis {
    /// Of moments: seconds since 1970, UTC.
    Time,
    /// Of numbers, with what they are.
    Number(String),
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// What it is.
    pub(crate) label: String,
    /// How it is drawn.
    pub(crate) shape: Shape,
}

/// How something is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// A line through these.
    Line(Vec<(f64, f64)>),
    /// A broken line through these: what others are compared with.
    Dashes(Vec<(f64, f64)>),
    /// Steps from one to the next, filled down to 0.
    Steps(Vec<(f64, f64)>),
    /// A point each.
    Points(Vec<(f64, f64)>),
    /// A band from a lower to an upper end.
    Band(Vec<(f64, f64, f64)>),
}

impl Shape {
    /// Where it has to be seen: each point, of a band both ends.
    pub(crate) fn extent(&self) -> Vec<(f64, f64)> {
        match self {
            Self::Line(points) | Self::Dashes(points) | Self::Points(points) => points.clone(),
            Self::Steps(points) => points.iter().flat_map(|(x, y)| [(*x, *y), (*x, 0.0)]).collect(),
            Self::Band(ends) => ends.iter().flat_map(|(x, low, high)| [(*x, *low), (*x, *high)]).collect(),
        }
    }
}

/// A moment that is marked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mark {
    /// Where.
    pub(crate) x: f64,
    /// What happened there.
    pub(crate) label: String,
}
