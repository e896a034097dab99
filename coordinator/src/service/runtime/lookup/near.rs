//! Names like one that is not there: looked for among those that begin alike, so that a slip in a large company costs no more than one
//! in a small one.

/// Names looked at, of each beginning.
pub(super) const MOST: u32 = 500;

/// Beginnings of a name that others may share with it, the longest first; the empty one is the last.
pub(super) fn beginnings(name: &str) -> Vec<&str> {
    let all: Vec<usize> = name.char_indices().map(|(at, _)| at).collect();
    let mut ends: Vec<usize> =
        [all.len().saturating_sub(1), all.len() / 2, 1, 0].iter().filter_map(|n| all.get(*n).copied()).collect();
    ends.push(0);
    ends.sort_unstable();
    ends.dedup();
    ends.into_iter().rev().map(|end| &name[..end]).collect()
}

/// Of some names, the one that is most like another, if it is like enough.
pub(super) fn nearest(name: &str, others: impl IntoIterator<Item = String>, enough: f64) -> Option<String> {
    let near = others.into_iter().map(|other| (strsim::jaro_winkler(name, &other), other));
    let nearest = near.filter(|(likeness, _)| *likeness > enough).max_by(|a, b| a.0.total_cmp(&b.0));
    nearest.map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_go_from_almost_all_of_it_to_nothing() {
        let table: [(&str, &[&str]); 5] =
            [("movies", &["movie", "mov", "m", ""]), ("ab", &["a", ""]), ("a", &[""]), ("", &[""]), ("éa", &["é", ""])];
        for (name, expected) in table {
            assert_eq!(beginnings(name), expected, "{name}");
        }
    }

    #[test]
    fn the_nearest_is_like_enough() {
        let others = || ["movies", "music", "move"].map(String::from);
        assert_eq!(nearest("moveis", others(), 0.8).as_deref(), Some("movies"));
        assert_eq!(nearest("prices", others(), 0.8), None);
    }
}
