//! Which file of a crate imports which: read from its sources, as far as whoever reads them sees it.
//!
//! A name that is handed on (`pub use`) is followed to the file that has it. Tests count for nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The modules of a crate that have files of their own, by path (`service::jobs::lifecycle`; the root has none), and what they import.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) imports: BTreeMap<String, BTreeSet<String>>,
    lines: BTreeMap<String, usize>,
}

/// What one file says about others.
#[derive(Debug, Default)]
struct Source {
    /// What a name stands for here, and whether it is handed on.
    names: BTreeMap<String, (String, bool)>,
    /// Modules that are imported whole.
    globs: Vec<String>,
    /// Modules below it.
    children: BTreeSet<String>,
    /// Paths, and names that stand alone, in the rest of its code.
    mentioned: BTreeSet<String>,
}

impl Graph {
    /// Of the sources in a folder.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut sources = Vec::new();
        gather(folder, "", &mut sources);
        Self::of(sources.iter().map(|(module, text)| (module.as_str(), text.as_str())))
    }

    /// Of modules and their texts.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let (mut sources, mut lines) = (BTreeMap::new(), BTreeMap::new());
        for (module, text) in texts {
            lines.insert(module.to_owned(), text.lines().count());
            sources.insert(module.to_owned(), Source::of(module, text));
        }
        let imports = sources.keys().map(|module| (module.clone(), imports(module, &sources))).collect();
        Self { imports, lines }
    }

    /// Modules that import one another, directly or by way of each other, the largest circle first.
    pub(crate) fn circles(&self) -> Vec<BTreeSet<String>> {
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.imports.keys().map(|module| (module.as_str(), self.reached(module))).collect();
        let circle = |module: &&str| -> BTreeSet<String> {
            let back = reached[module].iter().filter(|other| reached[**other].contains(module));
            back.map(|other| (*other).to_owned()).collect()
        };
        let circles: BTreeSet<BTreeSet<String>> =
            reached.keys().map(circle).filter(|circle| circle.len() > 1).collect();
        let mut circles: Vec<_> = circles.into_iter().collect();
        circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
        circles
    }

    /// Modules of more lines than these.
    pub(crate) fn longer_than(&self, most: usize) -> Vec<(&str, usize)> {
        self.lines.iter().filter(|(_, lines)| **lines > most).map(|(module, lines)| (module.as_str(), *lines)).collect()
    }

    fn reached<'a>(&'a self, from: &'a str) -> BTreeSet<&'a str> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(module) = open.pop() {
            let next = self.imports.get(module).into_iter().flatten().map(String::as_str);
            open.extend(next.filter(|next| reached.insert(*next)));
        }
        reached
    }
}

/// Reads the sources of a folder, without the files that are only tests.
fn gather(folder: &Path, module: &str, into: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let below = match name.as_str() {
            "tests" | "main" => continue,
            "mod" | "lib" => module.to_owned(),
            name => join(module, name),
        };
        if path.is_dir() {
            gather(&path, &below, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push((below, fs::read_to_string(&path).unwrap()));
        }
    }
}

impl Source {
    fn of(module: &str, text: &str) -> Self {
        let mut source = Self::default();
        let is_test = |line: &str| line.ends_with("mod tests {");
        let code: String = text
            .lines()
            .take_while(|line| !is_test(line))
            .map(|line| format!("{}\n", line.split("//").next().unwrap_or_default()))
            .collect();
        let (mut body, mut lines) = (String::new(), code.lines());
        while let Some(line) = lines.next() {
            let (seen, words) = visibility(line.trim_start());
            if let Some(tree) = words.strip_prefix("use ") {
                let mut tree = tree.to_owned();
                while !tree.contains(';') {
                    tree.push_str(lines.next().unwrap_or(";"));
                }
                source.import(module, "", tree.split(';').next().unwrap_or_default(), seen);
            } else if let Some(child) = words.strip_prefix("mod ").and_then(|words| words.strip_suffix(';')) {
                source.children.insert(child.to_owned());
            } else {
                body.push_str(words);
                body.push('\n');
            }
        }
        let path = |c: char| !(c.is_alphanumeric() || c == '_' || c == ':');
        source.mentioned = body.split(path).map(|path| path.trim_matches(':').to_owned()).collect();
        source
    }

