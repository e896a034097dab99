//! Whether the kernel has killed for memory: the `oom_kill` counter of this process's cgroup, version 2 or 1.

use std::path::{Path, PathBuf};

/// Where the counter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OomKills(Option<u64>);

impl OomKills {
    /// As it stands now; without a readable cgroup it never rises.
    pub(super) fn now() -> Self {
        let own = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mut texts = counter_files(&own, Path::new("/sys/fs/cgroup")).into_iter().map(std::fs::read_to_string);
        Self(texts.find_map(Result::ok).and_then(|text| counter(&text)))
    }

    /// Whether it has risen since.
    pub(super) fn rose_since(self, earlier: Self) -> bool {
        matches!((earlier.0, self.0), (Some(before), Some(after)) if after > before)
    }
}

/// Where the counter may lie, best first. Inside a container the path of `/proc/self/cgroup` may be the host's, so the root follows.
fn counter_files(own: &str, root: &Path) -> Vec<PathBuf> {
    let path_of =
        |line: &str, prefix: &str| line.split_once(prefix).map(|(_, path)| path.trim_start_matches('/').to_owned());
    let unified = own.lines().find_map(|line| line.strip_prefix("0::")).map(|path| path.trim_start_matches('/'));
    let legacy = own.lines().find_map(|line| path_of(line, ":memory:"));
    let mut files = Vec::new();
    if let Some(path) = legacy {
        files.push(root.join("memory").join(path).join("memory.oom_control"));
        files.push(root.join("memory/memory.oom_control"));
    }
    if let Some(path) = unified {
        files.push(root.join(path).join("memory.events"));
        files.push(root.join("memory.events"));
    }
    files
}

/// The line `oom_kill N`, which both versions write.
fn counter(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("oom_kill ")).and_then(|number| number.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_of_cgroups_are_read() {
        assert_eq!(counter("low 0\nhigh 0\nmax 3\noom 1\noom_kill 2\noom_group_kill 0\n"), Some(2));
        assert_eq!(counter("oom_kill_disable 0\nunder_oom 0\noom_kill 7\n"), Some(7));
        assert_eq!(counter("anon 4096\n"), None);

        let files = |own| counter_files(own, Path::new("/cg"));
        assert_eq!(files("0::/user/a\n"), [Path::new("/cg/user/a/memory.events"), Path::new("/cg/memory.events")]);
        assert_eq!(files("9:cpu:/\n4:memory:/box\n0::/\n")[0], Path::new("/cg/memory/box/memory.oom_control"));
        assert!(files("").is_empty());
    }

    #[test]
    fn only_a_rise_counts() {
        let [none, two, three] = [OomKills(None), OomKills(Some(2)), OomKills(Some(3))];
        assert!(three.rose_since(two));
        assert!(!two.rose_since(two) && !two.rose_since(none) && !none.rose_since(two));
    }
}
