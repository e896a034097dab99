//! A plot as SVG, by `plotters`. Its colours stand for the variables of the page's style sheet, which knows light and dark.

mod scale;

use plotters::chart::ChartContext;
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::prelude::*;

use self::scale::Scale;
use super::document::{Plot, Shape};

/// What all of it takes, in pixels; a page scales it.
const SIZE: (u32, u32) = (720, 240);
/// Colours that the style sheet maps: text, lines of the grid, and what is drawn.
const INK: RGBColor = RGBColor(0x11, 0x11, 0x11);
const GRID: RGBColor = RGBColor(0xDD, 0xDD, 0xDD);
pub(super) const SERIES: [RGBColor; 4] =
    [RGBColor(0x1F, 0x6F, 0xEB), RGBColor(0xD9, 0x73, 0x0D), RGBColor(0x2D, 0xA4, 0x4E), RGBColor(0x82, 0x50, 0xDF)];
/// Labels of marks that stand nearer together than this share of the width would cover each other.
const APART: f64 = 0.06;

type Chart<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<Scale, Scale>>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// The plot; nothing, if there is nothing to see in it.
pub(super) fn svg(plot: &Plot) -> Option<String> {
    let extent = || plot.series.iter().flat_map(|series| series.shape.extent());
    let x = Scale::of(&plot.x, extent().map(|(x, _)| x).chain(plot.marks.iter().map(|mark| mark.x)), 0.01, 6)?;
    let y = Scale::of(&plot.y, extent().map(|(_, y)| y), 0.05, 6)?;
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
    let drawn = draw(&area, plot, x, y);
    drop(area);
    match drawn {
        Ok(()) => Some(svg),
        Err(error) => {
            tracing::error!(%error, plot = plot.title, "a plot cannot be drawn");
            None
        }
    }
}

fn draw<'a>(area: &DrawingArea<SVGBackend<'a>, Shift>, plot: &Plot, x: Scale, y: Scale) -> Drawn {
    let mut chart = ChartBuilder::on(area)
        .margin(6)
        .margin_right(24)
        .x_label_area_size(24)
        .y_label_area_size(56)
        .build_cartesian_2d(x, y)?;
    let label = || TextStyle::from(("sans-serif", 13)).color(&INK);
    chart
        .configure_mesh()
        .x_label_style(label())
        .y_label_style(label())
        .axis_style(GRID)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .draw()?;
    for (series, color) in plot.series.iter().zip(SERIES.into_iter().cycle()) {
        shape(&mut chart, &series.shape, color)?;
    }
    marks(&mut chart, plot)?;
    area.present()
}

fn shape(chart: &mut Chart<'_>, shape: &Shape, color: RGBColor) -> Drawn {
    match shape {
        Shape::Line(points) => {
            chart.draw_series(LineSeries::new(points.iter().copied(), color.stroke_width(2)))?;
            if let [only] = points[..] {
                chart.draw_series([Circle::new(only, 3, color.filled())])?;
            }
        }
        Shape::Dashes(points) => {
            chart.draw_series(DashedLineSeries::new(points.iter().copied(), 5, 4, color.stroke_width(2)))?;
        }
        Shape::Points(points) => {
            chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, color.filled())))?;
        }
        Shape::Steps(points) => {
            let line: Vec<(f64, f64)> = steps(points);
            let ends = line.first().zip(line.last()).map(|(first, last)| [(last.0, 0.0), (first.0, 0.0)]);
            let outline: Vec<(f64, f64)> = line.iter().copied().chain(ends.into_iter().flatten()).collect();
            chart.draw_series([Polygon::new(outline, color.mix(0.15).filled())])?;
            chart.draw_series(LineSeries::new(line, color.stroke_width(2)))?;
        }
        Shape::Band(ends) => {
            let upper = ends.iter().map(|(x, _, high)| (*x, *high));
            let lower = ends.iter().rev().map(|(x, low, _)| (*x, *low));
            chart.draw_series([Polygon::new(upper.chain(lower).collect::<Vec<_>>(), color.mix(0.2).filled())])?;
        }
    }
    Ok(())
}

/// Each value holds until the next.
fn steps(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut line = Vec::with_capacity(2 * points.len());
    for pair in points.windows(2) {
        line.extend([pair[0], (pair[1].0, pair[0].1)]);
    }
    line.extend(points.last());
    line
}

fn marks(chart: &mut Chart<'_>, plot: &Plot) -> Drawn {
    let (across, up) = (chart.as_coord_spec().get_x_range(), chart.as_coord_spec().get_y_range());
    let nearest = APART * (across.end - across.start);
    let mut last = f64::NEG_INFINITY;
    for mark in &plot.marks {
        let line = [(mark.x, up.start), (mark.x, up.end)];
        chart.draw_series(DashedLineSeries::new(line, 2, 3, INK.mix(0.5).stroke_width(1)))?;
        if mark.x - last >= nearest {
            let style = TextStyle::from(("sans-serif", 12)).color(&INK);
            chart.draw_series([Text::new(mark.label.clone(), (mark.x, up.end), style)])?;
            last = mark.x;
        }
    }
    Ok(())
}

/// The colour of a series as the style sheet knows it, by its place.
pub(super) fn colour(index: usize) -> String {
    let RGBColor(red, green, blue) = SERIES[index % SERIES.len()];
    format!("#{red:02X}{green:02X}{blue:02X}")
}

/// A number in few digits: `3`, `0.0125`, `1200`.
pub(super) fn number(value: f64) -> String {
    if value == value.round() && value.abs() < 1e9 {
        return format!("{value:.0}");
    }
    let digits = (3.0 - value.abs().log10().floor()).clamp(0.0, 9.0) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::document::{Axis, Mark, Series};

    fn plot(shapes: Vec<Shape>) -> Plot {
        let series = shapes.into_iter().map(|shape| Series { label: "a".into(), shape }).collect();
        let y = Axis::Number("jobs".into());
        let marks = vec![Mark { x: 1.0, label: "<v1.0>".into() }];
        Plot { title: "t".into(), x: Axis::Number("x".into()), y, series, marks }
    }

    #[test]
    fn every_shape_is_drawn_and_nothing_is_taken_as_markup() {
        let points = vec![(0.0, 1.0), (1.0, 2.0), (2.0, 0.5)];
        let band = points.iter().map(|(x, y)| (*x, y - 1.0, y + 1.0)).collect();
        let drawn = svg(&plot(vec![
            Shape::Band(band),
            Shape::Line(points.clone()),
            Shape::Steps(points.clone()),
            Shape::Points(points),
        ]))
        .unwrap();
        for part in ["<svg", "<polygon", "<polyline", "<circle", "&lt;v1.0&gt;", &colour(0), &colour(3), "</svg>"] {
            assert!(drawn.contains(part), "{part}:\n{drawn}");
        }
        assert!(!drawn.contains("<v1.0>") && !drawn.contains("NaN"));
    }

    #[test]
    fn a_plot_of_nothing_is_none() {
        assert_eq!(svg(&Plot { marks: Vec::new(), ..plot(vec![Shape::Line(Vec::new())]) }), None);
        assert!(svg(&plot(vec![Shape::Line(vec![(1.0, 1.0)])])).is_some(), "one point is something");
    }

    #[test]
    fn numbers_have_few_digits() {
        let table = [(3.0, "3"), (0.012_52, "0.01252"), (1234.5, "1234"), (-0.5, "-0.5"), (12.345_6, "12.35")];
        for (value, text) in table {
            assert_eq!(number(value), text);
        }
    }
}
