//! Arithmetic on rows of factors, in an order that is the same on every processor.
//!
//! Rows are padded with zeros to whole blocks of [`LANES`] numbers. Sums keep one partial sum per lane and add these
//! pairwise at the end, so a processor with wide registers rounds as one with narrow ones. Plain loops suffice: inside
//! [`vectorised`] the compiler turns them into the widest instructions there are, and never fuses a product with a sum.

/// Numbers in a block.
pub(crate) const LANES: usize = 16;

/// A block of a row.
pub(crate) type Block = [f32; LANES];

/// The length of a row with `n` numbers and its padding.
pub(crate) const fn padded(n: usize) -> usize {
    n.next_multiple_of(LANES)
}

/// Runs `work` with the widest instructions of this processor; what it calls must be `#[inline(always)]` to profit.
pub(crate) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// The blocks of a padded row.
#[inline(always)]
pub(crate) fn blocks(row: &[f32]) -> &[Block] {
    row.as_chunks().0
}

/// The blocks of a padded row.
#[inline(always)]
pub(crate) fn blocks_mut(row: &mut [f32]) -> &mut [Block] {
    row.as_chunks_mut().0
}

/// The scalar product of two rows of the same length.
#[inline(always)]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    for (a, b) in blocks(a).iter().zip(blocks(b)) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    total(sums)
}

/// `sum += scale * row`.
#[inline(always)]
pub(crate) fn add_scaled(sum: &mut [f32], scale: f32, row: &[f32]) {
    for (sum, row) in blocks_mut(sum).iter_mut().zip(blocks(row)) {
        for lane in 0..LANES {
            sum[lane] += scale * row[lane];
        }
    }
}

/// A block of what `of` makes of each lane.
#[inline(always)]
pub(crate) fn block(of: impl Fn(usize) -> f32) -> Block {
    let mut block = [0.0; LANES];
    for (lane, number) in block.iter_mut().enumerate() {
        *number = of(lane);
    }
    block
}

/// The sum of a block, pairwise.
#[inline(always)]
pub(crate) fn total(sums: Block) -> f32 {
    let [a, b, c, d]: [f32; 4] =
        std::array::from_fn(|lane| (sums[lane] + sums[lane + 8]) + (sums[lane + 4] + sums[lane + 12]));
    (a + c) + (b + d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_narrow_instructions_give_the_same_bits() {
        let row = |shift: f32| (0..112).map(|n| (n as f32 * 0.37 + shift).sin()).collect::<Vec<_>>();
        let (a, b) = (row(0.1), row(0.7));
        assert_eq!(
            vectorised(
                #[inline(always)]
                || dot(&a, &b)
            )
            .to_bits(),
            dot(&a, &b).to_bits()
        );
        let exact: f64 = a.iter().zip(&b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        assert!((f64::from(dot(&a, &b)) - exact).abs() < 1e-4);
        let (mut wide, mut narrow) = (a.clone(), a);
        vectorised(
            #[inline(always)]
            || add_scaled(&mut wide, 0.3, &b),
        );
        add_scaled(&mut narrow, 0.3, &b);
        assert_eq!(wide, narrow);
        assert_eq!((padded(0), padded(1), padded(16), padded(100)), (0, 16, 16, 112));
    }
}
