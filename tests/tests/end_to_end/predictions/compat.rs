//! The routes of the old services, field by field (C4, D3, D4).

use std::collections::BTreeSet;
use std::fmt::Write;

use refit_tests::Installation;
use refit_tests::draw::draw;
use serde_json::{Value, json};

use crate::predictions::kit::{file, trained};

fn fields(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().map(String::as_str).collect()
}

#[test]
fn d3_d4_the_classifier_answers_as_its_own_service_did() {
    let refit = Installation::running();
    let (status, problem) = refit.got("/model/status");
    assert_eq!((status, &problem["detail"]), (404, &json!("no hay ningún modelo de texto")));
    trained(&refit);

    let (status, found) = refit.got("/model/status");
    assert_eq!(status, 200, "{found}");
    let expected = [
        "model_exists",
        "model_age",
        "needs_retraining",
        "metadata",
        "backups_count",
        "server_model_loaded",
        "server_model_type",
    ];
    assert_eq!(fields(&found), expected.into());
    let metadata = ["training_samples", "model_type", "vectorizer_features", "last_updated"];
    assert_eq!(fields(&found["metadata"]), metadata.into());
    let updated = found["metadata"]["last_updated"].as_str().unwrap();
    assert!(chrono::NaiveDateTime::parse_from_str(updated, "%Y-%m-%dT%H:%M:%S").is_ok(), "{updated}");
    assert!(found["metadata"]["training_samples"].as_u64() > Some(500), "{found}");
    assert_eq!(found["metadata"]["vectorizer_features"], 1 << 21);
    assert_eq!((&found["model_exists"], &found["model_age"]), (&json!(true), &json!("0 días")));
    assert_eq!((&found["needs_retraining"], &found["backups_count"]), (&json!(false), &json!(0)));
    assert_eq!(
        (&found["server_model_type"], &found["server_model_loaded"]),
        (&json!("LogisticRegression"), &json!(false))
    );

    let (status, found) = refit.got("/model/needs-retrain");
    let expected = json!({"needs_retraining": false, "model_age_days": 0, "recommendation": "Modelo está actualizado"});
    assert_eq!((status, found), (200, expected));
    let (status, found) = refit.asked("/model/backup", &json!({}));
    assert_eq!((status, found), (200, json!({"message": "Backup creado exitosamente", "backup_created": true})));
    let (status, found) = refit.asked("/model/reload", &json!({}));
    let expected = json!({
        "message": "Modelo recargado exitosamente", "model_loaded": true, "model_type": "LogisticRegression"
    });
    assert_eq!((status, found), (200, expected));
    let (_, found) = refit.got("/model/status");
    assert_eq!((&found["backups_count"], &found["server_model_loaded"]), (&json!(1), &json!(true)), "{found}");

    // D3: the menu does the same by hand.
    let typed = file(&refit, "typed", "2\n7\n42\n0\n");
    let mut menu = refit.command("refit");
    menu.args(["interactive", "text/toxicity"]).stdin(std::fs::File::open(typed).unwrap());
    let menu = refit_tests::cli::CommandOutput::of(menu.output().unwrap()).ok();
    assert!(menu.stdout.contains("$ refit versions text/toxicity") && menu.stdout.contains("v1.0"), "{}", menu.stdout);
    assert!(menu.stdout.contains("$ refit backups text/toxicity"), "{}", menu.stdout);
    assert!(menu.stderr.contains("\"42\" is no line of the menu"), "{}", menu.stderr);

    // With several, somebody has to say which is meant.
    refit.json(&["model", "text/other", "--dataset", "toxicity"]);
    let (status, problem) = refit.got("/model/status");
    assert_eq!(status, 409);
    assert!(problem["detail"].as_str().unwrap().contains("compat.classifier"), "{problem}");
}

#[test]
fn c4_recommendations_come_from_the_ratings_in_the_data_set() {
    let refit = Installation::running();
    let mut csv = "user,item,rating,time\n".to_owned();
    for (user, item) in (0..60_u64).flat_map(|user| (0..30_u64).map(move |item| (user, item))) {
        if draw(user, item, 2) == 1 {
            let value = if user % 2 == item % 2 { 4 } else { 2 } + draw(user, 1000 + item, 2);
            let at = 1_577_836_800 + draw(user, 2000 + item, 200) * 86_400 + user;
            writeln!(csv, "{user},film {item},{value},{at}").unwrap();
        }
    }
    let base = file(&refit, "base.csv", &csv);
    refit.json(&["data", "import", "movies", base.to_str().unwrap(), "--key", "user,item", "--time", "time"]);
    let model = "recommender/movies";
    let hyper = ["n_factors=8", "members=2", "lr=0.03", "patience=20"];
    refit.json(&[&["model", model][..], &hyper.iter().flat_map(|pair| ["--set", pair]).collect::<Vec<_>>()].concat());
    let job = refit.ended(&refit.train(model, &[]));
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());

    // One who came after the training is folded in.
    let late = file(
        &refit,
        "late.csv",
        "user,item,rating,time\nuser_nuevo,film 1,5,1596000000\nuser_nuevo,film 3,5,1596000001\nuser_nuevo,film 2,1,1596000002\n",
    );
    refit.json(&["data", "import", "movies", late.to_str().unwrap()]);
    let ask = |user: Value, n: u64| refit.asked("/recommendations/from-db", &json!({"user_id": user, "n": n}));
    let (status, found) = ask(json!("user_nuevo"), 5);
    assert_eq!(status, 200, "{found}");
    assert_eq!(fields(&found), ["user_id", "recommendations", "ratings_count", "in_training"].into());
    let list = found["recommendations"].as_array().unwrap();
    assert_eq!(fields(&list[0]), ["item_id", "predicted_rating", "reason"].into());
    assert_eq!((list.len(), &found["ratings_count"], &found["in_training"]), (5, &json!(3), &json!(false)), "{found}");
    assert!(list.iter().all(|item| !["film 1", "film 2", "film 3"].contains(&item["item_id"].as_str().unwrap())));
    let (_, known) = ask(json!(7), 3);
    assert_eq!((&known["user_id"], &known["in_training"]), (&json!(7), &json!(true)), "{known}");
    assert_eq!(ask(json!(["a"]), 3).0, 422);
}
