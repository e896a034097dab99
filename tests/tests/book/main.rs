//! What people read is true: every command of README and book is run, or at least exists; every link leads somewhere.

mod commands;
mod fences;
mod links;
mod pages;
mod run;
mod words;

use std::path::PathBuf;
use std::process::Command;

use refit_tests::Installation;

use fences::{Fence, fences};
use pages::{Page, Pages};

/// A test for each page: its commands are run, in their order, in an installation of their own.
macro_rules! run_pages {
    ($($name:ident: $path:literal),+ $(,)?) => {
        /// The pages whose commands are run.
        const RUN: &[&str] = &[$($path),+];
        $(#[test]
        fn $name() {
            run::page($path);
        })+
    };
}

run_pages! {
    the_commands_of_the_readme_work: "README.md",
    the_examples_of_the_api_work: "examples/README.md",
    the_commands_of_using_work: "docs/using.md",
    the_commands_of_data_work: "docs/data.md",
    the_commands_of_deciding_work: "docs/deciding.md",
    the_commands_of_judging_work: "docs/judging.md",
    the_commands_of_tuning_work: "docs/tuning.md",
    the_commands_of_operating_work: "docs/operating.md",
    the_commands_of_schedules_work: "docs/schedules.md",
    the_commands_of_alerts_work: "docs/alerts.md",
    the_commands_of_reports_work: "docs/reports.md",
    the_commands_of_scaling_work: "docs/scaling.md",
    the_commands_of_security_work: "docs/security.md",
    the_commands_of_the_api_work: "docs/api.md",
    the_commands_of_events_work: "docs/events.md",
    the_commands_of_telemetry_work: "docs/telemetry.md",
    the_commands_of_forecasters_work: "docs/families/forecaster.md",
    the_commands_of_recommenders_work: "docs/families/recommender.md",
    the_commands_of_texts_work: "docs/families/text.md",
    the_commands_of_records_work: "docs/families/tabular.md",
}

#[test]
fn every_page_with_commands_to_run_is_run() {
    let pages = Pages::of_the_repository();
    let with_commands = pages.checked().filter(|page| fences(page).iter().any(|block| block.fence == Fence::Run));
    let found: Vec<String> = with_commands.map(|page| page.path.clone()).collect();
    let run: Vec<String> = RUN.iter().map(|path| (*path).to_owned()).collect();
    assert_same(&found, &run);
}

#[test]
fn commands_that_are_not_run_exist() {
    let refit = Installation::new();
    let pages = Pages::of_the_repository();
    let wrong: Vec<String> = pages.checked().flat_map(|page| commands::wrong(page, &refit)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn settings_that_are_named_exist() {
    let pages = Pages::of_the_repository();
    let known = words::Settings::of(&pages);
    let wrong: Vec<String> = pages.checked().flat_map(|page| known.missing(page)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_link_leads_somewhere() {
    let pages = Pages::of_the_repository();
    let broken: Vec<String> = pages.all().flat_map(|page| links::broken(page, &pages)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_page_of_the_book_is_in_its_contents_once() {
    let pages = Pages::of_the_repository();
    let listed = links::of(pages.get("docs/SUMMARY.md").expect("the contents"));
    let of_the_book = pages.all().filter_map(|page| page.path.strip_prefix("docs/"));
    let there: Vec<String> = of_the_book.filter(|path| *path != "SUMMARY.md").map(str::to_owned).collect();
    assert_same(&there, &listed);
}

/// Each page that is there is named once, and no other.
#[track_caller]
fn assert_same(there: &[String], named: &[String]) {
    let forgotten: Vec<&String> = there.iter().filter(|page| !named.contains(page)).collect();
    assert!(forgotten.is_empty(), "not named: {forgotten:?}");
    let lost: Vec<&String> = named.iter().filter(|page| !there.contains(page)).collect();
    assert!(lost.is_empty(), "named, and not there: {lost:?}");
    assert_eq!(there.len(), named.len(), "a page is named twice");
}

#[test]
fn the_readme_stays_short_and_begins_with_two_commands() {
    let pages = Pages::of_the_repository();
    let readme = pages.get("README.md").expect("a README");
    assert!(readme.text.lines().count() <= 120, "a README is read in one go: the rest belongs into the book");
    for command in ["make demo", "make test"] {
        assert!(readme.text.contains(command), "{command}");
    }
}

#[test]
fn every_example_is_run() {
    let page = Page::read("examples/README.md");
    let folder = pages::root().join("examples");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let programs = names.filter(|name| name.ends_with(".sh") || (name.ends_with(".py") && name != "client.py"));
    let forgotten: Vec<String> = programs.filter(|name| !page.text.contains(&format!("examples/{name}"))).collect();
    assert!(forgotten.is_empty(), "{forgotten:?} stand in no line of examples/README.md");
}

#[test]
fn the_rows_of_the_examples_are_made_by_their_script() {
    let made = tempfile::tempdir().unwrap();
    let data: PathBuf = pages::root().join("examples/data");
    let status = Command::new("python3").arg(data.join("make.py")).arg(made.path()).status().expect("python3 is there");
    assert!(status.success());
    for entry in std::fs::read_dir(made.path()).unwrap() {
        let name = entry.unwrap().file_name();
        let [shipped, new] =
            [&data, made.path()].map(|folder: &std::path::Path| std::fs::read(folder.join(&name)).ok());
        assert!(shipped == new, "{name:?} is not what examples/data/make.py writes");
    }
}
