//! Good URLs, bad ones, and those with slips of the pen.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::contradiction;
use crate::settings::{ServiceUrl, Settings, Sources, Storage};

/// A setting, and a URL that it takes.
const GOOD: [(&str, &str); 12] = [
    ("QUEUE", "sqlite:///data/bus.db"),
    ("QUEUE", "amqp://refit:hunter2@broker:5672/%2f"),
    ("QUEUE", "amqps://refit:hunter2@[::1]/v?channel_max=10"),
    ("BUS", "redis://refit:hunter2@cache:6379/0?prefix=blue"),
    ("BUS", "rediss://:hunter2@cache"),
    ("DATABASE", "sqlite:///data/refit.db?mode=rwc"),
    ("DATABASE", "postgres://refit:hunter2@db:5432/refit?sslmode=verify-full&options=-csearch_path%3Dblue"),
    ("DATABASE", "postgresql:///refit?host=/run/postgresql"),
    ("STORE", "file:///data/store"),
    ("STORE", "s3://AKIA:hunter2@models/refit?endpoint=http://127.0.0.1:9000&region=us-east-1"),
    ("STORE", "s3://models"),
    ("BACKUPS", "s3://backups/refit?region=eu-west-1"),
];

fn load(service: &str, url: &str) -> Result<Settings, String> {
    let variable = format!("REFIT_STORAGE__{service}");
    Settings::load(&Sources::none().with_variable(&variable, url)).map_err(|error| error.to_string())
}

#[test]
fn what_is_documented_is_taken() {
    for (service, url) in GOOD {
        assert_eq!(load(service, url).err(), None, "{url}");
    }
}

#[test]
fn what_cannot_be_used_is_named_with_what_to_write() {
    for (service, url, reason) in [
        (
            "QUEUE",
            "kafka://refit:hunter2@broker",
            "its scheme is not known: write sqlite:///path/bus.db or amqp://USER",
        ),
        ("QUEUE", "hunter2", "its scheme is not known"),
        ("QUEUE", "amqp://refit:hunter2@broker:99999/v", "invalid port number: write amqp://USER:PASSWORD@HOST:PORT"),
        ("QUEUE", "amqp://refit:hun#ter2@broker", "invalid port number: write amqp://"),
        ("BUS", "redis://:hunter2@:6379", "empty host: write redis://USER"),
        ("BUS", "sqlite://", "it names no file: write sqlite:///path/bus.db"),
        ("DATABASE", "postgres://refit:hunter2@db:port/refit", "invalid port number: write postgres://USER"),
        ("DATABASE", "mysql://refit:hunter2@db/refit", "or postgres://USER"),
        ("STORE", "s3://AKIA:hunter2@models?endpoint=http://127.0.0.1:204942", "its endpoint is none: invalid port"),
        ("STORE", "file://", "it names no file: write file:///path"),
        ("BACKUPS", "ftp://refit:hunter2@host", "its scheme is not known: write file:///path or s3://BUCKET/FOLDER"),
    ] {
        let refused = load(service, url).err().unwrap_or_default();
        let start = format!("storage.{0} (environment REFIT_STORAGE__{service}): ", service.to_lowercase());
        assert!(refused.starts_with(&start) && refused.contains(reason), "{url}: {refused}");
        assert!(!refused.contains("hunter2") && !refused.contains("ter2"), "{url}: {refused}");
    }
}

/// A URL with a few slips of the pen in it, behind its password.
fn slips() -> impl Strategy<Value = (&'static str, String)> {
    const KEYS: &str = ":/@?#[]%&=.,-_ \0\t0123456789xn\u{e9}\u{3002}";
    let slip = (any::<Index>(), select(KEYS.chars().collect::<Vec<_>>()), 0..3_u8);
    (select(&GOOD[..]), proptest::collection::vec(slip, 1..5)).prop_map(|((service, url), slips)| {
        let secret = url.find("hunter2").map_or(0, |at| at + "hunter2".len());
        let (kept, rest) = url.split_at(secret);
        let mut rest: Vec<char> = rest.chars().collect();
        for (at, key, kind) in slips {
            let at = at.index(rest.len() + 1);
            match kind {
                0 => rest.insert(at, key),
                1 if at < rest.len() => rest[at] = key,
                _ if at < rest.len() => drop(rest.remove(at)),
                _ => rest.push(key),
            }
        }
        (service, kept.chars().chain(rest).collect())
    })
}

/// What is said of a URL alone, without the rest of the settings.
fn refused(service: &str, url: &str) -> Option<String> {
    let (mut storage, url) = (Storage::default(), ServiceUrl::from(url));
    match service {
        "QUEUE" => storage.queue = url,
        "BUS" => storage.bus = url,
        "DATABASE" => storage.database = url,
        "STORE" => storage.store = url,
        _ => storage.backups = url,
    }
    contradiction(&storage).map(|(_, reason)| reason)
}

proptest! {
    #[test]
    fn no_text_is_too_much(text in ".*") {
        for service in ["QUEUE", "BUS", "DATABASE", "STORE", "BACKUPS"] {
            for start in ["", "amqp://", "redis://", "postgres://", "s3://", "s3://b?endpoint=http://", "sqlite://"] {
                let _taken_or_refused = refused(service, &format!("{start}{text}"));
            }
        }
    }

    /// Whatever passes, its client can make a request of, or refuse itself: none of them panics.
    #[test]
    fn a_slip_of_the_pen_is_said_without_the_password_or_its_client_can_read_it((service, url) in slips()) {
        match refused(service, &url) {
            Some(reason) => prop_assert!(!reason.contains("hunter2"), "{url}: {reason}"),
            None => crate::connect::can_be_read(&url),
        }
    }
}