    /// Takes in a tree of imports.
    fn import(&mut self, module: &str, before: &str, tree: &str, seen: bool) {
        let tree = tree.trim();
        if let Some((path, inner)) = tree.split_once('{') {
            let before = join(before, path.trim().trim_end_matches("::"));
            let inner = inner.trim_end().strip_suffix('}').unwrap_or(inner);
            let (mut depth, mut begin) = (0, 0);
            for (index, letter) in inner.char_indices().chain([(inner.len(), ',')]) {
                match letter {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        self.import(module, &before, &inner[begin..index], seen);
                        begin = (index + 1).min(inner.len());
                    }
                    _ => {}
                }
            }
            return;
        }
        if tree.is_empty() {
            return;
        }
        let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias.trim())));
        let full = join(before, path.trim());
        let full = full.strip_suffix("::self").unwrap_or(&full);
        let Some(full) = absolute(module, full) else { return };
        match full.strip_suffix("::*") {
            Some(whole) => self.globs.push(whole.to_owned()),
            None => {
                let name = alias.unwrap_or_else(|| last(&full)).to_owned();
                self.names.insert(if name == "_" { format!("_{full}") } else { name }, (full, seen));
            }
        }
    }
}

/// Whether an item is seen elsewhere, and the rest of its line.
fn visibility(words: &str) -> (bool, &str) {
    match words.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => (true, rest.split_once(") ").map_or(rest, |(_, rest)| rest)),
        Some(rest) if rest.starts_with(' ') => (true, rest.trim_start()),
        Some(_) | None => (false, words),
    }
}

/// The modules that one imports from.
fn imports(module: &str, sources: &BTreeMap<String, Source>) -> BTreeSet<String> {
    let source = &sources[module];
    let mut found: BTreeSet<String> = source.globs.iter().filter_map(|path| home(path, sources)).collect();
    for (name, (path, handed_on)) in &source.names {
        // A module counts by what is said of it; who only hands on what is below it imports nothing.
        let below = *handed_on && path.starts_with(&format!("{module}::")) && !source.mentioned.contains(name);
        let counts = !sources.contains_key(path) && !below;
        found.extend(Some(path).filter(|_| counts).and_then(|path| home(path, sources)));
    }
    for path in source.mentioned.iter().filter(|path| path.contains("::")) {
        let (first, rest) = path.split_once("::").unwrap_or_default();
        let full = match source.names.get(first) {
            Some((full, _)) => Some(join(full, rest)),
            None if source.children.contains(first) => Some(join(&join(module, first), rest)),
            None => absolute(module, path),
        };
        found.extend(full.and_then(|path| home(&path, sources)));
    }
    found.remove(module);
    found
}

/// The module that has what a path names.
fn home(path: &str, sources: &BTreeMap<String, Source>) -> Option<String> {
    let mut module = path;
    while !sources.contains_key(module) {
        module = module.rsplit_once("::")?.0;
    }
    let name = path[module.len()..].trim_start_matches("::").split("::").next().unwrap_or_default();
    match sources[module].names.get(name) {
        Some((other, _)) if other != path => home(other, sources),
        Some(_) | None => Some(module.to_owned()),
    }
}

/// A path from the root of the crate, if it leads into it.
fn absolute(module: &str, path: &str) -> Option<String> {
    let (first, rest) = path.split_once("::").unwrap_or((path, ""));
    match first {
        "crate" => Some(rest.to_owned()),
        "self" => Some(join(module, rest)),
        "super" => {
            let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
            absolute(parent, &join("self", rest).replacen("self::super", "super", 1))
        }
        _ => None,
    }
}

fn join(before: &str, after: &str) -> String {
    [before, after].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("::")
}

fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}
