//! Commands that are not run: what they name must be there.

use refit_tests::Installation;
use refit_tests::cli::Answer;

use super::fences::{Fence, fences};
use super::pages::{Page, root};
use super::words::commands;

/// Programs of which nothing is known.
const OTHERS: [&str; 6] = ["cargo", "curl", "eval", "export", "git", "python3"];

/// What is wrong with the commands of a page that are not run.
pub(crate) fn wrong(page: &Page, refit: &Installation) -> Vec<String> {
    let blocks = fences(page).into_iter().filter(|block| matches!(block.fence, Fence::Ignored(_)));
    let mut wrong = Vec::new();
    for block in blocks {
        let mut begun = String::new();
        for (number, line) in block.lines {
            begun += line.trim_end_matches('\\');
            if line.ends_with('\\') {
                continue;
            }
            let troubles = commands(&std::mem::take(&mut begun)).into_iter().filter_map(|words| trouble(&words, refit));
            wrong.extend(troubles.map(|why| format!("{}:{number}: {why}", page.path)));
        }
    }
    wrong
}

fn trouble(words: &[String], refit: &Installation) -> Option<String> {
    let is_assignment = |word: &&String| word.split_once('=').is_some_and(|(name, _)| is_variable(name));
    let assigned: Vec<&str> =
        words.iter().take_while(is_assignment).filter_map(|word| Some(word.split_once('=')?.0)).collect();
    let (program, arguments) = words.get(assigned.len()..)?.split_first()?;
    let name = program.rsplit('/').next().unwrap_or(program);
    match name {
        "refit" | "refit-worker" => {
            // Behind all other words: they are read first, and what is wrong with them is said.
            let mut command = refit.command(name);
            let answer = Answer::of(command.args(arguments).arg("--help").output().expect("it can be started"));
            (answer.code != 0).then(|| format!("{words:?}: {}", answer.stderr))
        }
        "make" => make(arguments, &assigned),
        _ if program.contains('/') => (!root().join(program).exists()).then(|| format!("there is no {program}")),
        _ => (!OTHERS.contains(&name)).then(|| format!("nobody knows {program}")),
    }
}

/// Targets and variables stand in the Makefile.
fn make(arguments: &[String], assigned: &[&str]) -> Option<String> {
    let makefile = Page::read("Makefile").text;
    let is_variable_of_it =
        |name: &str| makefile.contains(&format!("$({name})")) || makefile.contains(&format!("$${{{name}:-"));
    let is_target = |name: &str| makefile.lines().any(|line| line.starts_with(&format!("{name}:")));
    let of_arguments = arguments.iter().find(|word| match word.split_once('=') {
        Some((name, _)) => !is_variable_of_it(name),
        None => !is_target(word),
    });
    let of_environment = assigned.iter().find(|name| !is_variable_of_it(name));
    let unknown = of_arguments.map(String::as_str).or(of_environment.copied());
    unknown.map(|word| format!("make knows no {word}"))
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

#[test]
fn commands_that_are_none_are_found() {
    let refit = Installation::new();
    let wrong = |line: &str| commands(line).iter().any(|words| trouble(words, &refit).is_some());
    for line in ["refit sideways", "refit up --sideways", "refit-worker run --slots many", "make sideways", "sideways"]
    {
        assert!(wrong(line), "{line}");
    }
    for line in ["deploy/sideways.sh", "make wander SIDEWAYS=1", "SIDEWAYS=1 make chaos"] {
        assert!(wrong(line), "{line}");
    }
    for line in
        ["refit up --workers 2", "make wander SEED=7", "REFIT_CHAOS_SEEDS=7 make chaos", "deploy/services.sh up"]
    {
        assert!(!wrong(line), "{line}");
    }
}
