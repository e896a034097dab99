//! One regression tree on binned columns, grown best leaf first (Friedman, 2001; histograms as in Ke et al., 2017).

use super::design::Design;

/// Added to the weight of a level when levels are put in order, so that small ones do not come first by luck.
const LEVEL_SMOOTHING: f64 = 10.0;

/// How a tree grows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Growth {
    pub(crate) leaves: usize,
    pub(crate) leaf_rows: usize,
    pub(crate) ridge: f64,
}

/// A split, or a leaf.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Node {
    /// The column, or −1 for a leaf.
    pub(crate) feature: i32,
    /// The child for rows whose bin is in `mask`; the other child follows it.
    pub(crate) left: u32,
    /// One bit per bin.
    pub(crate) mask: [u64; 4],
    /// What a leaf adds to the margin.
    pub(crate) value: f64,
}

impl Node {
    const LEAF: Self = Self { feature: -1, left: 0, mask: [0; 4], value: 0.0 };

    fn goes_left(&self, bin: u8) -> bool {
        self.mask[usize::from(bin >> 6)] >> (bin & 63) & 1 == 1
    }
}

/// Nodes, the root first; children come after their parent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
}

/// Sums over the rows of one bin.
#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    gradient: f64,
    weight: f64,
    rows: u32,
}

impl Bin {
    fn add(&mut self, other: &Self) {
        self.gradient += other.gradient;
        self.weight += other.weight;
        self.rows += other.rows;
    }

    fn minus(&self, other: &Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            weight: self.weight - other.weight,
            rows: self.rows - other.rows,
        }
    }

    fn score(&self, ridge: f64) -> f64 {
        self.gradient * self.gradient / (self.weight + ridge).max(1e-12)
    }
}

/// A leaf that may still be split.
struct Leaf {
    node: usize,
    rows: Vec<u32>,
    bins: Vec<Bin>,
    split: Option<Split>,
}

struct Split {
    gain: f64,
    feature: usize,
    mask: [u64; 4],
    left_rows: u32,
}

/// What a tree is grown on: column bins, the descent direction and the curvature of each row, and the columns allowed.
pub(crate) struct Ground<'a> {
    pub(crate) design: &'a Design,
    pub(crate) columns: &'a [usize],
    pub(crate) gradients: &'a [f64],
    pub(crate) curvatures: &'a [f64],
}

impl Tree {
    /// Grows a tree; the rows of each leaf come with it, values are still 0.
    pub(crate) fn grow(ground: &Ground<'_>, growth: Growth) -> (Self, Vec<(usize, Vec<u32>)>) {
        let mut tree = Self { nodes: vec![Node::LEAF] };
        let rows: Vec<u32> = (0..ground.design.rows as u32).collect();
        let bins = ground.histogram(&rows);
        let split = ground.best_split(&bins, growth);
        let mut leaves = vec![Leaf { node: 0, rows, bins, split }];
        while leaves.len() < growth.leaves {
            // The first of equals, so that ties do not depend on the sort.
            let gain = |leaf: &Leaf| leaf.split.as_ref().map_or(0.0, |split| split.gain);
            let best =
                (0..leaves.len()).fold(0, |best, i| if gain(&leaves[i]) > gain(&leaves[best]) { i } else { best });
            let Some(split) = leaves[best].split.take() else { break };
            let Leaf { node, rows, bins, .. } = leaves.swap_remove(best);
            let left = tree.nodes.len();
            tree.nodes[node] = Node { feature: split.feature as i32, left: left as u32, mask: split.mask, value: 0.0 };
            tree.nodes.extend([Node::LEAF; 2]);
            let parent = tree.nodes[node];
            let column = ground.design.bins(split.feature);
            let (lefts, rights): (Vec<u32>, Vec<u32>) =
                rows.iter().partition(|&&row| parent.goes_left(column[row as usize]));
            let smaller_left = split.left_rows as usize * 2 <= rows.len();
            let small = ground.histogram(if smaller_left { &lefts } else { &rights });
            let large = bins.iter().zip(&small).map(|(all, part)| all.minus(part)).collect();
            let (left_bins, right_bins) = if smaller_left { (small, large) } else { (large, small) };
            for (node, rows, bins) in [(left, lefts, left_bins), (left + 1, rights, right_bins)] {
                let split = ground.best_split(&bins, growth);
                leaves.push(Leaf { node, rows, bins, split });
            }
        }
        (tree, leaves.into_iter().map(|leaf| (leaf.node, leaf.rows)).collect())
    }

    /// What the tree adds to a row of a design.
    pub(crate) fn value(&self, design: &Design, row: usize) -> f64 {
        let mut node = &self.nodes[0];
        while let Ok(feature) = usize::try_from(node.feature) {
            let bin = design.bins(feature)[row];
            node = &self.nodes[node.left as usize + usize::from(!node.goes_left(bin))];
        }
        node.value
    }
}

