//! Garbage on the bus and the queue: refused, counted, kept, and the work goes on (G4).

use common::connect;
use common::ports::Mailbox;
use common::wire::codec;
use refit_tests::installation::LIMIT;
use refit_tests::{Installation, prices, wait};
use serde_json::{Value, json};

/// What is no message, and why.
fn garbage() -> Vec<(Vec<u8>, &'static str)> {
    vec![
        (b"not a message".to_vec(), "bytes follow the message"),
        (vec![0xc1], "byte 0xc1 is not MessagePack"),
        (codec::encode(&"nothing known").unwrap().to_vec(), "the message cannot be understood"),
        (codec::encode(&vec![0_u8; 9 << 20]).unwrap().to_vec(), "at most 8388608 are allowed"),
        (vec![0x91; 10_000], "nested deeper than 32 levels"),
        (b"\x82\xa1v\x02\xa4body\xc0".to_vec(), "the message is of version 2"),
        (b"\x82\xa1v\x01".to_vec(), "the message is cut off"),
    ]
}

/// Waits until `refit dead-letters` has counted so many of a kind, and gives all it shows.
fn counted(refit: &Installation, kind: &str, count: u64) -> Value {
    wait::until(&format!("{count} of {kind} to be counted\n{}", refit.logs()), LIMIT, || {
        let found = refit.json(&["dead-letters"]);
        (found["counted"][kind].as_u64() >= Some(count)).then_some(found)
    })
}

fn survives(mut refit: Installation) {
    refit.start_coordinator(&[]);
    let worker = refit.start_worker(&[]);
    assert_eq!(refit.json(&["dead-letters"]), json!({"counted": {}, "letters": []}));
    assert!(refit.refit(&["dead-letters"]).ok().stdout.contains("no dead letters"));
    let named =
        wait::until("the worker to be known", LIMIT, || refit.list("workers")?.first()?["id"].as_str()?.parse().ok());
    wait::until("the coordinator to lead", LIMIT, || refit.get("health")?["leads"].as_bool().filter(|leads| *leads));
    let url = refit.settings().iter().find(|(name, _)| name == "REFIT_STORAGE__BUS").map(|(_, url)| url.clone());
    let url = url.unwrap_or_else(|| format!("sqlite://{}", refit.data().join("bus.db").display()));
    let mailboxes = [
        (Mailbox::Coordinator, "to_coordinator"),
        (Mailbox::Worker(named), "to_worker"),
        (Mailbox::Predictors, "question"),
    ];
    for (mailbox, kind) in mailboxes {
        let sent = garbage();
        refit.runtime().block_on(async {
            let bus = connect::bus(&url).await.unwrap();
            for (body, _) in &sent {
                bus.post(mailbox, body.clone().into()).await.unwrap();
            }
        });
        let found = counted(&refit, kind, sent.len() as u64);
        let letters: Vec<&Value> =
            found["letters"].as_array().unwrap().iter().filter(|letter| letter["kind"] == kind).collect();
        for (body, reason) in &sent {
            let letter = letters.iter().find(|letter| letter["reason"].as_str().unwrap().contains(reason));
            let letter = letter.unwrap_or_else(|| panic!("{kind}: no letter says {reason}: {found}"));
            assert_eq!(letter["bytes"], body.len(), "{letter}");
            let head = body[..body.len().min(1024)].escape_ascii().to_string();
            assert_eq!(letter["head"], head, "{kind}: {reason}");
        }
    }
    let table = refit.refit(&["dead-letters"]).ok().stdout;
    assert!(table.contains("7 question, 7 to_coordinator, 7 to_worker"), "{table}");

    assert!(refit.coordinator.as_mut().unwrap().ended().is_none() && refit.workers[worker].ended().is_none());
    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..500);
    let job = refit.ended(&refit.train(&format!("forecaster/{symbol}"), &["--set", "epochs=2"]));
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
}

#[test]
fn g4_garbage_is_kept_aside_on_one_machine() {
    survives(Installation::new());
}

#[test]
fn g4_garbage_is_kept_aside_on_the_engines_of_many_machines() {
    let Some(refit) = Installation::distributed() else { return };
    survives(refit);
}
