//! Logistic regression under L2 by coordinate descent in the dual (Yu, Huang and Lin 2011): minimises
//! ‖w‖² / 2 + Σ cᵢ ln(1 + exp(−yᵢ (oᵢ + w·xᵢ))) over the weights w. A visit to a row solves for its dual variable and
//! moves the weights along the row, so a pass costs what reading the rows costs.

use super::maths::{sigmoid, softplus_of_negative};
use super::sparse::Csr;

/// Rows to learn from.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    matrix: Csr,
    /// +1 or −1.
    signs: Vec<f64>,
    /// What a row's loss costs.
    costs: Vec<f64>,
    /// What is added to a row's score.
    offsets: Vec<f64>,
    norms: Vec<f64>,
}

/// How far the descent has come.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Iterate {
    /// The dual variable of each row: 0 to its cost.
    pub(crate) duals: Vec<f64>,
    /// Always the sum of the rows times their signs and duals.
    pub(crate) weights: Vec<f64>,
}

impl Problem {
    pub(crate) fn new(matrix: Csr, labels: &[bool], costs: Vec<f64>, offsets: Vec<f64>) -> Self {
        let signs = labels.iter().map(|label| if *label { 1.0 } else { -1.0 }).collect();
        let norms = matrix.rows().map(|row| row.squared_norm()).collect();
        Self { matrix, signs, costs, offsets, norms }
    }

    pub(crate) fn matrix(&self) -> &Csr {
        &self.matrix
    }

    pub(crate) fn len(&self) -> usize {
        self.signs.len()
    }

    /// Visits the rows in this order, each once. Returns the mean loss of the rows, each as it was before its visit.
    pub(crate) fn pass(&self, order: &[u32], iterate: &mut Iterate) -> f64 {
        let (mut loss, mut cost) = (0.0, 0.0);
        for row in order.iter().map(|row| *row as usize) {
            let inputs = self.matrix.row(row);
            let margin = self.signs[row] * (self.offsets[row] + inputs.dot(&iterate.weights));
            loss += self.costs[row] * softplus_of_negative(margin);
            cost += self.costs[row];
            let dual = best_dual(margin, iterate.duals[row], self.costs[row], self.norms[row]);
            inputs.add_to(&mut iterate.weights, self.signs[row] * (dual - iterate.duals[row]));
            iterate.duals[row] = dual;
        }
        loss / cost
    }

    /// The curvature of the loss along each weight: Σ cᵢ pᵢ (1 − pᵢ) xᵢⱼ², over the rows that `counts` lets in.
    pub(crate) fn curvature(&self, weights: &[f64], counts: impl Fn(usize) -> bool) -> Vec<f64> {
        let mut curvature = vec![0.0; weights.len()];
        for row in (0..self.len()).filter(|row| counts(*row)) {
            let inputs = self.matrix.row(row);
            let p = sigmoid(self.offsets[row] + inputs.dot(weights));
            let factor = self.costs[row] * p * (1.0 - p);
            for (column, value) in inputs.columns.iter().zip(inputs.values) {
                curvature[*column as usize] += factor * f64::from(*value) * f64::from(*value);
            }
        }
        curvature
    }
}

/// The dual variable z at which a row is at rest: (z − `dual`) `norm` + `margin` + ln(z / (`cost` − z)) = 0, solved for
/// t = ln(z / (cost − z)) by Newton steps that never leave a bracket.
fn best_dual(margin: f64, dual: f64, cost: f64, norm: f64) -> f64 {
    let (mut low, mut high) = (dual * norm - margin - cost * norm, dual * norm - margin);
    let mut t = (-margin).clamp(low, high);
    let mut z = cost * sigmoid(t);
    for _ in 0..MOST_STEPS {
        let value = (z - dual) * norm + margin + t;
        if value > 0.0 {
            high = t
        } else {
            low = t
        }
        let newton = t - value / (1.0 + norm * z * (1.0 - z / cost));
        let next = if (low..=high).contains(&newton) { newton } else { (low + high) / 2.0 };
        let moved = (next - t).abs();
        (t, z) = (next, cost * sigmoid(next));
        if moved < 1e-6 {
            break;
        }
    }
    z
}

/// Newton's method is there in four or so; a bisection would be after this many.
const MOST_STEPS: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dual_variable_is_solved_wherever_it_starts() {
        for (margin, dual, cost, norm) in
            [(0.0, 0.0, 1.0, 1.0), (-30.0, 0.5, 4.0, 100.0), (30.0, 3.9, 4.0, 0.01), (2.0, 1.0, 100.0, 50.0)]
        {
            let z = best_dual(margin, dual, cost, norm);
            assert!((0.0..=cost).contains(&z));
            let rest = (z - dual) * norm + margin + (z / (cost - z)).ln();
            assert!(rest.abs() < 1e-4 * (1.0 + norm * cost), "{rest} at {z}");
        }
    }

    /// At the minimum, the weights equal the cost-weighted residuals times the rows: the gradient is zero.
    #[test]
    fn passes_reach_the_minimum() {
        let mut matrix = Csr::new();
        let mut labels = Vec::new();
        for n in 0..40_u32 {
            matrix.push(&[n % 5, 5 + n % 3, 8], &[1.0, 0.5 + (n % 7) as f32 / 7.0, 1.0]);
            labels.push(n % 5 == 0 || n % 11 == 0);
        }
        let offsets: Vec<f64> = (0..40).map(|n| f64::from(n % 4) * 0.1).collect();
        let costs: Vec<f64> = (0..40).map(|n| 1.0 + f64::from(n % 2)).collect();
        let problem = Problem::new(matrix.clone(), &labels, costs.clone(), offsets.clone());
        let mut iterate = Iterate { duals: vec![0.0; 40], weights: vec![0.0; 9] };
        let order: Vec<u32> = (0..40).collect();
        let first = problem.pass(&order, &mut iterate);
        let last = (0..200).fold(first, |_, _| problem.pass(&order, &mut iterate));
        assert!(last < first);
        let mut gradient = iterate.weights.clone();
        for row in 0..40 {
            let target = f64::from(u8::from(labels[row]));
            let p = sigmoid(offsets[row] + matrix.row(row).dot(&iterate.weights));
            matrix.row(row).add_to(&mut gradient, costs[row] * (p - target));
        }
        assert!(gradient.iter().all(|g| g.abs() < 1e-5), "{gradient:?}");
        let curvature = problem.curvature(&iterate.weights, |_| true);
        assert!(curvature.iter().all(|c| *c > 0.0));
    }
}
