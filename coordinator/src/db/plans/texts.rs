//! Every statement there is: read out of the source, so that none can be forgotten.

use std::fs;
use std::path::{Path, PathBuf};

/// A statement as a database sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// Its file below `src/db`.
    pub(super) file: String,
    /// All of it. Lists have one row; `?` stands for each of its values, followed by the name of its column, if it has one.
    pub(super) text: String,
}

/// Words that a statement begins with.
const BEGINNINGS: [&str; 5] = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];

/// The statements of `src/db`, in order.
pub(super) fn all() -> Vec<Text> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/db");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let texts = files.iter().flat_map(|path| {
        let file = path.strip_prefix(&root).unwrap().display().to_string();
        let source = fs::read_to_string(path).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        statements(&literals(code)).into_iter().map(move |text| Text { file: file.clone(), text })
    });
    texts.collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // What a database is asked for itself is not of its tables; and these are the tests.
        if path.is_dir() && !["dialect", "plans"].iter().any(|name| path.ends_with(name)) {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
}

/// The texts in quotes, without comments.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |all, line| all + line + "\n");
    let mut rest = code.as_str();
    while let Some(start) = rest.find('"') {
        let body = &rest[start + 1..];
        if rest[..start].ends_with('\'') {
            rest = body;
            continue;
        }
        let mut escaped = false;
        let end = body.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let end = end.unwrap_or(body.len());
        found.push(body[..end].split_whitespace().collect::<Vec<_>>().join(" ") + trailing(&body[..end]));
        rest = body.get(end + 1..).unwrap_or_default();
    }
    found
}

/// The space that a text ends with, if it does: a list follows.
fn trailing(text: &str) -> &'static str {
    if text.ends_with(' ') { " " } else { "" }
}

/// Joins the pieces of statements: text, list, tail. One that may go on with a condition for a few is there without
/// it, with it, and with that for a part of all.
fn statements(pieces: &[String]) -> Vec<String> {
    let begins = |piece: &str| BEGINNINGS.iter().any(|word| piece.starts_with(word));
    let mut found = Vec::new();
    let mut pieces = pieces.iter().peekable();
    while let Some(piece) = pieces.next() {
        if !begins(piece) {
            continue;
        }
        let mut text = piece.clone();
        if text.ends_with("VALUES ") || text.ends_with("IN ") {
            text += &list(&text);
            if let Some(tail) = pieces.next_if(|tail| is_tail(tail)) {
                text += if tail.starts_with(')') { "" } else { " " };
                text += tail;
            }
        }
        found.push(text.clone());
        while let Some(among) = pieces.next_if(|piece| !begins(piece)) {
            if ["AND ", "WHERE "].iter().any(|word| among.starts_with(word)) && among.ends_with(" IN ") {
                found.push(format!("{text} {among}(?)"));
                found.push(format!("{text} {}BETWEEN ? AND ?", among.trim_end_matches("IN ")));
            }
        }
    }
    found
}

fn is_tail(piece: &str) -> bool {
    [") ", "ON CONFLICT ", "ORDER BY "].iter().any(|word| piece.starts_with(word))
}

/// One row of a list: a value for each of the columns named before it, or numbered behind it.
fn list(text: &str) -> String {
    if text.ends_with("IN ") {
        return "(?)".into();
    }
    let numbered = text.matches("v.column").count();
    let named = text.rfind(')').and_then(|end| Some(&text[text[..end].rfind('(')? + 1..end]));
    let values: Vec<String> = match named {
        _ if numbered > 0 => (1..=numbered + 2).map(|number| format!("?column{number}")).collect(),
        Some(columns) if text.starts_with("WITH ") => columns.split(", ").map(|column| format!("?{column}")).collect(),
        Some(columns) => columns.split(", ").map(|_| "?".to_owned()).collect(),
        None => Vec::new(),
    };
    format!("({})", values.join(", "))
}

#[test]
fn pieces_are_joined() {
    let code = r#"
        // "SELECT no"
        sql("SELECT a FROM t WHERE b = '\"'").bind(1);
        sql("WITH wanted (x, y) AS (VALUES ").rows(all, |x| [x.into(), x.into()]).then(") SELECT 1");
        sql("INSERT INTO t (a, b) VALUES ").rows(all, f).then(" ON CONFLICT DO NOTHING");
        of.read_each(db, "SELECT c
            FROM t", " WHERE c IN ", read);
    "#;
    let found = statements(&literals(code));
    let expected = [
        "SELECT a FROM t WHERE b = '\\\"'",
        "WITH wanted (x, y) AS (VALUES (?x, ?y)) SELECT 1",
        "INSERT INTO t (a, b) VALUES (?, ?) ON CONFLICT DO NOTHING",
        "SELECT c FROM t",
        "SELECT c FROM t WHERE c IN (?)",
        "SELECT c FROM t WHERE c BETWEEN ? AND ?",
    ];
    assert_eq!(found, expected);
}

/// All SQL is in `src/db`, where it is looked at.
#[test]
fn nobody_else_speaks_sql() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    for path in files.iter().filter(|path| !path.starts_with(root.join("db"))) {
        assert!(!fs::read_to_string(path).unwrap().contains("db::sql"), "{}", path.display());
    }
    assert!(all().len() > 100, "{}", all().len());
}
