//! The company's way to its coordinators: whichever answers.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use refit_tests::Installation;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// Longest wait for one answer: longer than the coordinator's own, which is a minute.
const ANSWER: Duration = Duration::from_secs(70);
/// Longest wait for somebody to answer at all, and for a job to end.
const LIMIT: Duration = Duration::from_secs(240);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// Makes a request of a URL.
type Request<'a> = dyn Fn(&reqwest::Client, String) -> reqwest::RequestBuilder + 'a;

/// A client of all coordinators.
pub(crate) struct Client {
    runtime: Runtime,
    http: reqwest::Client,
    /// The files that say where they listen.
    addresses: Vec<PathBuf>,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiResponse {
    /// Of HTTP.
    pub(crate) status: u16,
    /// As JSON, or as a text in JSON.
    pub(crate) body: Value,
}

impl ApiResponse {
    /// What was asked for is there.
    pub(crate) fn is_fine(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Client {
    /// Of the coordinators of these installations.
    pub(crate) fn of(installations: &[Installation]) -> Self {
        Self {
            runtime: Builder::new_current_thread().enable_all().build().expect("a runtime"),
            http: reqwest::Client::builder().timeout(ANSWER).build().expect("a client"),
            addresses: installations.iter().map(|installation| installation.data().join("api.address")).collect(),
        }
    }

    /// How many coordinators there are.
    pub(crate) fn installations(&self) -> usize {
        self.addresses.len()
    }

    /// Asks one coordinator once; `None`: it does not answer.
    fn once(&self, installation: usize, path: &str, send: &Request<'_>) -> Option<ApiResponse> {
        let address = std::fs::read_to_string(&self.addresses[installation]).ok()?;
        let url = format!("{}/api/v1/{path}", Some(address.trim()).filter(|address| !address.is_empty())?);
        self.runtime.block_on(async {
            let answer = send(&self.http, url).send().await.ok()?;
            let status = answer.status().as_u16();
            let text = answer.text().await.ok()?;
            Some(ApiResponse { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
        })
    }

    /// Asks the coordinators one after the other until one answers; `None`: nobody does.
    fn any(&self, path: &str, send: &Request<'_>) -> Option<ApiResponse> {
        (0..self.installations()).find_map(|installation| self.once(installation, path, send))
    }

    /// What one coordinator says of its health.
    pub(crate) fn health(&self, installation: usize) -> Option<ApiResponse> {
        self.once(installation, "health", &|http, url| http.get(url))
    }

    /// `GET` from whoever answers.
    pub(crate) fn try_get(&self, path: &str) -> Option<ApiResponse> {
        self.any(path, &|http, url| http.get(url))
    }

    /// `POST` of JSON to whoever answers.
    pub(crate) fn try_post(&self, path: &str, body: &Value) -> Option<ApiResponse> {
        self.any(path, &|http, url| http.post(url).json(body))
    }

    /// `GET`, waited for.
    ///
    /// # Panics
    /// Nobody answers in time, or the answer is no.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = until(path, || self.try_get(path).filter(|answer| answer.status < 500));
        assert!(answer.is_fine(), "GET {path}: {answer:?}");
        answer.body
    }

    /// All items of a list, page after page.
    ///
    /// # Panics
    /// As [`Self::get`].
    #[track_caller]
    pub(crate) fn list(&self, path: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let mut page = self.get(&format!("{path}{sign}limit=1000{cursor}"));
            items.extend(page["items"].as_array_mut().map(std::mem::take).unwrap_or_default());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    /// Every model, whole.
    ///
    /// # Panics
    /// As [`Self::get`].
    #[track_caller]
    pub(crate) fn models(&self) -> Vec<Value> {
        let whole = |model: Value| self.get(&format!("models/{}", model["key"].as_str().unwrap_or_default()));
        self.list("models").into_iter().map(whole).collect()
    }

    /// The versions of a model, newest first, each of them whole.
    ///
    /// # Panics
    /// As [`Self::get`].
    #[track_caller]
    pub(crate) fn versions(&self, model: &str) -> Vec<Value> {
        let number = |version: &Value| version["version"].as_str().unwrap_or_default().to_owned();
        let whole = |version: Value| self.get(&format!("models/{model}/versions/{}", number(&version)));
        self.list(&format!("models/{model}/versions")).into_iter().map(whole).collect()
    }

    /// `POST` of JSON.
    ///
    /// # Panics
    /// The answer is no.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        let answer = until(path, || self.try_post(path, body));
        assert!(answer.is_fine(), "POST {path} {body}: {answer:?}");
        answer.body
    }

    /// `PUT` of JSON.
    ///
    /// # Panics
    /// The answer is no.
    #[track_caller]
    pub(crate) fn put(&self, path: &str, body: &Value) -> Value {
        let answer = until(path, || self.any(path, &|http, url| http.put(url).json(body)));
        assert!(answer.is_fine(), "PUT {path} {body}: {answer:?}");
        answer.body
    }

    /// `POST` of rows.
    pub(crate) fn post_csv(&self, path: &str, csv: &str) -> ApiResponse {
        let send = |http: &reqwest::Client, url| http.post(url).header("content-type", "text/csv").body(csv.to_owned());
        until(path, || self.any(path, &send))
    }

    /// A job, once it has ended.
    ///
    /// # Panics
    /// It does not in time.
    #[track_caller]
    pub(crate) fn ended(&self, job: &str) -> Value {
        let path = format!("jobs/{job}?wait=20");
        until(&format!("the end of job {job}"), || {
            let job = self.try_get(&path).filter(ApiResponse::is_fine)?.body;
            matches!(job["state"].as_str(), Some("completed" | "failed" | "cancelled")).then_some(job)
        })
    }
}

/// Asks again and again until there is an answer.
///
/// # Panics
/// There is none in time.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + LIMIT;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "waited {LIMIT:?} in vain for {what}");
        std::thread::park_timeout(PAUSE);
    }
}
