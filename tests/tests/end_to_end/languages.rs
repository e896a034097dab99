//! What is decided is told in the language of whoever asks, by flag, variable, locale or header; and listed in the API's document.

use refit_tests::Installation;
use reqwest::header::ACCEPT_LANGUAGE;
use serde_json::{Value, json};

/// One model of which nothing is live yet.
fn undecided() -> (Installation, String) {
    let mut refit = Installation::new();
    refit.start_coordinator(&[]);
    let symbol = refit_tests::prices::symbols()[0].clone();
    refit.import(&symbol, 0..100);
    (refit, format!("forecaster/{symbol}"))
}

fn get(refit: &Installation, path: &str, language: Option<&str>) -> Value {
    let url = format!("{}{path}", refit.address().unwrap());
    let request = reqwest::Client::new().get(url);
    let request = match language {
        Some(language) => request.header(ACCEPT_LANGUAGE, language),
        None => request,
    };
    refit.runtime().block_on(async { request.send().await.unwrap().json().await.unwrap() })
}

const ENGLISH: &str = "There is no live version.";
const SPANISH: &str = "No hay ninguna versión activa.";

#[test]
fn the_command_line_speaks_as_it_is_asked_to() {
    let (refit, model) = undecided();
    let said = |words: &[&str], variables: &[(&str, &str)]| {
        let mut command = refit.command("refit");
        command.args(["check", &model]).args(words).envs(variables.iter().copied());
        refit_tests::cli::CommandOutput::of(command.output().unwrap()).ok().stdout
    };
    for (words, variables, expected) in [
        (&[][..], &[][..], ENGLISH),
        (&["--lang", "es"], &[], SPANISH),
        (&[], &[("REFIT_LANG", "es")], SPANISH),
        (&[], &[("LANG", "es_CO.UTF-8")], SPANISH),
        (&[], &[("LC_ALL", "C"), ("LANG", "es_CO.UTF-8")], ENGLISH),
        (&["--lang", "en"], &[("REFIT_LANG", "es")], ENGLISH),
        (&[], &[("LANG", "fr_FR.UTF-8")], ENGLISH),
    ] {
        let said = said(words, variables);
        assert!(said.contains(expected), "{words:?} {variables:?}: {said}");
        assert!(said.contains("no_model") && said.contains("too_few_rows"), "codes are the same: {said}");
    }
    let refused = refit.refit(&["check", "--lang", "fr"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("en and es are"), "{}", refused.stderr);
}

#[test]
fn the_api_speaks_the_language_that_is_accepted_and_its_codes_are_listed() {
    let (refit, model) = undecided();
    refit.json(&["check"]);
    let path = format!("/api/v1/models/{model}");
    for (language, expected) in [
        (None, ENGLISH),
        (Some("en-GB,es;q=0.5"), ENGLISH),
        (Some("es-CO,es;q=0.9,en;q=0.8"), SPANISH),
        (Some("de"), ENGLISH),
    ] {
        let decision = &get(&refit, &path, language)["decision"];
        assert_eq!(
            (&decision["reasons"][0]["code"], &decision["reasons"][0]["text"]),
            (&json!("no_model"), &json!(expected))
        );
        let hold = &decision["holds"][0];
        assert_eq!((&hold["code"], &hold["rows"]), (&json!("too_few_rows"), &json!(100)));
        assert!(hold["needed"].as_u64() > Some(100), "{hold}");
    }
    let document = get(&refit, "/api/v1/openapi.json", None);
    let codes = |view: &str| document["components"]["schemas"][view].to_string();
    assert!(codes("ReasonView").contains("\"no_model\""), "{}", codes("ReasonView"));
    assert!(codes("HoldView").contains("\"too_few_rows\""), "{}", codes("HoldView"));
}
