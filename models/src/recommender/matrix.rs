//! Ratings line by line, contiguous.

use super::ratings::Ratings;

/// One rating as the inner loops see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cell {
    /// The item in a matrix by user, the user in one by item.
    pub(crate) other: u32,
    pub(crate) value: f32,
    pub(crate) weight: f32,
}

/// A sparse matrix of ratings: users x items, or items x users.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Matrix {
    starts: Vec<u32>,
    cells: Vec<Cell>,
}

impl Matrix {
    /// Puts cell `at` into the `at`-th of the lines `of`, which are below `lines`, by a counting sort: the order
    /// within a line stays.
    pub(crate) fn new(lines: usize, of: impl Iterator<Item = u32> + Clone, cell: impl Fn(usize) -> Cell) -> Self {
        let mut starts = vec![0u32; lines + 1];
        let mut count = 0;
        for line in of.clone() {
            starts[line as usize + 1] += 1;
            count += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut cells = vec![Cell { other: 0, value: 0.0, weight: 0.0 }; count];
        for (at, line) in of.enumerate() {
            let index = &mut next[line as usize];
            cells[*index as usize] = cell(at);
            *index += 1;
        }
        Self { starts, cells }
    }

    /// A matrix from its parts; `None` if they do not fit together.
    pub(crate) fn from_parts(starts: Vec<u32>, cells: Vec<Cell>, others: usize) -> Option<Self> {
        let fits = starts.first() == Some(&0)
            && starts.last().is_some_and(|&end| end as usize == cells.len())
            && starts.is_sorted()
            && cells.iter().all(|cell| (cell.other as usize) < others);
        fits.then_some(Self { starts, cells })
    }

    /// Only the cells for which `keep(line, cell)` holds.
    pub(crate) fn filtered(&self, mut keep: impl FnMut(u32, &Cell) -> bool) -> Self {
        let (mut starts, mut cells) = (vec![0], Vec::new());
        for line in 0..self.lines() as u32 {
            cells.extend(self.line(line).iter().filter(|cell| keep(line, cell)));
            starts.push(cells.len() as u32);
        }
        Self { starts, cells }
    }

    /// The same ratings with lines and columns exchanged.
    pub(crate) fn transposed(&self, columns: usize) -> Self {
        let line_of = || (0..self.lines() as u32).flat_map(|line| self.line(line).iter().map(move |_| line));
        let lines: Vec<u32> = line_of().collect();
        Self::new(columns, self.cells.iter().map(|cell| cell.other), |at| Cell { other: lines[at], ..self.cells[at] })
    }

    /// How many lines.
    pub(crate) fn lines(&self) -> usize {
        self.starts.len() - 1
    }

    /// Where each line begins, and where the last one ends.
    pub(crate) fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// All cells, line by line.
    pub(crate) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The ratings of one user or item.
    #[inline(always)]
    pub(crate) fn line(&self, at: u32) -> &[Cell] {
        &self.cells[self.starts[at as usize] as usize..self.starts[at as usize + 1] as usize]
    }
}

/// The users of these rows in the order of their first appearance.
pub(crate) fn first_appearance(ratings: &Ratings, rows: &[u32]) -> Vec<u32> {
    let mut seen = vec![false; ratings.users.len()];
    let users = rows.iter().map(|&row| ratings.user[row as usize]);
    users.filter(|&user| !std::mem::replace(&mut seen[user as usize], true)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_order_and_turn_into_columns() {
        let cell = |at: usize| Cell { other: [2, 0, 2, 1][at], value: at as f32, weight: 1.0 };
        let matrix = Matrix::new(3, [1u32, 0, 0, 1].into_iter(), cell);
        let values = |line: &[Cell]| line.iter().map(|cell| cell.value).collect::<Vec<_>>();
        assert_eq!([0, 1, 2].map(|line| values(matrix.line(line))), [vec![1.0, 2.0], vec![0.0, 3.0], vec![]]);
        let turned = matrix.transposed(3);
        assert_eq!([0, 1, 2].map(|line| values(turned.line(line))), [vec![1.0], vec![3.0], vec![2.0, 0.0]]);
        assert_eq!(turned.line(2)[1].other, 1);
        assert_eq!(matrix.filtered(|line, _| line == 1).cells().len(), 2);
        assert!(Matrix::from_parts(vec![0, 2, 1], matrix.cells()[..1].to_vec(), 3).is_none());
    }
}
