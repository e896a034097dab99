//! Fenced blocks of a page, and what a test does with them.
//!
//! A block of `sh` is run as it stands. One that cannot be run in a test says why: `sh ignore=REASON`; then its commands are
//! looked at. Any other block only shows something.

use super::pages::Page;

/// Why commands are not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// They build, test or measure: minutes, and the very thing that is at work.
    Build,
    /// They start a process that stays. The test has started it already.
    Service,
    /// They need other machines, or services beside Refit.
    Elsewhere,
    /// They name ids that only the reader's installation has.
    Example,
}

/// What becomes of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fence {
    /// It is run.
    Run,
    /// Its commands must exist.
    Ignored(Reason),
    /// It is only shown.
    Shown,
}

/// A fenced block.
pub(crate) struct Block<'a> {
    /// What becomes of it.
    pub(crate) fence: Fence,
    /// Its lines, with their numbers in the page.
    pub(crate) lines: Vec<(usize, &'a str)>,
}

/// The blocks of a page.
pub(crate) fn fences(page: &Page) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut is_open = false;
    for (number, line) in (1..).zip(page.text.lines()) {
        match (line.trim_start().strip_prefix("```"), is_open) {
            (Some(info), false) => {
                let fence = fence(info).unwrap_or_else(|why| panic!("{}:{number}: {why}", page.path));
                blocks.push(Block { fence, lines: Vec::new() });
                is_open = true;
            }
            (Some(_), true) => is_open = false,
            (None, true) => blocks.iter_mut().last().into_iter().for_each(|block| block.lines.push((number, line))),
            (None, false) => {}
        }
    }
    assert!(!is_open, "{}: a block does not end", page.path);
    blocks
}

fn fence(info: &str) -> Result<Fence, String> {
    let mut words = info.split_whitespace();
    if words.next() != Some("sh") {
        return Ok(Fence::Shown);
    }
    match words.next() {
        None => Ok(Fence::Run),
        Some("ignore=build") => Ok(Fence::Ignored(Reason::Build)),
        Some("ignore=service") => Ok(Fence::Ignored(Reason::Service)),
        Some("ignore=elsewhere") => Ok(Fence::Ignored(Reason::Elsewhere)),
        Some("ignore=example") => Ok(Fence::Ignored(Reason::Example)),
        Some(other) => Err(format!("{other:?} is no reason: ignore=build, service, elsewhere or example")),
    }
}

#[test]
fn blocks_are_run_unless_they_say_why_not() {
    let text = "a\n```sh\nrefit models\n```\n```sh ignore=build\nmake\n```\n```console\n$ refit\n```\n```json\n```\n";
    let page = Page { path: "page.md".into(), text: text.into() };
    let found: Vec<_> = fences(&page).into_iter().map(|block| (block.fence, block.lines)).collect();
    assert_eq!(found[0], (Fence::Run, vec![(3, "refit models")]));
    assert_eq!(found[1], (Fence::Ignored(Reason::Build), vec![(6, "make")]));
    assert_eq!([found[2].0, found[3].0], [Fence::Shown; 2]);
    assert!(fence("sh ignore=lazy").is_err());
}
