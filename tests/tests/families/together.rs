//! All families in one installation.

use refit_tests::{Installation, prices};

use crate::kit::{import, trained, version};
use crate::{recommender, tabular, text};

/// With a live universal forecaster, a model of every other family is trained and judged as if there were none.
#[test]
fn a1_a_universal_model_is_in_nobody_elses_way() {
    let refit = Installation::running();
    for symbol in prices::symbols().iter().take(2) {
        refit.import(symbol, 0..450);
    }
    refit.make_small("forecaster/universal");
    trained(&refit, "forecaster/universal", &["--set", "epochs=1"]);
    refit.json(&["promote", "forecaster/universal", "v1.0"]);

    let keys = ["--key", "user,item", "--time", "time", "--kinds", "user:text"];
    import(&refit, "movies", "ratings.csv", &recommender::ratings(0..60, 0), &keys);
    import(&refit, "toxicity", "texts.csv", &text::texts(0..900), &["--key", "id", "--kinds", "id:text"]);
    import(&refit, "churn", "employees.csv", &tabular::employees(0..900), &["--key", "id"]);
    refit.json(&["model", "recommender/movies", "--set", "n_factors=4", "--set", "members=2"]);
    refit.json(&["model", "text/toxicity"]);
    refit.json(&["model", "tabular/churn", "--schema", &tabular::schema(&refit, &tabular::HONEST)]);
    for model in ["recommender/movies", "text/toxicity", "tabular/churn"] {
        trained(&refit, model, &[]);
        let first = version(&refit, model, "v1.0");
        let contestants = first["manifest"]["evaluation"]["contestants"].as_array().unwrap();
        assert!(contestants.iter().all(|figures| figures["contestant"] != "universal"), "{first}");
    }
    let own = format!("forecaster/{}", prices::symbols()[0]);
    trained(&refit, &own, &["--set", "epochs=1"]);
}
