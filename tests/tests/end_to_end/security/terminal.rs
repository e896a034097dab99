//! What somebody wrote into a name or a reason is shown, and steers no terminal (G4).

use refit_tests::Installation;
use serde_json::json;

/// Clears the screen, turns the text around, and claims to be a line of its own.
const BAD: &str = "\u{1b}[2J\u{9b}31m\u{202e}gnp\u{7f}\r\nrefit: all is well\u{7}";

/// What is no control character, and turns the text around all the same.
const TURNED: &str = "\u{202e}gnp";

/// Whether all that a command said may go to a terminal.
fn is_tame(said: &str) -> bool {
    !said.contains(|c: char| c != '\n' && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)))
}

#[test]
fn g4_no_text_from_outside_steers_a_terminal() {
    let mut refit = Installation::new();
    refit.start_coordinator(&[]);
    refit.refit(&["model", "forecaster/AAPL", "--category", TURNED]).ok();
    refit.refit(&["pause", "forecaster/AAPL", "--reason", TURNED]).ok();
    refit.refit(&["pool", "pause", "cpu", "--reason", TURNED]).ok();
    let file = refit.folder().join(format!("{}.csv", BAD.replace('/', "")));
    std::fs::write(&file, format!("date,{BAD}\n1,2\n")).unwrap();
    let file = file.to_string_lossy().into_owned();
    for words in [
        &["models"][..],
        &["check", "forecaster/AAPL"],
        &["pool", "list"],
        &["pause", "forecaster/AAPL", "--reason", BAD],
        &["model", "forecaster/AAPL", "--tag", BAD],
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
    assert!(shown.contains(r"\u{202e}gnp"), "{shown}");
    let log = refit.coordinator.as_ref().unwrap().output();
    assert!(is_tame(&log), "{log:?}");

    let answer = refit.refit(&["pool", "list", "--json"]).ok();
    assert!(is_tame(&answer.stdout), "{:?}", answer.stdout);
    assert_eq!(answer.json()[0]["paused"]["reason"], TURNED, "JSON is faithful");
    let pause = |reason: &str| refit.asked("/api/v1/models/forecaster/AAPL/pause", &json!({ "reason": reason }));
    assert_eq!(pause(TURNED).1["paused"]["reason"], TURNED);
    let (status, refused) = pause(BAD);
    let why = "character 1 of the reason is the control character U+001B: write it without, in one line";
    assert_eq!((status, refused["detail"].as_str()), (422, Some(why)));
}
