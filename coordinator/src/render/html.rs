//! A document as one page of HTML: it loads nothing and runs nothing, is light or dark as the reader's screen is, and can be printed.

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::document::{Axis, Block, Column, Document, Figure, Grid, Plot, Section, Tone};
use super::plot;

/// The only style of the page.
const STYLE: &str = include_str!("page.css");

/// The page.
pub(crate) fn html(document: &Document) -> String {
    let Document { language, title, preface, sections } = document;
    let page = markup! {
        (DOCTYPE)
        html lang=(language.as_str()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    header {
                        h1 { (title) }
                        @for line in preface { p { (line) } }
                    }
                    @for section in sections { (section_markup(section)) }
                }
            }
        }
    };
    page.into_string()
}

fn section_markup(section: &Section) -> Markup {
    markup! {
        section {
            h2 { (section.heading) }
            @for block in &section.blocks {
                @match block {
                    Block::Line(line) => p { (line) },
                    Block::Figures(figures) => (figures_markup(figures)),
                    Block::Grid(grid) => (grid_markup(grid)),
                    Block::Plot(plot) => (plot_markup(plot, &section.heading)),
                }
            }
        }
    }
}

fn figures_markup(figures: &[Figure]) -> Markup {
    markup! {
        dl.figures {
            @for figure in figures {
                div class=(tone(figure.tone)) { dt { (figure.label) } dd { (figure.value) } }
            }
        }
    }
}

fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "plain",
        Tone::Good => "good",
        Tone::Bad => "bad",
    }
}

fn grid_markup(grid: &Grid) -> Markup {
    let class = |column: &Column| match column {
        Column::Name(_) => "name",
        Column::Number(_) => "number",
        Column::Text(_) => "text",
    };
    markup! {
        div.wide {
            table {
                thead { tr { @for column in &grid.columns { th scope="col" class=(class(column)) { (column.heading()) } } } }
                tbody {
                    @for row in &grid.rows {
                        tr { @for (column, cell) in grid.columns.iter().zip(row) { td class=(class(column)) { (cell) } } }
                    }
                }
            }
        }
        @if let Some(rest) = &grid.rest { p.rest { (rest) } }
    }
}

fn plot_markup(plot: &Plot, heading: &str) -> Markup {
    let unit = match &plot.y {
        Axis::Number(unit) => Some(unit.clone()).filter(|unit| !unit.is_empty()),
        Axis::Time => None,
    };
    let title = Some(plot.title.clone()).filter(|title| title != heading);
    let caption = title.into_iter().chain(unit).collect::<Vec<_>>().join(", ");
    let across = match &plot.x {
        Axis::Number(what) => Some(what.as_str()).filter(|what| !what.is_empty()),
        Axis::Time => None,
    };
    markup! {
        @if let Some(svg) = plot::svg(plot) {
            figure {
                figcaption { (caption) }
                div.plot role="img" aria-label=(plot.title) { (PreEscaped(svg)) }
                ul.legend {
                    @for (index, series) in plot.series.iter().enumerate() {
                        li { svg.swatch viewBox="0 0 10 10" { rect width="10" height="10" fill=(plot::colour(index)) {} } (series.label) }
                    }
                    @if let Some(across) = across { li.across { "→ " (across) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wording::Language;

    #[test]
    fn what_people_have_written_is_text() {
        let figure = Figure { label: "<b>".into(), value: "\"&".into(), tone: Tone::Bad };
        let grid = Grid {
            columns: vec![Column::Text("~<i>".into())],
            rows: vec![vec!["<script>alert(1)</script>".into()]],
            rest: None,
        };
        let section = Section {
            heading: "</section>".into(),
            blocks: vec![Block::Line("<a>".into()), Block::Figures(vec![figure]), Block::Grid(grid)],
        };
        let document = Document {
            language: Language::Spanish,
            title: "</title><script>".into(),
            preface: vec!["<p>".into()],
            sections: vec![section],
        };
        let page = html(&document);
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"es\">"), "{page}");
        for bad in ["<script", "<a>", "<b>", "<i>", "http://", "https://", "url("] {
            assert!(!page.contains(bad), "{bad}: {page}");
        }
    }
}
