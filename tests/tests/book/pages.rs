//! The pages of the repository.

use std::path::{Path, PathBuf};

/// Folders without pages of ours: what is built or fetched.
const ELSEWHERE: [&str; 2] = ["target", "__pycache__"];

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A page.
pub(crate) struct Page {
    /// Where it lies, from the root of the repository.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

impl Page {
    /// A page of the repository.
    pub(crate) fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { path: path.to_owned(), text }
    }

    /// The folder it lies in, from the root of the repository.
    pub(crate) fn folder(&self) -> &Path {
        Path::new(&self.path).parent().unwrap_or(Path::new(""))
    }

    /// Its lines with their numbers, but for those in fences.
    pub(crate) fn prose(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut fenced = false;
        (1..).zip(self.text.lines()).filter(move |(_, line)| {
            let is_fence = line.trim_start().starts_with("```");
            fenced ^= is_fence;
            !fenced && !is_fence
        })
    }
}

/// All of them.
pub(crate) struct Pages(Vec<Page>);

impl Pages {
    /// Those of the repository.
    pub(crate) fn of_the_repository() -> Self {
        let mut found = Vec::new();
        let mut open = vec![PathBuf::new()];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(root().join(&folder)).expect("a folder of the repository") {
                let entry = entry.expect("an entry");
                let (name, kind) =
                    (entry.file_name().into_string().expect("UTF-8"), entry.file_type().expect("a kind"));
                let path = folder.join(&name);
                if kind.is_dir() && !name.starts_with('.') && !ELSEWHERE.contains(&name.as_str()) {
                    open.push(path);
                } else if kind.is_file() && name.ends_with(".md") {
                    found.push(Page::read(&path.to_string_lossy()));
                }
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Self(found)
    }

    /// All.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Page> {
        self.0.iter()
    }

    /// Those whose commands and settings must be there now. Decisions and the changelog speak of their day.
    pub(crate) fn checked(&self) -> impl Iterator<Item = &Page> {
        let is_history = |page: &&Page| page.path.starts_with("docs/adr/") || page.path == "CHANGELOG.md";
        self.0.iter().filter(move |page| !is_history(page))
    }

    /// One.
    pub(crate) fn get(&self, path: &str) -> Option<&Page> {
        self.0.iter().find(|page| page.path == path)
    }
}
