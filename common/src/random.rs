//! Every random draw is a pure function of (seed, purpose, epoch, step), so a checkpoint needs no generator's state and a
//! resumed training draws what an uninterrupted one would have drawn.

use sha2::{Digest, Sha256};

/// What a draw is for; draws for different purposes are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Weights before the first step.
    Weights,
    /// The order of an epoch's rows.
    Shuffle,
    /// Which rows of a batch forget their symbol.
    Dropout,
    /// Which old rows an epoch of an incremental training sees again.
    Replay,
    /// Which validation rows a training looks at, where all would take too long.
    Validation,
    /// Which columns a tree may split on.
    Columns,
    /// In which order a column is shuffled to see what it is worth.
    Importance,
    /// Which units a bootstrap draws.
    Bootstrap,
    /// What rows for trying out are made of.
    Simulation,
    /// By how much a schedule is put off.
    Jitter,
    /// Which hyper-parameters a search tries.
    Search,
}

impl Purpose {
    fn tag(self) -> &'static [u8] {
        match self {
            Self::Weights => b"weights",
            Self::Shuffle => b"shuffle",
            Self::Dropout => b"dropout",
            Self::Replay => b"replay",
            Self::Validation => b"validation",
            Self::Columns => b"columns",
            Self::Importance => b"importance",
            Self::Bootstrap => b"bootstrap",
            Self::Simulation => b"simulation",
            Self::Jitter => b"jitter",
            Self::Search => b"search",
        }
    }
}

/// A sequence of draws: SplitMix64 (Steele, Lea and Flood, 2014), started from a SHA-256 of what the draws are for.
#[derive(Debug, Clone)]
pub struct Stream(u64);

impl Stream {
    /// The draws for one purpose at one point of a training.
    pub fn new(seed: u64, purpose: Purpose, epoch: u32, step: u64) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(seed.to_le_bytes());
        hasher.update(epoch.to_le_bytes());
        hasher.update(step.to_le_bytes());
        hasher.update(purpose.tag());
        Self(hasher.finalize().iter().take(8).fold(0, |state, byte| state << 8 | u64::from(*byte)))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// Uniform in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in 0 to `n` − 1, and 0 for `n` = 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// Puts a slice in random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, slice: &mut [T]) {
        for last in (1..slice.len()).rev() {
            slice.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_depend_on_all_that_names_them_and_nothing_else() {
        let first = |seed, purpose, epoch, step| Stream::new(seed, purpose, epoch, step).bits();
        let base = first(1, Purpose::Shuffle, 2, 3);
        assert_eq!(base, first(1, Purpose::Shuffle, 2, 3));
        for other in [
            first(2, Purpose::Shuffle, 2, 3),
            first(1, Purpose::Replay, 2, 3),
            first(1, Purpose::Shuffle, 3, 3),
            first(1, Purpose::Shuffle, 2, 4),
        ] {
            assert_ne!(base, other);
        }
    }

    /// Stored checkpoints rely on these never changing.
    #[test]
    fn draws_are_the_same_in_every_build() {
        let mut stream = Stream::new(42, Purpose::Weights, 0, 0);
        assert_eq!([stream.bits(), stream.bits()], [14_716_243_435_097_491_016, 15_660_685_309_669_511_705]);
    }

    #[test]
    fn draws_are_even() {
        let mut stream = Stream::new(7, Purpose::Shuffle, 1, 0);
        let mut counts = [0; 5];
        (0..50_000).for_each(|_| counts[stream.below(5)] += 1);
        assert!(counts.iter().all(|count| (9_600..10_400).contains(count)), "{counts:?}");
        let mut order: Vec<u32> = (0..100).collect();
        stream.shuffle(&mut order);
        assert_ne!(order, (0..100).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..100).collect::<Vec<_>>());
    }
}
