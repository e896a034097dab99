//! Whatever a message advises works, and helps.

use serde_json::Value;

use crate::command_line::{self, Broken, Checked, CommandLine, CommandOutput};

/// Names of things that a person has to fill in.
const BLANKS: [&str; 8] = ["MODEL", "FILE", "NAME", "KEY", "COLUMN", "BACKUP", "VERSION", "SYMBOL"];

/// The lines about this walk that an answer advises: between back-ticks, or to the end of the sentence.
pub(crate) fn found(answer: &CommandOutput, walk: &str) -> Vec<String> {
    let mut texts = vec![answer.stderr.clone()];
    sentences(&answer.json, &mut texts);
    let mut advice: Vec<String> = texts.iter().flat_map(|text| lines(text)).collect();
    advice.retain(|line| {
        line.to_lowercase().contains(walk)
            && !line.split_whitespace().any(|word| BLANKS.contains(&word) || word.contains('…'))
    });
    advice.sort();
    advice.dedup();
    advice
}

/// What is said in words, anywhere in a document.
fn sentences(json: &Value, into: &mut Vec<String>) {
    match json {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| match value {
            Value::String(text) if ["why", "text", "note", "next", "what", "hint"].contains(&name.as_str()) => {
                into.push(text.clone());
            }
            other => sentences(other, into),
        }),
        Value::Array(items) => items.iter().for_each(|item| sentences(item, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn lines(text: &str) -> Vec<String> {
    text.match_indices("refit ")
        .filter(|(index, _)| *index == 0 || text[..*index].ends_with([' ', '`', '\n', '(']))
        .filter_map(|(index, word)| {
            let rest = &text[index + word.len()..];
            let end = if text[..index].ends_with('`') { rest.find('`') } else { rest.find(['\n', ';', ')']) };
            let line =
                rest[..end.unwrap_or(rest.len())].split(". ").next()?.split(", ").next()?.trim_end_matches(['.', ',']);
            (!line.is_empty()).then(|| line.to_owned())
        })
        .collect()
}

/// The same training in each mode that an answer advises, where it has none made or is only about decisions.
pub(crate) fn modes(line: &CommandLine, answer: &CommandOutput) -> Vec<CommandLine> {
    let words: Vec<&str> = match line.word(0) {
        "retrain" if !reason(answer).is_empty() => line.words.iter().map(String::as_str).collect(),
        "check" if answer.json["items"][0]["verdict"] == "held_back" => vec!["retrain", line.word(1)],
        _ => return Vec::new(),
    };
    let mut texts = vec![answer.stderr.clone()];
    sentences(&answer.json, &mut texts);
    let advised = |mode: &&str| texts.iter().any(|text| text.contains(&format!("(--mode {mode})")));
    let in_mode = |mode: &str| {
        let asked = words.iter().position(|word| *word == "--mode");
        let kept = words
            .iter()
            .enumerate()
            .filter(|(index, _)| asked.is_none_or(|asked| *index != asked && *index != asked + 1));
        let kept: Vec<&str> = kept.map(|(_, word)| *word).collect();
        command_line::line(format!("{} --mode {mode}", kept.join(" "))).advised().watched(true)
    };
    ["complete", "incremental", "quick"].into_iter().filter(advised).map(in_mode).collect()
}

/// Why something was not done; empty if it was.
fn reason(answer: &CommandOutput) -> &str {
    let item = &answer.json["items"][0];
    match (answer.done(), item["result"].as_str()) {
        (false, _) => &answer.stderr,
        (true, Some("skipped")) => item["why"].as_str().unwrap_or_default(),
        (true, _) => "",
    }
}

/// It is done, or another reason is given against it.
pub(crate) fn works(advice: &CommandLine, advised: &CommandOutput, before: &CommandOutput) -> Checked {
    let (then, why) = (reason(advised), reason(before));
    match then.is_empty() || (matches!(advised.code, 0 | 4) && then != why) {
        true => Ok(()),
        false => Err(Broken::new("advice", format!("`{advice}` was advised: {why} {}; then: {then}", before.json))),
    }
}

/// What was refused is not refused again for the same reason.
pub(crate) fn helps(advice: &CommandLine, came: &Value, again: &CommandOutput, before: &CommandOutput) -> Checked {
    match again.done() || again.stderr != before.stderr {
        true => Ok(()),
        false => {
            let said = &again.stderr;
            Err(Broken::new("advice", format!("`{advice}` was done and has not helped: {said}; it came to {came}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn advice_is_read_out_of_sentences() {
        let answer = |said: &str| CommandOutput {
            code: 4,
            json: json!([{ "holds": [{ "text": said }] }]),
            stderr: String::new(),
        };
        let of = |said: &str| found(&answer(said), "w7");
        assert_eq!(of("It is paused. Resume it first: refit resume text/w7"), ["resume text/w7"]);
        assert_eq!(
            of("Confirm it, `refit model text/w7 --confirm-column badge`, or drop it."),
            ["model text/w7 --confirm-column badge"]
        );
        assert_eq!(of("`refit restore text/w7 BACKUP` makes one live again"), [""; 0]);
        assert_eq!(of("start one with `refit up`"), [""; 0]);
    }
}
