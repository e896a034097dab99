//! The linear contestant: ridge logistic regression by Newton's method, or absolute error by reweighted least squares.

use super::design::{Design, Examples, Loss};
use super::math::sigmoid;
use crate::error::TrainError;

/// Most reweighted least-squares steps.
const STEPS: usize = 25;
/// Steps end when no coefficient has moved by more than this. Newton's steps square what is left; reweighting only shrinks it.
const STILL: [f64; 2] = [1e-4, 1e-6];
/// Residuals below this count as this large when they weigh (Schlossmacher, 1973).
const FLAT: f64 = 0.05;

/// Coefficients: intercept, one per number, one per level.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Linear {
    pub(crate) coefficients: Vec<f64>,
}

/// How many coefficients there are for such rows.
pub(crate) fn size(width: usize, levels_in_all: usize) -> usize {
    1 + width + levels_in_all
}

impl Linear {
    /// Minimises Σ w·loss + ridge/2 · ‖β − prior‖², the intercept free. Without a `prior` the penalty pulls to 0.
    ///
    /// # Errors
    /// The equations have no solution.
    pub(crate) fn fit(examples: &Examples<'_>, ridge: f64, prior: Option<&Self>) -> Result<Self, TrainError> {
        let design = examples.design;
        let n = size(design.width, design.levels_in_all);
        let prior = prior.map_or_else(|| vec![0.0; n], |parent| parent.coefficients.clone());
        let mut model = Self { coefficients: prior.clone() };
        if prior.iter().all(|&c| c == 0.0) {
            model.coefficients[0] = examples.start;
        }
        let mut equations = Equations::new(n);
        for _ in 0..STEPS {
            equations.clear();
            let margins = model.margins(design);
            for (row, &margin) in margins.iter().enumerate() {
                let (residual, curvature) = match examples.loss {
                    Loss::Log => {
                        let p = sigmoid(margin);
                        (examples.targets[row] - p, (p * (1.0 - p)).max(1e-6))
                    }
                    Loss::Absolute => {
                        let residual = examples.targets[row] - margin;
                        let weight = 1.0 / residual.abs().max(FLAT);
                        (residual * weight, weight)
                    }
                };
                let weight = examples.weights[row];
                equations.add(design, row, residual * weight, curvature * weight);
            }
            for (i, (coefficient, prior)) in model.coefficients.iter().zip(&prior).enumerate().skip(1) {
                equations.gradient[i] -= ridge * (coefficient - prior);
                equations.matrix[i * n + i] += ridge;
            }
            let step = equations.solve()?;
            let longest = step.iter().fold(0.0, |most: f64, s| most.max(s.abs()));
            // A log-odds that moves by more than a few units has left the region where Newton's parabola holds.
            let share = (4.0 / longest).min(1.0);
            model.coefficients.iter_mut().zip(&step).for_each(|(c, s)| *c += share * s);
            if longest < STILL[usize::from(examples.loss == Loss::Absolute)] {
                break;
            }
        }
        Ok(model)
    }

    /// One margin per row.
    pub(crate) fn margins(&self, design: &Design) -> Vec<f64> {
        let (numbers, levels) = self.coefficients[1..].split_at(design.width);
        let margin = |row| {
            let dot = design.numbers(row).iter().zip(numbers).fold(self.coefficients[0], |sum, (x, c)| sum + x * c);
            design.levels(row).iter().fold(dot, |sum, &level| sum + levels[level as usize])
        };
        (0..design.rows).map(margin).collect()
    }
}

/// The normal equations of one step; the lower triangle of the matrix.
struct Equations {
    matrix: Vec<f64>,
    gradient: Vec<f64>,
    /// The inputs of a row that are not 0 and not a level: 1, then its numbers.
    dense: Vec<f64>,
}

impl Equations {
    fn new(n: usize) -> Self {
        Self { matrix: vec![0.0; n * n], gradient: vec![0.0; n], dense: Vec::new() }
    }

    fn clear(&mut self) {
        self.matrix.fill(0.0);
        self.gradient.fill(0.0);
    }

    /// Adds a row without touching what it has no input for: levels cost one addition, not a row of zeros.
    fn add(&mut self, design: &Design, row: usize, residual: f64, curvature: f64) {
        let n = self.gradient.len();
        self.dense.clear();
        self.dense.push(1.0);
        self.dense.extend_from_slice(design.numbers(row));
        let first_level = self.dense.len();
        for (i, &x) in self.dense.iter().enumerate() {
            self.gradient[i] += residual * x;
            let scaled = curvature * x;
            let line = &mut self.matrix[i * n..i * n + i + 1];
            line.iter_mut().zip(&self.dense).for_each(|(cell, y)| *cell += scaled * y);
        }
        let levels = design.levels(row);
        for (i, &level) in levels.iter().enumerate() {
            let line = first_level + level as usize;
            self.gradient[line] += residual;
            let cells = &mut self.matrix[line * n..line * n + line + 1];
            cells.iter_mut().zip(&self.dense).for_each(|(cell, y)| *cell += curvature * y);
            levels[..=i].iter().for_each(|&earlier| cells[first_level + earlier as usize] += curvature);
        }
    }

