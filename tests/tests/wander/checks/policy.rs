//! What is shown as a model's own policy is what was said of it.

use serde_json::Value;

use crate::command_line::{Broken, Checked};
use crate::reference::Model;

/// Its name.
const CHECK: &str = "policy";

/// Compares key by key.
pub(super) fn is_its_own(model: &Model, view: &Value) -> Checked {
    let shown = view["own_policy"].as_object().into_iter().flatten();
    let same = |(key, value): (&String, &Value)| model.own.get(key) == Some(&value.to_string());
    if shown.clone().count() == model.own.len() && shown.clone().all(same) {
        return Ok(());
    }
    Err(Broken::new(CHECK, format!("{}: its own is {:?}, and {} is shown", model.key, model.own, view["own_policy"])))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn another_policy_is_noticed() {
        let model = Model { own: [("min_new_texts".to_owned(), "5".to_owned())].into(), ..Model::new("text/w1") };
        let found = |own: Value| is_its_own(&model, &json!({ "own_policy": own })).is_err();
        assert!(!found(json!({ "min_new_texts": 5 })));
        for own in [json!({ "min_new_texts": 6 }), json!({}), json!({ "min_new_texts": 5, "yardstick": true })] {
            assert!(found(own));
        }
    }
}
