//! What somebody wrote into a name or a reason is shown, and steers no terminal (G4).

use refit_tests::Installation;
use serde_json::json;

/// Clears the screen, turns the text around, and claims to be a line of its own.
const BAD: &str = "\u{1b}[2J\u{9b}31m\u{202e}gnp\u{7f}\r\nrefit: all is well\u{7}";

/// Whether all that a command said may go to a terminal.
fn is_tame(said: &str) -> bool {
    !said.contains(|c: char| c != '\n' && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)))
}

#[test]
fn g4_no_text_from_outside_steers_a_terminal() {
    let mut refit = Installation::new();
    refit.start_coordinator(&[]);
    refit.refit(&["model", "forecaster/AAPL", "--category", BAD]).ok();
    refit.refit(&["pause", "forecaster/AAPL", "--reason", BAD]).ok();
    refit.refit(&["pool", "pause", "cpu", "--reason", BAD]).ok();
    let file = refit.folder().join(format!("{}.csv", BAD.replace('/', "")));
    std::fs::write(&file, format!("date,{BAD}\n1,2\n")).unwrap();
    let file = file.to_string_lossy().into_owned();
    for words in [
        &["models"][..],
        &["check", "forecaster/AAPL"],
        &["pool", "list"],
        &["pause", "forecaster/AAPL", "--reason", BAD],
        &["import", "prices", &file],
        &["data", "import", "movies", &file],
        &["data", "show", "movies"],
        &["job", BAD],
        &["--api", BAD, "models"],
    ] {
        let answer = refit.refit(words);
        let said = format!("{}{}", answer.stdout, answer.stderr);
        assert!(is_tame(&said), "{words:?}: {said:?}");
        assert!(!said.lines().any(|line| line.starts_with("refit: all is well")), "{words:?}: {said}");
    }
    let shown = refit.refit(&["pool", "list"]).ok().stdout;
    assert!(shown.contains(r"\u{1b}[2J") || refit.refit(&["models"]).ok().stdout.contains(r"\u{1b}"), "{shown}");
    let log = refit.coordinator.as_ref().unwrap().output();
    assert!(is_tame(&log), "{log:?}");

    let answer = refit.refit(&["pool", "list", "--json"]).ok();
    assert!(is_tame(&answer.stdout), "{:?}", answer.stdout);
    assert_eq!(answer.json()[0]["paused"]["reason"], BAD, "JSON is faithful");
    assert_eq!(refit.asked("/api/v1/models/forecaster/AAPL/pause", &json!({"reason": BAD})).1["paused"]["reason"], BAD);
}
