//! Secrets lie in files, and nowhere else: not in logs, command lines, environments or answers (G4).

use refit_tests::{Installation, prices, process};

use crate::security::{Service, password};

/// What `/proc` shows of a process.
fn shown(pid: u32) -> String {
    let read = |file: &str| std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
    String::from_utf8_lossy(&[read("cmdline"), read("environ")].concat()).into_owned()
}

#[test]
fn g4_secrets_in_files_are_shown_nowhere() {
    let Some(mut refit) = Installation::distributed() else { return };
    let mut secrets = Vec::new();
    for service in Service::ALL {
        let url = refit.take(service.variable());
        secrets.push(password(&url).to_owned());
        let file = refit.folder().join(format!("{service:?}.url"));
        std::fs::write(&file, url + "\n").unwrap();
        refit.set(&format!("{}_FILE", service.variable()), &file.to_string_lossy());
    }
    refit.set("REFIT_LOG__LEVEL", "trace");
    refit.start_coordinator(&[]);
    let worker = refit.start_worker(&[]);
    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..500);
    let job = refit.ended(&refit.train(&format!("forecaster/{symbol}"), &["--set", "epochs=2"]));
    assert_eq!(job["state"], "completed", "{job}");

    let (coordinator, worker) = (refit.coordinator.as_ref().unwrap(), &refit.workers[worker]);
    let mut pids = vec![coordinator.pid(), worker.pid()];
    pids.extend(process::children(worker.pid()));
    assert!(pids.len() > 2, "an executor is among them");
    let mut told: Vec<(String, String)> = pids.iter().map(|pid| (format!("process {pid}"), shown(*pid))).collect();
    for (_, text) in &told {
        assert!(text.contains("refit"), "/proc shows nothing");
    }
    told.push(("the coordinator's log".into(), coordinator.output()));
    told.push(("the worker's log".into(), worker.output()));
    for words in [&["config"][..], &["config", "--json"], &["workers", "--json"], &["job", job["id"].as_str().unwrap()]]
    {
        let answer = refit.refit(words).ok();
        told.push((words.join(" "), answer.stdout + &answer.stderr));
    }
    let config = &told[told.len() - 4].1;
    assert!(config.contains("amqp://refit:***@") && config.contains("Queue.url"), "{config}");
    for (place, text) in &told {
        for secret in &secrets {
            if let Some(at) = text.find(secret.as_str()) {
                let line = text[..at].lines().last().unwrap_or_default();
                panic!("{place} holds a password after: {line}");
            }
        }
    }
}

/// Every setting that is a secret may lie in a file, and `refit config` hides its value.
#[test]
fn g4_every_secret_may_lie_in_a_file() {
    let refit = Installation::new();
    let page = include_str!("../../../../docs/settings.md");
    let secret = |line: &&str| line.starts_with("| `") && line.ends_with("Secret. |");
    let keys: Vec<&str> = page.lines().filter(secret).map(|line| line.split('`').nth(1).unwrap()).collect();
    assert!(["api.token", "storage.queue", "storage.database"].iter().all(|key| keys.contains(key)), "{keys:?}");
    for key in keys {
        let file = refit.folder().join(key);
        let value = match key {
            "api.token" => "hunter2",
            "storage.queue" => "amqp://someone:hunter2@host",
            "storage.bus" => "redis://someone:hunter2@host",
            "storage.database" => "postgres://someone:hunter2@host/refit",
            "telemetry.headers" => "authorization=hunter2",
            "alerts.smtp" => "smtp://someone:hunter2@host",
            _ => "s3://someone:hunter2@bucket",
        };
        std::fs::write(&file, value).unwrap();
        let variable = format!("REFIT_{}_FILE", key.replace('.', "__").to_uppercase());
        let mut command = refit.command("refit");
        command.env("REFIT_ALERTS__SENDER", "refit@example.com");
        let answer =
            refit_tests::cli::CommandOutput::of(command.args(["config"]).env(variable, &file).output().unwrap()).ok();
        let line = answer.stdout.lines().find(|line| line.contains(key)).unwrap_or_else(|| panic!("{}", answer.stdout));
        assert!(line.contains("***"), "{line}");
        assert!(!answer.stdout.contains("hunter2"), "{key}: {}", answer.stdout);
    }
}
