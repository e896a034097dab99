//! Alerts by e-mail, through the processes and command line that people use (A9, B7, C8).

use refit_tests::front::Authority;
use refit_tests::installation::LIMIT;
use refit_tests::mail::{Letter, MailServer};
use refit_tests::{Installation, prices, wait};

/// An installation that gives its letters to a server of its own.
fn with_mail(server: &MailServer, scheme: &str) -> Installation {
    let mut refit = Installation::new();
    let port = server.address().port();
    refit.set("REFIT_ALERTS__SMTP", &format!("{scheme}://refit:p%40ss@localhost:{port}"));
    refit.set("REFIT_ALERTS__SENDER", "Refit <refit@example.com>");
    refit.set("REFIT_ALERTS__GATHER", "0s");
    refit
}

fn believe(refit: &mut Installation, authority: &Authority) {
    let file = refit.folder().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    refit.set("REFIT_STORAGE__CA_FILE", &file.to_string_lossy());
}

fn letter(server: &MailServer, about: &str) -> Letter {
    wait::until(&format!("a letter about {about}"), LIMIT, || {
        server.letters().into_iter().find(|letter| letter.text.contains(about))
    })
}

#[test]
fn a9_c8_a_model_that_only_a_person_may_train_is_told_by_e_mail_over_starttls() {
    let authority = Authority::new();
    let server = MailServer::start(Some((&authority, "localhost")));
    let mut refit = with_mail(&server, "smtp");
    believe(&mut refit, &authority);
    refit.start_coordinator(&[]);
    let channel = ["alerts", "channels", "add", "ops", "email", "--to", "ops@example.com,Ana <ana@example.com>"];
    refit.refit(&[&channel[..], &["--language", "es", "--trainings"]].concat()).ok();
    refit.refit(&["alerts", "test", "ops"]).ok();
    let trial = letter(&server, "este canal funciona");
    assert_eq!((trial.from.as_str(), trial.encrypted), ("refit@example.com", true));
    // To each by itself.
    let to = |whom: &str| server.letters().iter().any(|letter| letter.to == [whom]);
    assert!(to("ops@example.com") && to("ana@example.com"), "{:?}", server.letters());
    // \0refit\0p@ss
    assert_eq!(trial.login.as_deref(), Some("AHJlZml0AHBAc3M="));
    assert!(trial.text.contains("Auto-Submitted: auto-generated") && trial.text.contains("text/html"), "{trial:?}");

    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..500);
    let model = format!("forecaster/{symbol}");
    refit.refit(&["model", &model, "--policy", "auto_retrain=false"]).ok();
    refit.refit(&["check"]).ok();
    let told = letter(&server, "lo hace");
    assert!(told.text.contains("Message-ID: <"), "{}", told.text);
    let listed = refit.refit(&["alerts"]).ok().stdout;
    assert!(listed.contains("retrain") && listed.contains(symbol.as_str()), "{listed}");

    // A11: in the log of alerts, and in that of the day.
    let logs = refit.data().join("logs");
    let of_alerts = std::fs::read_to_string(logs.join("alerts.log")).unwrap();
    assert!(of_alerts.contains("retraining_due") && of_alerts.contains(&model), "{of_alerts}");
    let days: Vec<String> =
        std::fs::read_dir(&logs).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert!(days.iter().any(|name| name.starts_with("incremental_20") && name.ends_with(".log")), "{days:?}");

    // Trained, there is nothing to tell any more, and what came of the training is told.
    refit.start_worker(&[]);
    refit.ended(&refit.train(&model, &["--set", "epochs=2"]));
    letter(&server, "Subject: Refit, resuelto");
    letter(&server, "v1.0");
    let left = refit.refit(&["alerts", "list", "--kind", "retraining-due"]).ok().stdout;
    assert!(left.contains("no such alert stands open"), "{left}");
}

/// A password never goes through the open, and a certificate is believed only if it is known.
#[test]
fn a_mail_server_without_tls_or_with_a_strange_certificate_gets_nothing() {
    let authority = Authority::new();
    for (server, scheme, said) in [
        (MailServer::start(None), "smtp", "STARTTLS"),
        (MailServer::start(Some((&authority, "localhost"))), "smtp", "certificate"),
    ] {
        let mut refit = with_mail(&server, scheme);
        refit.start_coordinator(&[]);
        refit.refit(&["alerts", "channels", "add", "ops", "email", "--to", "ops@example.com"]).ok();
        let failed = refit.refit(&["alerts", "test", "ops"]);
        assert_eq!(failed.code, 1);
        assert!(failed.stderr.contains(said), "{}", failed.stderr);
        assert_eq!(server.letters(), vec![]);
    }
    let server = MailServer::start(None);
    let mut refit = with_mail(&server, "smtp+plain");
    refit.start_coordinator(&[]);
    refit.refit(&["alerts", "channels", "add", "ops", "email", "--to", "ops@example.com"]).ok();
    refit.refit(&["alerts", "test", "ops"]).ok();
    assert!(!letter(&server, "this channel works").encrypted, "somebody trusts the network");
}
