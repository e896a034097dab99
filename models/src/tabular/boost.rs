//! The boosting contestant (Friedman, 2001), compact and on one thread, so that it goes piece by piece and always gives the same bits.

use super::design::{Design, Examples, Loss};
use super::math::{median, sigmoid};
use super::tree::{Ground, Growth, Node, Tree};
use crate::error::TrainError;
use crate::tensors::Tensors;
use common::random::{Purpose, Stream};
use common::vocabulary::TabularHyper;

/// Trees per round.
pub(crate) const TREES_PER_ROUND: usize = 10;

/// Trees whose values add up to the margin.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Boost {
    pub(crate) trees: Vec<Tree>,
}

impl Boost {
    /// Adds `count` trees for the rows whose margins so far are given. `fold` names the draws.
    pub(crate) fn grow(
        &mut self,
        examples: &Examples<'_>,
        margins: &mut [f64],
        count: usize,
        hyper: &TabularHyper,
        fold: u32,
    ) {
        let design = examples.design;
        let features = design.bin_counts.len();
        let growth =
            Growth { leaves: hyper.leaves as usize, leaf_rows: hyper.leaf_rows as usize, ridge: hyper.leaf_ridge };
        let allowed = ((features as f64 * hyper.tree_columns).ceil() as usize).clamp(1, features);
        for _ in 0..count {
            let mut columns: Vec<usize> = (0..features).collect();
            Stream::new(hyper.seed, Purpose::Columns, fold, self.trees.len() as u64).shuffle(&mut columns);
            columns.truncate(allowed);
            columns.sort_unstable();
            let (gradients, curvatures) = descent(examples, margins);
            let ground = Ground { design, columns: &columns, gradients: &gradients, curvatures: &curvatures };
            let (mut tree, leaves) = Tree::grow(&ground, growth);
            for (node, rows) in leaves {
                let value =
                    hyper.shrinkage * best_step(examples, margins, &gradients, &curvatures, &rows, growth.ridge);
                tree.nodes[node].value = value;
                rows.iter().for_each(|&row| margins[row as usize] += value);
            }
            self.trees.push(tree);
        }
    }

    /// One margin per row: `starts` and what the trees from the index `first` on add, in their order.
    pub(crate) fn margins(&self, design: &Design, first: usize, mut starts: Vec<f64>) -> Vec<f64> {
        for tree in self.trees.iter().skip(first) {
            starts.iter_mut().enumerate().for_each(|(row, margin)| *margin += tree.value(design, row));
        }
        starts
    }

    /// Writes the trees.
    pub(crate) fn save(&self, prefix: &str, tensors: &mut Tensors) {
        let nodes = || self.trees.iter().flat_map(|tree| &tree.nodes);
        let count = nodes().count();
        tensors.i64(
            &format!("{prefix}.trees"),
            &[self.trees.len()],
            self.trees.iter().map(|tree| tree.nodes.len() as i64).collect(),
        );
        let indices = nodes().flat_map(|node| [i64::from(node.feature), i64::from(node.left)]);
        tensors.i64(&format!("{prefix}.nodes"), &[count, 2], indices.collect());
        tensors.i64(
            &format!("{prefix}.masks"),
            &[count, 4],
            nodes().flat_map(|node| node.mask.map(|bits| bits as i64)).collect(),
        );
        tensors.f64(&format!("{prefix}.values"), &[count], nodes().map(|node| node.value).collect());
    }

    /// Reads trees that split on `features` columns.
    ///
    /// # Errors
    /// Tensors that no training wrote.
    pub(crate) fn load(prefix: &str, tensors: &mut Tensors, features: usize) -> Result<Self, TrainError> {
        let name = |part| format!("{prefix}.{part}");
        let damaged = || TrainError::Data(format!("the trees {prefix} are damaged: restore the version from a backup"));
        let trees = tensors.0.get(&name("trees")).map_or(0, |tensor| tensor.numbers.len());
        let sizes = tensors.take_i64(&name("trees"), &[trees])?;
        if sizes.iter().any(|size| !(1..=1024).contains(size)) {
            return Err(damaged());
        }
        let count = sizes.iter().sum::<i64>() as usize;
        let indices = tensors.take_i64(&name("nodes"), &[count, 2])?;
        let masks = tensors.take_i64(&name("masks"), &[count, 4])?;
        let values = tensors.take_f64(&name("values"), &[count])?;
        let mut nodes =
            indices.chunks_exact(2).zip(masks.chunks_exact(4)).zip(values).map(|((index, mask), value)| Node {
                feature: i32::try_from(index[0]).unwrap_or(i32::MAX),
                left: u32::try_from(index[1]).unwrap_or(u32::MAX),
                mask: [mask[0] as u64, mask[1] as u64, mask[2] as u64, mask[3] as u64],
                value,
            });
        let trees: Vec<Tree> =
            sizes.iter().map(|&size| Tree { nodes: nodes.by_ref().take(size as usize).collect() }).collect();
        // Children after their parent: every walk ends.
        let sound = |(index, node): (usize, &Node), size: usize| {
            node.value.is_finite()
                && (node.feature == -1
                    || (0..features as i32).contains(&node.feature)
                        && node.left as usize > index
                        && (node.left as usize) < size - 1)
        };
        if trees.iter().any(|tree| !tree.nodes.iter().enumerate().all(|node| sound(node, tree.nodes.len()))) {
            return Err(damaged());
        }
        Ok(Self { trees })
    }
}

/// The direction in which the loss falls, and its curvature, per row.
fn descent(examples: &Examples<'_>, margins: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let row = |((&margin, &target), &weight): ((&f64, &f64), &f64)| match examples.loss {
        Loss::Log => {
            let p = sigmoid(margin);
            (weight * (target - p), weight * (p * (1.0 - p)).max(1e-9))
        }
        Loss::Absolute if target == margin => (0.0, weight),
        Loss::Absolute => (weight.copysign(target - margin), weight),
    };
    margins.iter().zip(examples.targets).zip(examples.weights).map(row).unzip()
}

/// How far a leaf moves: a Newton step, or to the median of what is left over.
fn best_step(
    examples: &Examples<'_>,
    margins: &[f64],
    gradients: &[f64],
    curvatures: &[f64],
    rows: &[u32],
    ridge: f64,
) -> f64 {
    match examples.loss {
        Loss::Log => {
            let sum = |values: &[f64]| rows.iter().map(|&row| values[row as usize]).sum::<f64>();
            sum(gradients) / (sum(curvatures) + ridge).max(1e-12)
        }
        Loss::Absolute => {
            let left_over =
                |&row: &u32| (examples.targets[row as usize] - margins[row as usize], examples.weights[row as usize]);
            median(&mut rows.iter().map(left_over).collect::<Vec<_>>())
        }
    }
}
