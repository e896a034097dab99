//! Price files for tests: cut from the ones shipped for the demo, or made up.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The folder with the shipped price files.
pub fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/demo/prices")
}

/// The shipped symbols, in order.
///
/// # Panics
/// The folder cannot be read.
pub fn symbols() -> Vec<String> {
    let mut symbols: Vec<String> = std::fs::read_dir(shipped())
        .expect("the shipped prices are there")
        .filter_map(|entry| entry.ok()?.path().file_stem()?.to_str().map(str::to_owned))
        .filter(|name| name.chars().all(|c| c.is_ascii_uppercase()))
        .collect();
    symbols.sort();
    symbols
}

/// The bars `rows` (counted from the oldest) of a shipped symbol, as a file with its header.
///
/// # Panics
/// The symbol is not shipped.
pub fn text(symbol: &str, rows: std::ops::Range<usize>) -> String {
    let text = std::fs::read_to_string(shipped().join(format!("{symbol}.csv"))).expect("a shipped symbol");
    let mut lines = text.lines();
    let mut out = format!("{}\n", lines.next().unwrap_or_default());
    for line in lines.skip(rows.start).take(rows.len()) {
        let _ = writeln!(out, "{line}");
    }
    out
}

/// Writes the bars `rows` (counted from the oldest) of a shipped symbol to `folder/SYMBOL.csv`.
///
/// # Panics
/// The files cannot be read or written.
pub fn cut(symbol: &str, rows: std::ops::Range<usize>, folder: &Path) -> PathBuf {
    let path = folder.join(format!("{symbol}.csv"));
    std::fs::write(&path, text(symbol, rows)).expect("the cut can be written");
    path
}

/// How many bars a shipped symbol has.
///
/// # Panics
/// The file cannot be read.
pub fn rows(symbol: &str) -> usize {
    let text = std::fs::read_to_string(shipped().join(format!("{symbol}.csv"))).expect("a shipped symbol");
    text.lines().count() - 1
}