    /// Solves by Cholesky's decomposition, in place.
    fn solve(&mut self) -> Result<Vec<f64>, TrainError> {
        let n = self.gradient.len();
        for i in 0..n {
            let (above, rest) = self.matrix.split_at_mut(i * n);
            let line = &mut rest[..n];
            for j in 0..=i {
                let other = if j < i { &above[j * n..j * n + j] } else { &[] };
                let dot = if j < i { dot(&line[..j], other) } else { dot(&line[..i], &line[..i]) };
                let rest = line[j] - dot;
                line[j] = if j < i {
                    rest / above[j * n + j]
                } else if rest > 0.0 {
                    rest.sqrt()
                } else {
                    return Err(TrainError::Data(
                        "the linear model has no solution: raise ridge, or look for absurd numbers".into(),
                    ));
                };
            }
        }
        let mut x = self.gradient.clone();
        for i in 0..n {
            let line = &self.matrix[i * n..i * n + i];
            x[i] = (x[i] - dot(line, &x[..i])) / self.matrix[i * n + i];
        }
        for i in (0..n).rev() {
            x[i] /= self.matrix[i * n + i];
            let at = x[i];
            let line = &self.matrix[i * n..i * n + i];
            x[..i].iter_mut().zip(line).for_each(|(x, l)| *x -= l * at);
        }
        Ok(x)
    }
}

/// A dot product in four running sums: a fixed order of additions that a processor can overlap.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (heads, tails) = (
        a.chunks_exact(4).zip(b.chunks_exact(4)),
        a.chunks_exact(4).remainder().iter().zip(b.chunks_exact(4).remainder()),
    );
    heads.for_each(|(x, y)| (0..4).for_each(|i| sums[i] += x[i] * y[i]));
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + tails.map(|(x, y)| x * y).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At the minimum the gradient of what is minimised is 0.
    #[test]
    fn logistic_regression_ends_where_the_gradient_vanishes() {
        let (width, rows) = (2, 60);
        let mut design = Design::new(rows, width, &[3], vec![], vec![]);
        let mut targets = Vec::new();
        for row in 0..rows {
            let x = (row as f64 * 0.7).sin();
            design.set_number(row, 0, x);
            design.set_number(row, 1, (row as f64 * 1.3).cos());
            design.set_level(row, 0, row % 3);
            targets.push(f64::from(x + if row % 3 == 1 { 0.5 } else { -0.2 } + (row as f64 * 2.1).sin() > 0.0));
        }
        let weights: Vec<f64> = (0..rows).map(|row| 1.0 + (row % 2) as f64).collect();
        let examples = Examples { design: &design, targets: &targets, weights: &weights, loss: Loss::Log, start: 0.0 };
        let model = Linear::fit(&examples, 0.7, None).unwrap();
        let mut gradient: Vec<f64> = model.coefficients.iter().map(|c| 0.7 * c).collect();
        gradient[0] = 0.0;
        for (row, margin) in model.margins(&design).into_iter().enumerate() {
            let error = weights[row] * (sigmoid(margin) - targets[row]);
            gradient[0] += error;
            (0..width).for_each(|i| gradient[1 + i] += error * design.numbers(row)[i]);
            gradient[1 + width + design.levels(row)[0] as usize] += error;
        }
        assert!(gradient.iter().all(|g| g.abs() < 1e-6), "{gradient:?}");
        let child = Linear::fit(&examples, 1e9, Some(&model)).unwrap();
        assert!(child.coefficients[1..].iter().zip(&model.coefficients[1..]).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    /// A third of the rows is absurd; the line through the others is found all the same.
    #[test]
    fn absolute_error_shrugs_off_outliers() {
        let rows = 90;
        let mut design = Design::new(rows, 1, &[], vec![], vec![]);
        let targets: Vec<f64> = (0..rows)
            .map(|row| {
                let x = (row as f64 * 0.37).sin();
                design.set_number(row, 0, x);
                if row % 3 == 0 { 50.0 * (row as f64).cos() } else { 2.0 * x + 1.0 }
            })
            .collect();
        let weights = vec![1.0; rows];
        let examples =
            Examples { design: &design, targets: &targets, weights: &weights, loss: Loss::Absolute, start: 0.0 };
        let model = Linear::fit(&examples, 1e-3, None).unwrap();
        assert!((model.coefficients[0] - 1.0).abs() < 0.05 && (model.coefficients[1] - 2.0).abs() < 0.05, "{model:?}");
    }
}
