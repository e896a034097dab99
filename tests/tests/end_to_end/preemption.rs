//! Preemption on real processes: a long training makes room for an urgent one, and goes on from its checkpoint (G3).

use refit_tests::installation::LIMIT;
use refit_tests::{Installation, prices, wait};

fn makes_room(mut refit: Installation) {
    refit.set("REFIT_DISPATCH__PREEMPT_MARGIN", "30");
    refit.set("REFIT_DISPATCH__PREEMPT_AFTER", "1s");
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    let symbols = prices::symbols();
    let model = |index: usize| format!("forecaster/{}", symbols[index]);
    refit.import(&symbols[0], 0..1000);
    refit.import(&symbols[1], 0..500);

    let hyper = ["--set", "epochs=20", "--set", "patience=100", "--set", "hidden=50", "--set", "window=60"];
    let calm = refit.train(&model(0), &[&["--priority", "100"], &hyper[..]].concat());
    wait::until("some steps", LIMIT, || refit.job(&calm)["progress"]["step"].as_u64().filter(|step| *step > 20));
    let urgent = refit.train(&model(1), &["--priority", "0", "--set", "epochs=2"]);
    let first = refit.ended(&urgent);
    assert_eq!(first["state"], "completed", "{first}\n{}", refit.logs());
    let waiting = refit.job(&calm);
    assert_ne!(waiting["state"], "completed", "the urgent one was done first: {waiting}");

    let second = refit.ended(&calm);
    assert_eq!(
        (&second["state"], &second["preemptions"]),
        (&"completed".into(), &1.into()),
        "{second}\n{}",
        refit.logs()
    );
    let attempts = second["attempts"].as_array().unwrap();
    let outcomes: Vec<&str> = attempts.iter().filter_map(|attempt| attempt["outcome"].as_str()).collect();
    assert_eq!((outcomes[0], outcomes.last().copied()), ("released", Some("result")), "{second}");
    let message = attempts[0]["message"].as_str().unwrap();
    assert!(message.contains(&urgent) && message.contains("more urgent by 100 points"), "{message}");
    assert!(attempts.last().unwrap()["resumed_from"].as_u64().is_some_and(|step| step > 20), "{second}");
    assert_eq!(second["enqueued_at"], waiting["enqueued_at"]);
    let shown = refit.refit(&["job", &calm]).ok().stdout;
    assert!(shown.contains("yielded  1 time to more urgent jobs"), "{shown}");
}

#[test]
fn g3_an_urgent_training_takes_the_slot_on_one_machine() {
    makes_room(Installation::new());
}

#[test]
fn g3_f2_an_urgent_training_takes_the_slot_on_the_engines_of_many_machines() {
    let Some(refit) = Installation::distributed() else { return };
    makes_room(refit);
}
