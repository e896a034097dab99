//! The decision that is shown about a model is about the model that is shown.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command_line::{Broken, Checked};
use crate::reference::Model;
use crate::shared_installation::SharedInstallation;

/// Its name.
pub(super) const CHECK: &str = "decision";

/// It is made anew at once; on a busy machine whoever decides rests for up to 10 s between two rounds, to leave others their turn.
const AT_ONCE: Duration = Duration::from_secs(30);

/// Waits until what is shown agrees.
pub(super) fn true_now(installation: &SharedInstallation, model: &Model) -> Checked {
    let until = Instant::now() + AT_ONCE;
    loop {
        let view = installation.get(&format!("models/{}", model.key))?;
        match disagreement(&view) {
            None => return Ok(()),
            Some(what) if Instant::now() > until => {
                let decision = &view["decision"];
                return Err(Broken::new(CHECK, format!("{}: {what}, and it is shown as {decision}", model.key)));
            }
            Some(_) => std::thread::park_timeout(Duration::from_millis(20)),
        }
    }
}

/// What a decision says that the model beside it does not.
fn disagreement(view: &Value) -> Option<String> {
    let decision = &view["decision"];
    if decision.is_null() {
        return None;
    }
    let says = |list: &str, code: &str| decision[list].as_array().into_iter().flatten().any(|one| one["code"] == code);
    let facts = [
        ("reasons", "no_model", view["live"].is_null(), "whether a version is live"),
        ("holds", "paused", !view["paused"].is_null(), "whether it is paused"),
        ("holds", "active_training", !view["active_job"].is_null(), "whether it is being trained"),
    ];
    let wrong = facts.into_iter().find(|(list, code, fact, _)| says(list, code) != *fact);
    // Made for a day that somebody asked about, it counts the rows of that day.
    let for_a_day = decision["at"].as_str().is_some_and(|at| at.ends_with("T23:59:59.999999Z"));
    wrong.map(|(.., what)| format!("{what} has changed")).or_else(|| {
        let new = view["new_rows"].as_u64().filter(|_| !for_a_day)?;
        let reason = decision["reasons"].as_array()?.iter().find(|one| one["code"] == "new_samples")?;
        let said = reason["text"].as_str()?.split_whitespace().next()?.parse::<u64>().ok()?;
        let asked = view["policy"].as_array().into_iter().flatten().find(|one| is_threshold(one));
        let least = asked.and_then(|one| one["value"].as_u64()).unwrap_or_default();
        let few = (new < least).then(|| format!("{new} rows are new, and its policy asks for {least}"));
        (said != new).then(|| format!("{new} rows are new")).or(few)
    })
}

/// Whether a key of the policy says from how many new rows on a training is due.
fn is_threshold(key: &Value) -> bool {
    key["key"].as_str().is_some_and(|key| key.starts_with("min_new_"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_decision_of_yesterday_is_noticed() {
        let reason = json!({ "code": "no_model", "text": "There is no live version." });
        let decision = json!({ "reasons": [reason], "holds": [] });
        let view = |live: Value| json!({ "live": live, "paused": null, "active_job": null, "decision": decision });
        assert_eq!(disagreement(&view(Value::Null)), None);
        assert_eq!(disagreement(&view(json!({}))).as_deref(), Some("whether a version is live has changed"));
        let reason = json!({ "code": "new_samples", "text": "9 new rows." });
        let rows = |new: u64, least: u64| {
            let policy = [json!({ "key": "min_new_texts", "value": least })];
            let decision = json!({ "reasons": [reason], "holds": [], "at": "2026-01-01T08:00:00Z" });
            let view = json!({
                "live": {}, "paused": null, "active_job": null, "decision": decision, "new_rows": new, "policy": policy,
            });
            disagreement(&view)
        };
        assert_eq!(rows(9, 9), None);
        assert_eq!(rows(8, 5).as_deref(), Some("8 rows are new"));
        assert_eq!(rows(9, 20).as_deref(), Some("9 rows are new, and its policy asks for 20"));
    }
}
