//! Two versions side by side (B7, C9).

use refit_tests::{Installation, prices};
use serde_json::Value;

/// v1.0, v2.0 scored beside it with other hyper-parameters, and v3.0 so much later that no row is shared with v1.0.
#[test]
fn b7_c9_two_versions_are_compared_on_the_rows_they_share_and_on_no_others() {
    let refit = Installation::running();
    let symbol = &prices::symbols()[0];
    let model = format!("forecaster/{symbol}");
    let last = prices::rows(symbol);
    let train = |epochs: &str| {
        let job = refit.ended(&refit.train(&model, &["--mode", "complete", "--set", epochs]));
        assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
        job
    };
    refit.import(symbol, 0..last - 100);
    train("epochs=1");
    refit.refit(&["promote", &model, "v1.0"]);
    let second = train("epochs=3");
    let figures = |compared: &Value, side: &str| -> Vec<f64> {
        compared["figures"].as_array().unwrap().iter().map(|figure| figure[side]["value"].as_f64().unwrap()).collect()
    };

    // Scored together: the same paired difference that the gate found, unless it has looked before.
    let compared = refit.json(&["compare", &model, "v1.0", "v2.0"]);
    let (difference, verdict) = (&compared["difference"], &second["verdict"]);
    assert_eq!(
        (&difference["because"], &verdict["against"]),
        (&"scored_together".into(), &"champion".into()),
        "{compared}"
    );
    for figure in ["difference", "low", "high", "rows", "verdict"] {
        assert_eq!(difference[figure], verdict[figure], "{figure}: {compared} {verdict}");
    }
    assert!(difference["low"].as_f64() <= difference["difference"].as_f64(), "{compared}");
    let text = compared["text"].as_str().unwrap();
    assert!(text.contains("v2.0") && text.contains("95 % interval") && text.contains("rows in common"), "{text}");
    let hyper = &compared["hyper"];
    assert_eq!(
        (&hyper[0]["name"], &hyper[0]["a"], &hyper[0]["b"]),
        (&"epochs".into(), &"1".into(), &"3".into()),
        "{hyper}"
    );
    assert_eq!(hyper.as_array().unwrap().len(), 1, "{hyper}");
    let against_baseline = &compared["figures"][0];
    assert_eq!(against_baseline["name"], "loss_against_baseline");
    assert!(against_baseline["a"]["low"].is_f64() && against_baseline["b"]["high"].is_f64(), "{against_baseline}");
    let versions = refit.json(&["versions", &model]);
    assert!(figures(&compared, "b").contains(&versions[0]["loss"].as_f64().unwrap()), "{compared}");

    // The other way round the sides change places, and the difference its sign.
    let reverse = refit.json(&["compare", &model, "v2.0", "v1.0"]);
    let sign = |compared: &Value| compared["difference"]["difference"].as_f64().unwrap().signum();
    assert_eq!((sign(&reverse), figures(&reverse, "a")), (-sign(&compared), figures(&compared, "b")));

    let table = refit.refit(&["compare", &model, "v1.0", "v2.0"]).ok().stdout;
    for words in
        ["v1.0", "v2.0", "epochs", "own holdout", "loss against baseline", " to ", text.split(':').next().unwrap()]
    {
        assert!(table.contains(words), "{words}: {table}");
    }

    // The same training once more, also scored beside v1.0 and not beside v2.0: the rows of the two holdouts are the same ones.
    refit.refit(&["promote", &model, "v1.0"]);
    train("epochs=3");
    let same = refit.json(&["compare", &model, "v2.0", "v3.0"]);
    let difference = &same["difference"];
    assert_eq!(
        (&difference["because"], &difference["difference"]),
        (&"holdouts_overlap".into(), &0.0.into()),
        "{same}"
    );
    assert_eq!((&difference["verdict"], &same["hyper"]), (&"not_worse".into(), &Value::Array(vec![])), "{same}");

    // A hundred days on, the holdout of 60 shares no row with that of v3.0, which is not live and so not scored beside it.
    refit.refit(&["promote", &model, "v1.0"]);
    refit.import(symbol, last - 100..last);
    train("epochs=1");
    let apart = refit.json(&["compare", &model, "v3.0", "v4.0"]);
    assert!(apart["difference"].is_null(), "{apart}");
    assert!(apart["text"].as_str().unwrap().contains("share no rows"), "{apart}");

    assert_eq!(refit.refit(&["compare", &model, "v1.0", "v1.0"]).code, 4);
    assert_eq!(refit.refit(&["compare", &model, "v1.0", "v9.0"]).code, 3);
    assert_eq!(refit.refit(&["compare", &model, "v1.0", "sideways"]).code, 2);
}
