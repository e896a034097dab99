//! Every command that a message advises is one that the command line takes.

use clap::Parser;

use super::args::Cli;

/// Folders whose sources speak to people.
const SOURCES: [&str; 5] = ["coordinator/src", "models/src", "worker/src", "common/src", "README.md"];
/// What may stand for a placeholder.
const VALUES: [&str; 8] = [
    "operate",
    "text/k2",
    "018f0000-0000-7000-8000-00000000000a",
    "cpu",
    "v1.0",
    "confirmed=word",
    "2026/daily_report_20260611",
    "7",
];

/// The commands in backticks of a text, but for its comments.
fn advised(text: &str) -> Vec<String> {
    let spoken: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    // A string goes on after a backslash at the end of its line.
    let whole = spoken.iter().fold(String::new(), |whole, line| match whole.strip_suffix('\\') {
        Some(begun) => format!("{begun}{}", line.trim_start()),
        None => format!("{whole}\n{line}"),
    });
    let quoted = whole.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    quoted.filter(|command| command.starts_with("refit ")).map(str::to_owned).collect()
}

/// Whether the command line takes it with something in place of its placeholders.
fn is_taken(command: &str) -> bool {
    if let (Some(begin), Some(end)) = (command.find('{'), command.find('}')) {
        let with = |value: &&str| format!("{}{value}{}", &command[..begin], &command[end + 1..]);
        return VALUES.iter().any(|value| is_taken(&with(value)));
    }
    let words = command.replace("FAMILY/NAME", "text/name").replace('…', "");
    Cli::try_parse_from(words.split_whitespace()).map_or_else(|error| error.exit_code() == 0, |_| true)
}

#[test]
fn every_advised_command_is_one() {
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut wrong = Vec::new();
    let mut seen = 0;
    let mut open: Vec<_> = SOURCES.iter().map(|source| root.join(source)).collect();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if !path.ends_with(file!()) && path.extension().is_some_and(|kind| kind == "rs" || kind == "md") {
            for command in advised(&std::fs::read_to_string(&path).unwrap()) {
                seen += 1;
                if !is_taken(&command) {
                    wrong.push(format!("{}: {command}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 20, "only {seen} were found");
}

#[test]
fn a_command_that_is_none_is_found() {
    let text = "let a = \"`refit resume {model}` and \\\n    `refit unpause {model}`\";\n// `refit sideways`";
    let found = advised(text);
    assert_eq!(found, ["refit resume {model}", "refit unpause {model}"]);
    assert_eq!(found.iter().map(|command| is_taken(command)).collect::<Vec<_>>(), [true, false]);
}
