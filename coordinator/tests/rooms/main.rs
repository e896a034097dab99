//! Where things live: rooms import downwards only, no large circle of files, no long file. Read from the sources.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod graph;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use graph::Graph;

/// Files that may lie directly in `service`.
const FLAT: usize = 6;
/// Files that may import one another in a circle.
const CIRCLE: usize = 4;
/// Lines of a file that is no test.
const LINES: usize = 400;

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The coordinator's own crates: itself, and what it decides.
fn crates() -> [Graph; 2] {
    [sources(), Path::new(env!("CARGO_MANIFEST_DIR")).join("domain/src")].map(|folder| Graph::read(&folder))
}

/// The rooms of `service` from the bottom up, as the documentation of the module lists them: the one place where the order is said.
fn rooms(documentation: &str) -> Vec<String> {
    let named = |line: &str| Some(line.strip_prefix("//! | `")?.split_once('`')?.0.to_owned());
    documentation.lines().filter_map(named).collect()
}

/// Imports from a room that comes later, or from one that is not listed.
fn upward(graph: &Graph, order: &[String]) -> Vec<String> {
    let room = |module: &str| Some(module.strip_prefix("service::")?.split("::").next()?.to_owned());
    let height = |room: &String| order.iter().position(|known| known == room);
    let mut upward = Vec::new();
    for (from, imports) in &graph.imports {
        for to in imports {
            if let (Some(ours), Some(theirs)) = (room(from), room(to))
                && (height(&ours).is_none() || height(&theirs).is_none() || height(&theirs) > height(&ours))
            {
                upward.push(format!("{from} imports from {to}"));
            }
        }
    }
    upward
}

/// Circles that are too large. How clap's commands and their arguments know one another is clap's.
fn too_large(graph: &Graph) -> Vec<BTreeSet<String>> {
    let is_clap = |circle: &BTreeSet<String>| circle.iter().all(|module| module.starts_with("cli"));
    graph.circles().into_iter().filter(|circle| circle.len() > CIRCLE && !is_clap(circle)).collect()
}

#[test]
fn rooms_import_downwards_only() {
    let order = rooms(&fs::read_to_string(sources().join("service/mod.rs")).unwrap());
    assert_eq!(upward(&Graph::read(&sources()), &order), Vec::<String>::new());
}

#[test]
fn every_room_has_its_place_in_the_order() {
    let listed = rooms(&fs::read_to_string(sources().join("service/mod.rs")).unwrap());
    let there = fs::read_dir(sources().join("service")).unwrap().map(|entry| entry.unwrap().path());
    let there: BTreeSet<String> = there.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(listed.into_iter().chain(["mod".to_owned()]).collect::<BTreeSet<_>>(), there);
}

#[test]
fn few_files_lie_outside_the_rooms() {
    let files =
        fs::read_dir(sources().join("service")).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_file());
    assert!(files.count() <= FLAT);
}

#[test]
fn no_circle_of_imports_is_large() {
    for graph in crates() {
        assert_eq!(too_large(&graph), Vec::<BTreeSet<String>>::new());
    }
}

#[test]
fn no_file_is_long() {
    for graph in crates() {
        assert_eq!(graph.longer_than(LINES), []);
    }
}

#[test]
fn what_points_upwards_is_found_however_it_is_written() {
    let order = rooms("//! | `low` | a |\n//! | `high` | b |\n");
    let found = |low: &str| {
        let high = ("service::high", "mod deep;\npub(crate) use self::deep::Deep;");
        upward(&Graph::of([("service::low", low), high, ("service::high::deep", "pub(crate) struct Deep;")]), &order)
    };
    for low in [
        "use crate::service::high::Thing;",
        "use crate::{\n    db,\n    service::{error, high::{self, Thing as Other}},\n};\nfn f() { high::g() }",
        "fn f() { super::high::g(); }",
        "use super::high as above;\nfn f() -> above::Thing {}",
        "use super::high::*;",
        "pub(crate) use super::high::Thing;",
    ] {
        assert_eq!(found(low), ["service::low imports from service::high"], "{low}");
    }
    assert_eq!(found("use super::high::Deep;"), ["service::low imports from service::high::deep"]);
    for low in [
        "// use super::high::Thing;",
        "use super::low::Thing;",
        "#[cfg(test)]\nmod tests {\n    use crate::service::high;\n}",
    ] {
        assert_eq!(found(low), Vec::<String>::new(), "{low}");
    }
    let elsewhere = [("service::low", ""), ("service::new", "use super::low::Thing;")];
    assert_eq!(upward(&Graph::of(elsewhere), &order), ["service::new imports from service::low"], "it is not listed");
}

#[test]
fn circles_are_found_also_through_names_that_are_handed_on() {
    let ring = [
        ("a", "mod one;\nmod two;\npub use self::two::Two;"),
        ("a::one", "use super::Two;"),
        ("a::two", "use crate::b::B;"),
        ("b", "use crate::c;\nfn f() { c::g() }"),
        ("c", "fn g() { crate::d::h() }"),
        ("d", "use crate::a::one;\nfn h() { one::k() }"),
    ];
    let circle: BTreeSet<String> = ["a::one", "a::two", "b", "c", "d"].map(str::to_owned).into();
    assert_eq!(too_large(&Graph::of(ring)), [circle], "who only hands on is in no circle");
    assert_eq!(too_large(&Graph::of(ring[..5].iter().copied())), Vec::<BTreeSet<String>>::new());
    assert_eq!(Graph::of([("a", "one\ntwo\n"), ("b", "one\n")]).longer_than(1), [("a", 2)]);
}
