//! Which GPUs a process may use: `CUDA_VISIBLE_DEVICES`, as CUDA reads it. The driver's library does not heed it.

/// One GPU, as the driver's library finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Which {
    /// By its place on the bus; children are told to count in that order.
    Index(u32),
    /// By its id, or the beginning of it.
    Uuid(String),
}

/// The GPUs in CUDA's order, of `count` there are. A list ends at the first entry that means none.
pub(super) fn visible(variable: Option<&str>, count: u32) -> Vec<Which> {
    let Some(list) = variable else { return (0..count).map(Which::Index).collect() };
    let entry = |text: &str| match text.trim().parse::<u32>() {
        Ok(index) => (index < count).then_some(Which::Index(index)),
        Err(_) => Some(text.trim())
            .filter(|id| id.starts_with("GPU-") || id.starts_with("MIG-"))
            .map(|id| Which::Uuid(id.into())),
    };
    list.split(',').map_while(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_as_cuda_reads_it() {
        let index = |numbers: &[u32]| numbers.iter().copied().map(Which::Index).collect::<Vec<_>>();
        assert_eq!(visible(None, 2), index(&[0, 1]));
        assert_eq!(visible(Some("1"), 2), index(&[1]));
        assert_eq!(visible(Some("3, 0"), 4), index(&[3, 0]));
        assert_eq!(visible(Some("0,7,1"), 2), index(&[0]), "what follows an unknown one is hidden");
        assert_eq!(visible(Some(""), 2), []);
        assert_eq!(visible(Some("-1"), 2), []);
        assert_eq!(visible(Some("GPU-8932"), 2), [Which::Uuid("GPU-8932".into())]);
    }
}