impl Ground<'_> {
    /// Sums per bin of the allowed columns, one column after the other.
    fn histogram(&self, rows: &[u32]) -> Vec<Bin> {
        let sums: Vec<(f64, f64)> =
            rows.iter().map(|&row| (self.gradients[row as usize], self.curvatures[row as usize])).collect();
        let counts = &self.design.bin_counts;
        let mut histogram = vec![Bin::default(); self.columns.iter().map(|&column| counts[column]).sum()];
        let mut rest = histogram.as_mut_slice();
        for &column in self.columns {
            let (bins, tail) = rest.split_at_mut(counts[column]);
            rest = tail;
            let codes = self.design.bins(column);
            for (&row, &(gradient, curvature)) in rows.iter().zip(&sums) {
                let bin = &mut bins[usize::from(codes[row as usize])];
                bin.gradient += gradient;
                bin.weight += curvature;
                bin.rows += 1;
            }
        }
        histogram
    }

    fn best_split(&self, histogram: &[Bin], growth: Growth) -> Option<Split> {
        let mut best: Option<Split> = None;
        let mut rest = histogram;
        let mut order: Vec<usize> = Vec::new();
        for &column in self.columns {
            let (bins, tail) = rest.split_at(self.design.bin_counts[column]);
            rest = tail;
            order.clear();
            order.extend((0..bins.len()).filter(|&bin| bins[bin].rows > 0));
            if self.design.is_category[column] {
                let mean = |bin: usize| bins[bin].gradient / (bins[bin].weight + LEVEL_SMOOTHING);
                order.sort_by(|&a, &b| mean(a).total_cmp(&mean(b)));
            }
            let mut total = Bin::default();
            order.iter().for_each(|&bin| total.add(&bins[bin]));
            if (total.rows as usize) < 2 * growth.leaf_rows {
                return None;
            }
            let whole = total.score(growth.ridge);
            let mut left = Bin::default();
            for (i, &bin) in order.iter().enumerate() {
                left.add(&bins[bin]);
                let right = total.minus(&left);
                if (left.rows as usize) < growth.leaf_rows {
                    continue;
                }
                if (right.rows as usize) < growth.leaf_rows {
                    break;
                }
                let gain = left.score(growth.ridge) + right.score(growth.ridge) - whole;
                if gain > best.as_ref().map_or(1e-9, |best| best.gain) {
                    let mut mask = [0; 4];
                    order[..=i].iter().for_each(|&bin| mask[bin >> 6] |= 1u64 << (bin & 63));
                    best = Some(Split { gain, feature: column, mask, left_rows: left.rows });
                }
            }
        }
        let mut best = best?;
        if self.design.is_category[best.feature] {
            let before: usize =
                self.columns.iter().take_while(|&&c| c != best.feature).map(|&c| self.design.bin_counts[c]).sum();
            let bins = &histogram[before..before + self.design.bin_counts[best.feature]];
            let rows: u32 = bins.iter().map(|bin| bin.rows).sum();
            if best.left_rows * 2 > rows {
                // Levels that no row of this leaf has go with the many: what is not known is not extreme.
                (0..256)
                    .filter(|&bin| bins.get(bin).is_none_or(|bin| bin.rows == 0))
                    .for_each(|bin| best.mask[bin >> 6] |= 1 << (bin & 63));
            }
        } else {
            fill(&mut best.mask);
        }
        Some(best)
    }
}

/// For numbers: every bin up to the last one that goes left goes left too, also those no training row of this leaf fell into.
fn fill(mask: &mut [u64; 4]) {
    let last = (0..256).rev().find(|&bin| mask[bin >> 6] >> (bin & 63) & 1 == 1).unwrap_or(0);
    (0..=last).for_each(|bin| mask[bin >> 6] |= 1 << (bin & 63));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x in 8 bins and a category of 4 levels; the category decides, x decides among its odd levels.
    #[test]
    fn a_tree_finds_the_split_that_matters() {
        let rows = 256;
        let mut design = Design::new(rows, 0, &[4], vec![false, true], vec![8, 4]);
        let gradients: Vec<f64> = (0..rows)
            .map(|row| {
                let (x, level) = (row % 8, row / 8 % 4);
                design.set_bin(0, row, x);
                design.set_bin(1, row, level);
                if level % 2 == 0 {
                    -1.0
                } else if x < 3 {
                    1.0
                } else {
                    2.0
                }
            })
            .collect();
        let ground = Ground { design: &design, columns: &[0, 1], gradients: &gradients, curvatures: &[1.0; 256] };
        let (tree, leaves) = Tree::grow(&ground, Growth { leaves: 3, leaf_rows: 5, ridge: 1.0 });
        assert_eq!((tree.nodes.len(), leaves.len(), tree.nodes[0].feature, tree.nodes[0].mask[0]), (5, 3, 1, 0b0101));
        assert!(tree.nodes.iter().any(|node| node.feature == 0 && node.mask[0] == 0b111));
        for (_, rows) in &leaves {
            assert!(rows.iter().all(|&row| gradients[row as usize] == gradients[rows[0] as usize]));
        }
        let (stump, _) = Tree::grow(&ground, Growth { leaves: 8, leaf_rows: 200, ridge: 1.0 });
        assert_eq!(stump.nodes.len(), 1, "no leaf may be that small");
    }
}
