//! Jobs and workers by the beginning of their ids: the coordinator is asked for those that begin so, and for no others.

use uuid::Uuid;

use super::Client;
use crate::cli::exit::{Code, Failure};
use crate::views::{JobFilter, Page, WorkerFilter};

/// Ids that are shown where a beginning stands for several.
const SHOWN: u32 = 5;

impl Client {
    /// The job an id, or the beginning of one, stands for.
    pub(crate) async fn job_named(&self, id: &str) -> Result<Uuid, Failure> {
        if let Ok(id) = id.parse() {
            return Ok(id);
        }
        let found = match is_beginning(id) {
            true => {
                let filter = JobFilter { id: Some(id.to_owned()), limit: Some(SHOWN), ..JobFilter::default() };
                self.jobs(&filter).await?.map(|job| job.id)
            }
            false => Page { items: Vec::new(), next: None },
        };
        one(id, &found, "job", "refit jobs --all")
    }

    /// The worker an id, or the beginning of one, stands for.
    pub(crate) async fn worker_named(&self, id: &str) -> Result<Uuid, Failure> {
        if let Ok(id) = id.parse() {
            return Ok(id);
        }
        let filter = WorkerFilter { id: Some(id.to_owned()), limit: Some(SHOWN), cursor: None };
        one(id, &self.workers(&filter).await?.map(|worker| worker.id), "worker", "refit workers")
    }
}

/// Whether an id may begin so.
fn is_beginning(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_hexdigit).count();
    (1..=32).contains(&digits) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// The one id that begins so.
fn one(text: &str, found: &Page<Uuid>, what: &str, listed_by: &str) -> Result<Uuid, Failure> {
    match (found.items.as_slice(), &found.next) {
        ([id], None) => Ok(*id),
        ([], _) => Err(Failure::new(Code::NotFound, format!("no {what} begins with {text:?}"))
            .next(format!("`{listed_by}` lists those there are"))),
        (several, more) => {
            let count = if more.is_some() { format!("more than {}", several.len()) } else { several.len().to_string() };
            let ids: Vec<String> = several.iter().map(Uuid::to_string).collect();
            Err(Failure::new(Code::Usage, format!("{count} {what}s begin with {text:?}: {}", ids.join(", ")))
                .next(format!("give more digits of the id; `{listed_by}` shows them")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_must_stand_for_one() {
        let [a1, a2] = [0xa1 << 120, 0xa2 << 120].map(Uuid::from_u128);
        let found = |items: &[Uuid], next: Option<&str>| {
            let page = Page { items: items.to_vec(), next: next.map(str::to_owned) };
            one("a", &page, "worker", "refit workers").map_err(|failure| (failure.code, failure.what))
        };
        assert_eq!(found(&[a1], None), Ok(a1));
        assert_eq!(found(&[], None), Err((Code::NotFound, "no worker begins with \"a\"".into())));
        let (code, what) = found(&[a1, a2], None).unwrap_err();
        assert!(code == Code::Usage && what.starts_with("2 workers begin with \"a\": a1000000-"), "{what}");
        let (_, what) = found(&[a1, a2], Some("more")).unwrap_err();
        assert!(what.starts_with("more than 2 workers begin"), "{what}");
    }

    #[test]
    fn what_is_no_id_is_not_asked_for() {
        for (text, is) in [("018f", true), ("018F0000-0", true), ("", false), ("-", false), ("oops", false)] {
            assert_eq!(is_beginning(text), is, "{text:?}");
        }
    }
}
