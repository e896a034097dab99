//! A document as text: for a terminal, a letter or a file.

use super::columns::Table;
use super::document::{Block, Column, Document, Figure, Grid, Plot, Shape};
use super::sparkline::sparkline;

/// The document, in so many columns where its words let it.
pub(crate) fn text(document: &Document, width: usize) -> String {
    let mut parts = vec![underlined(&document.title, '=')];
    if !document.preface.is_empty() {
        parts.push(document.preface.join("\n"));
    }
    for section in &document.sections {
        let blocks = section.blocks.iter().map(|block| block_text(block, &section.heading, width));
        let blocks: Vec<String> = blocks.filter(|text| !text.is_empty()).collect();
        if !blocks.is_empty() {
            parts.push(underlined(&section.heading, '-'));
            parts.extend(blocks);
        }
    }
    parts.join("\n\n") + "\n"
}

fn underlined(heading: &str, with: char) -> String {
    let line: String = std::iter::repeat_n(with, heading.chars().count()).collect();
    format!("{heading}\n{line}")
}

fn block_text(block: &Block, heading: &str, width: usize) -> String {
    match block {
        Block::Line(line) => line.clone(),
        Block::Figures(figures) => figures_text(figures),
        Block::Grid(grid) => grid_text(grid, width),
        Block::Plot(plot) => plot_text(plot, heading),
    }
}

fn figures_text(figures: &[Figure]) -> String {
    let longest = figures.iter().map(|figure| figure.label.chars().count()).max().unwrap_or(0);
    let line = |figure: &Figure| {
        let blanks = " ".repeat(longest - figure.label.chars().count());
        format!("{}{blanks}  {}", figure.label, figure.value)
    };
    figures.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn grid_text(grid: &Grid, width: usize) -> String {
    let heading = |column: &Column| match column {
        Column::Name(heading) => heading.clone(),
        Column::Number(heading) => format!(">{heading}"),
        Column::Text(heading) => format!("~{heading}"),
    };
    let headings: Vec<String> = grid.columns.iter().map(heading).collect();
    let mut table = Table::within(width, &headings);
    for row in &grid.rows {
        table.add_row(row.clone());
    }
    std::iter::once(table.to_string()).chain(grid.rest.clone()).collect::<Vec<_>>().join("\n")
}

/// Each line of a plot in one of text, with its last value; what is no line is for pages.
fn plot_text(plot: &Plot, heading: &str) -> String {
    let lines = plot.series.iter().filter_map(|series| {
        let (Shape::Line(points) | Shape::Steps(points)) = &series.shape else { return None };
        let values: Vec<f64> = points.iter().map(|(_, y)| *y).collect();
        let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (!values.is_empty()).then(|| (series.label.as_str(), sparkline(&values), highest))
    });
    let lines: Vec<_> = lines.collect();
    let longest = lines.iter().map(|(label, ..)| label.chars().count()).max().unwrap_or(0);
    let shown = lines.iter().map(|(label, line, highest)| {
        let blanks = " ".repeat(longest - label.chars().count());
        format!("{label}{blanks}  {line}  ≤ {}", super::plot::number(*highest))
    });
    let shown: Vec<String> = shown.collect();
    let title = Some(plot.title.clone()).filter(|title| title != heading && !shown.is_empty());
    title.into_iter().chain(shown).collect::<Vec<_>>().join("\n")
}
