//! What a page says is done, line by line.

use std::fmt::Write as _;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

use refit_tests::Installation;
use refit_tests::installation::LIMIT;
use refit_tests::process::{Process, binary};
use refit_tests::wait;

use super::fences::{Fence, fences};
use super::pages::{Page, root};

/// How long the commands of one page may take together: generous, for trainings on two busy cores.
const TIME_LIMIT: Duration = Duration::from_secs(300);
/// What of the repository a page's commands read.
const READ: [&str; 2] = ["examples", "deploy"];

/// Runs the commands of a page in a fresh installation with a worker, where `refit` is on the path and `REFIT_URL` is set.
///
/// # Panics
/// One of them fails: which, and what was said up to there.
pub(crate) fn page(path: &str) {
    let page = Page::read(path);
    let mut refit = Installation::new();
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    wait::until("the worker", LIMIT, || refit.list("workers")?.iter().find(|w| w["state"] == "ready").cloned());

    let checkout = refit.folder().join("checkout");
    std::fs::create_dir(&checkout).unwrap();
    for name in READ {
        symlink(root().join(name).canonicalize().unwrap(), checkout.join(name)).unwrap();
    }
    let file = refit.folder().join("page.sh");
    std::fs::write(&file, script(&page)).unwrap();
    let log = refit.folder().join("page.out");
    let mut process = Process::start(shell(&refit).arg(&file).current_dir(&checkout), &log);
    let status = process.wait(TIME_LIMIT);
    assert!(status.success(), "{path}: {status}\n{}\n{}", process.output(), refit.logs());
}

/// A shell in the environment of the installation, and in no other.
fn shell(refit: &Installation) -> Command {
    let binaries = binary("refit");
    let folder = binaries.parent().unwrap().to_string_lossy();
    let mut command = Command::new("bash");
    command
        .env_clear()
        .env("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap_or_default()))
        .env("HOME", refit.folder())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("REFIT_DATA_DIR", refit.data())
        .env("REFIT_URL", refit.address().unwrap())
        .envs(refit.settings().iter().map(|(key, value)| (key, value)));
    command
}

/// The blocks of a page as one script, each line where it stands in the page. The first line of a page is no command.
fn script(page: &Page) -> String {
    let trap = format!("trap 'echo \"{}:$LINENO: exit code $?: $BASH_COMMAND\" >&2' ERR", page.path);
    let mut script = format!("set -Eeuo pipefail; {trap}\n");
    let mut next = 2;
    for block in fences(page).into_iter().filter(|block| block.fence == Fence::Run) {
        for (number, line) in block.lines {
            (next..number).for_each(|_| script.push('\n'));
            let _ = writeln!(script, "{line}");
            next = number + 1;
        }
    }
    script
}

#[test]
fn lines_of_a_script_stand_where_they_stand_in_the_page() {
    let text = "# Title\n\n```sh\none\n```\n\n```sh ignore=build\nmake\n```\n```sh\ntwo\n```\n";
    let script = script(&Page { path: "page.md".into(), text: text.into() });
    let lines: Vec<(usize, &str)> = (1..).zip(script.lines()).skip(1).filter(|(_, line)| !line.is_empty()).collect();
    assert_eq!(lines, [(4, "one"), (11, "two")]);
}
