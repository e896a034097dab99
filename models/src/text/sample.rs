//! Samples of rows that keep the classes' proportions.

use super::data::Example;
use common::random::{Purpose, Stream};

/// About `wanted` of the rows (all, if there are no more), at least one of each class there is. `turn` tells one sample for
/// a purpose from the next.
pub(crate) fn stratified<'a>(
    rows: &[Example<'a>],
    wanted: usize,
    seed: u64,
    purpose: Purpose,
    turn: u32,
) -> Vec<Example<'a>> {
    let sample = |label: bool| {
        let mut class: Vec<Example<'a>> = rows.iter().filter(|row| row.label == label).copied().collect();
        Stream::new(seed, purpose, turn, u64::from(label)).shuffle(&mut class);
        let share = class.len() as f64 / rows.len().max(1) as f64;
        class.truncate((wanted as f64 * share).ceil() as usize);
        class
    };
    [sample(false), sample(true)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_keep_the_proportions_and_differ_by_turn() {
        let texts: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
        let rows: Vec<Example<'_>> =
            texts.iter().enumerate().map(|(n, text)| Example { text, label: n % 10 == 0, weight: 1.0 }).collect();
        let sample = |wanted, turn| stratified(&rows, wanted, 1, Purpose::Replay, turn);
        let first = sample(200, 0);
        assert_eq!((first.len(), first.iter().filter(|row| row.label).count()), (200, 20));
        assert!(first == sample(200, 0) && first != sample(200, 1));
        assert_eq!(sample(5000, 0).len(), 1000);
        assert!(stratified(&[], 5, 1, Purpose::Replay, 0).is_empty());
    }
}
