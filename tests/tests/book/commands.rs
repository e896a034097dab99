//! Commands that are not run: what they name must be there.

use refit_tests::Installation;
use refit_tests::cli::CommandOutput;

use super::fences::{Fence, fences};
use super::pages::{Page, root};
use super::words::commands;

/// Programs of which nothing is known.
const OTHERS: [&str; 6] = ["cargo", "curl", "eval", "export", "git", "python3"];

/// What is wrong with the commands of a page that are not run.
pub(crate) fn wrong(page: &Page, refit: &Installation) -> Vec<String> {
    let lines = in_blocks(page).into_iter().chain(in_prose(page));
    let all = lines.flat_map(|(number, line)| commands(&line).into_iter().map(move |words| (number, words)));
    all.filter_map(|(number, words)| Some(format!("{}:{number}: {}", page.path, trouble(&words, refit)?))).collect()
}

/// The lines of blocks that say why they are not run.
fn in_blocks(page: &Page) -> Vec<(usize, String)> {
    let mut whole: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for block in fences(page).into_iter().filter(|block| matches!(block.fence, Fence::Ignored(_))) {
        for (number, line) in block.lines {
            let part = line.trim_end_matches('\\');
            match whole.last_mut().filter(|_| goes_on) {
                Some((_, begun)) => begun.push_str(part),
                None => whole.push((number, part.to_owned())),
            }
            goes_on = line.ends_with('\\');
        }
    }
    whole
}

/// What stands between backticks in the text: verbs with or without what they need.
fn in_prose(page: &Page) -> Vec<(usize, String)> {
    let code =
        page.prose().flat_map(|(number, line)| line.split('`').skip(1).step_by(2).map(move |code| (number, code)));
    let is_command = |code: &str| ["refit ", "refit-worker ", "make "].iter().any(|begin| code.starts_with(begin));
    let whole = code.filter(|(_, code)| is_command(code) && !code.contains('…'));
    whole.map(|(number, code)| (number, code.to_owned())).collect()
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
            let help = (arguments.first().is_none_or(|verb| verb != "help")).then_some("--help");
            let answer = refit.command(name).args(arguments).args(help).output().expect("it can be started");
            let answer = CommandOutput::of(answer);
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
