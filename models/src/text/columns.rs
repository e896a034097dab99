//! Which slots have a weight, and where it is.

/// Slots in order, found in constant time: slots are hashes, so those with the same leading bits are few.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Columns {
    slots: Vec<u32>,
    /// For each value of the leading bits, the first column with it; one more at the end.
    starts: Vec<u32>,
    shift: u32,
}

impl Columns {
    /// Columns of slots that are in order without repeats, out of `2^bits`.
    pub(crate) fn new(slots: Vec<u32>, bits: u32) -> Self {
        let leading = (usize::BITS - slots.len().leading_zeros()).min(bits);
        let shift = bits - leading;
        let mut starts = Vec::with_capacity((1 << leading) + 1);
        let mut column = 0;
        for bucket in 0..=1_u64 << leading {
            while slots.get(column).is_some_and(|slot| u64::from(*slot) >> shift < bucket) {
                column += 1;
            }
            starts.push(column as u32);
        }
        Self { slots, starts, shift }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn slots(&self) -> &[u32] {
        &self.slots
    }

    /// The column of a slot below `2^bits`.
    pub(crate) fn find(&self, slot: u32) -> Option<usize> {
        let bucket = (slot >> self.shift) as usize;
        let (first, end) = (self.starts[bucket] as usize, self.starts[bucket + 1] as usize);
        self.slots[first..end].iter().position(|s| *s == slot).map(|n| first + n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_is_found_and_no_other() {
        for step in [1, 3, 100, 4096] {
            let slots: Vec<u32> = (0..4096).step_by(step).collect();
            let columns = Columns::new(slots.clone(), 12);
            for slot in 0..4096 {
                assert_eq!(columns.find(slot), slots.binary_search(&slot).ok(), "{slot} of every {step}");
            }
        }
        assert_eq!(Columns::new(Vec::new(), 12).find(7), None);
    }
}
