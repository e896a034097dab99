//! Links of pages, and where they lead.

use std::path::{Component, Path, PathBuf};

use super::pages::{Page, Pages, root};

/// The targets of a page's links, in their order.
pub(crate) fn of(page: &Page) -> Vec<String> {
    let plain: String = page.prose().map(|(_, line)| without_code(line) + "\n").collect();
    let after = plain.split("](").skip(1);
    after.filter_map(|rest| Some(rest.split_once(')')?.0.replace('\n', " ").trim().to_owned())).collect()
}

/// The links of a page that lead nowhere, or out of the book.
pub(crate) fn broken(page: &Page, pages: &Pages) -> Vec<String> {
    let is_ours = |target: &String| !target.contains("://") && !target.starts_with("mailto:");
    let wrong = |target: String| trouble(page, &target, pages).map(|why| format!("{}: {target}: {why}", page.path));
    of(page).into_iter().filter(is_ours).filter_map(wrong).collect()
}

fn trouble(page: &Page, target: &str, pages: &Pages) -> Option<String> {
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let path = if file.is_empty() { PathBuf::from(&page.path) } else { tidied(&page.folder().join(file))? };
    if !file.is_empty() && !root().join(&path).exists() {
        return Some("there is no such file".into());
    }
    // The website of the book has nothing else: what lies elsewhere is named, not linked.
    if page.path.starts_with("docs/") && !path.starts_with("docs") {
        return Some("a page of the book leads out of it: name the file instead".into());
    }
    let anchor = anchor?;
    let there = if file.is_empty() { Some(page) } else { pages.get(&path.to_string_lossy()) };
    match there {
        Some(there) if anchors(there).contains(&anchor.to_owned()) => None,
        Some(_) => Some("there is no such heading".into()),
        None => Some("only pages have headings".into()),
    }
}

/// The path without `..`; none where it leads out of the repository.
fn tidied(path: &Path) -> Option<PathBuf> {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if !tidy.pop() => return None,
            Component::ParentDir | Component::CurDir => {}
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => tidy.push(part),
        }
    }
    Some(tidy)
}

/// What headings can be linked by.
fn anchors(page: &Page) -> Vec<String> {
    page.prose().filter_map(|(_, line)| line.strip_prefix('#')).map(|rest| slug(rest.trim_start_matches('#'))).collect()
}

/// As the website of the book makes it, and the places where repositories are read.
fn slug(heading: &str) -> String {
    let kept = |letter: char| match letter {
        ' ' => Some('-'),
        letter if letter.is_alphanumeric() || letter == '-' || letter == '_' => Some(letter),
        _ => None,
    };
    heading.trim().to_lowercase().chars().filter_map(kept).collect()
}

/// A line without what stands between backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

#[test]
fn links_and_anchors_are_found() {
    let text =
        "# The `page`, 1st\n[a](b.md#c) and `[no](link)`\n```\n[no](link)\n```\n![d](e.svg) [over\nlines](f.md)\n";
    let page = Page { path: "docs/page.md".into(), text: text.into() };
    assert_eq!(of(&page), ["b.md#c", "e.svg", "f.md"]);
    assert_eq!(anchors(&page), ["the-page-1st"]);
    assert_eq!(slug("What to make of \"K of 12 beat naive\""), "what-to-make-of-k-of-12-beat-naive");
    assert_eq!(tidied(Path::new("docs/adr/../using.md")), Some("docs/using.md".into()));
    assert_eq!(tidied(Path::new("../elsewhere")), None);
    let pages = Pages::of_the_repository();
    let wrong = |target: &str| trouble(&page, target, &pages).is_some();
    assert!(wrong("nowhere.md") && wrong("using.md#nowhere") && wrong("../README.md") && wrong("demo.svg#x"));
    assert!(!wrong("introduction.md#words") && !wrong("#the-page-1st") && !wrong("demo.svg"));
}
