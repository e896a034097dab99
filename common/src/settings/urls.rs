//! Whether the URLs of services can be used: before anything starts, and by the name of the setting. A URL itself is never
//! repeated, for it may hold a password.

use reqwest::Url;

use super::bucket::BucketUrl;
use super::{ServiceUrl, Storage};

/// What follows a scheme.
#[derive(Clone, Copy)]
enum Form {
    /// A path, as it is.
    Path,
    /// A server, with what else it takes.
    Server,
    /// A bucket of S3.
    Bucket,
}

/// A scheme, what follows it, and how that is written.
type Scheme = (&'static str, Form, &'static str);

const AMQP: &str = "//USER:PASSWORD@HOST:PORT/VHOST";
const REDIS: &str = "//USER:PASSWORD@HOST:PORT/DATABASE?prefix=NAME";
const POSTGRES: &str = "//USER:PASSWORD@HOST:PORT/DATABASE";

const QUEUE: &[Scheme] =
    &[("sqlite", Form::Path, "///path/bus.db"), ("amqp", Form::Server, AMQP), ("amqps", Form::Server, AMQP)];
const BUS: &[Scheme] =
    &[("sqlite", Form::Path, "///path/bus.db"), ("redis", Form::Server, REDIS), ("rediss", Form::Server, REDIS)];
const DATABASE: &[Scheme] = &[
    ("sqlite", Form::Path, "///path/refit.db"),
    ("postgres", Form::Server, POSTGRES),
    ("postgresql", Form::Server, POSTGRES),
];
const STORE: &[Scheme] = &[("file", Form::Path, "///path"), ("s3", Form::Bucket, "//BUCKET/FOLDER")];

/// The first URL that cannot be used, by its key, and what to write instead.
pub(super) fn contradiction(storage: &Storage) -> Option<(&'static str, String)> {
    let services = [
        ("storage.queue", &storage.queue, QUEUE),
        ("storage.bus", &storage.bus, BUS),
        ("storage.database", &storage.database, DATABASE),
        ("storage.store", &storage.store, STORE),
        ("storage.backups", &storage.backups, STORE),
    ];
    let mut named = services.into_iter().filter(|(_, url, _)| url.is_set());
    named.find_map(|(key, url, schemes)| Some((key, flaw(url, schemes)?)))
}

fn flaw(url: &ServiceUrl, schemes: &[Scheme]) -> Option<String> {
    let url = url.or_else(String::new);
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let Some((scheme, form, usage)) = schemes.iter().find(|(known, ..)| *known == scheme) else {
        let known: Vec<String> = schemes.iter().map(|(scheme, _, usage)| format!("{scheme}:{usage}")).collect();
        return Some(format!("its scheme is not known: write {}", known.join(" or ")));
    };
    match form {
        Form::Path if rest.is_empty() => Some(format!("it names no file: write {scheme}:{usage}")),
        Form::Path => rest.contains('\0').then(|| "a path holds no NUL".into()),
        Form::Server => {
            // The clients read URLs with the same parser.
            let error = Url::parse(&url).err()?;
            Some(format!("{error}: write {scheme}:{usage}, with %XX for what is special in the password"))
        }
        Form::Bucket => BucketUrl::parse(&url).err(),
    }
}

#[cfg(test)]
mod tests;
