//! The API, as a client sees it.

use reqwest::Method;
use serde_json::Value;

use crate::installation::Installation;

impl Installation {
    /// `GET /api/v1/…` as JSON; `None` when the coordinator does not answer or says no.
    pub fn get(&self, path: &str) -> Option<Value> {
        let url = format!("{}/api/v1/{path}", self.address()?);
        self.runtime().block_on(async {
            let answer = reqwest::get(url).await.ok()?;
            if answer.status().is_success() { answer.json().await.ok() } else { None }
        })
    }

    /// All items of a list, page after page; `None` as [`Self::get`].
    pub fn list(&self, path: &str) -> Option<Vec<Value>> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let mut page = self.get(&format!("{path}{sign}limit=1000{cursor}"))?;
            items.append(page["items"].as_array_mut()?);
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Some(items),
            }
        }
    }

    /// The versions of a model, newest first, each of them whole.
    ///
    /// # Panics
    /// There is no such model, or nobody answers.
    #[track_caller]
    pub fn versions(&self, model: &str) -> Vec<Value> {
        let listed = self.list(&format!("models/{model}/versions")).expect("a model");
        let whole = |version: Value| {
            let number = version["version"].as_str().unwrap_or_default();
            self.get(&format!("models/{model}/versions/{number}")).expect("a version")
        };
        listed.into_iter().map(whole).collect()
    }
}

impl Installation {
    /// `PUT /api/v1/…` with a JSON body.
    ///
    /// # Panics
    /// The coordinator says no.
    #[track_caller]
    pub fn put(&self, path: &str, body: &str) -> Value {
        self.send(Method::PUT, path, "application/json", body.to_owned())
    }

    /// `POST /api/v1/…` with a JSON body.
    ///
    /// # Panics
    /// The coordinator says no.
    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Value {
        self.send(Method::POST, path, "application/json", body.to_string())
    }

    /// `POST /api/v1/…` with rows.
    ///
    /// # Panics
    /// The coordinator says no.
    #[track_caller]
    pub fn post_csv(&self, path: &str, rows: &str) -> Value {
        self.send(Method::POST, path, "text/csv", rows.to_owned())
    }

    /// `POST` with a JSON body to any path, whatever is answered: the status, and the body.
    ///
    /// # Panics
    /// Nobody answers.
    pub fn asked(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.address().expect("the coordinator listens"));
        self.answered(reqwest::Client::new().post(url).json(body))
    }

    /// `POST` with rows to any path, whatever is answered: the status, and the body.
    ///
    /// # Panics
    /// Nobody answers.
    pub fn asked_csv(&self, path: &str, rows: &str) -> (u16, Value) {
        let url = format!("{}{path}", self.address().expect("the coordinator listens"));
        let request = reqwest::Client::new().post(url).header(reqwest::header::CONTENT_TYPE, "text/csv");
        self.answered(request.body(rows.to_owned()))
    }

    /// `GET` of any path, whatever is answered: the status, and the body.
    ///
    /// # Panics
    /// Nobody answers.
    pub fn got(&self, path: &str) -> (u16, Value) {
        let url = format!("{}{path}", self.address().expect("the coordinator listens"));
        self.answered(reqwest::Client::new().get(url))
    }

    fn answered(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        self.runtime().block_on(async {
            let answer = request.send().await.expect("the coordinator answers");
            let status = answer.status().as_u16();
            let text = answer.text().await.unwrap_or_default();
            (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
        })
    }

    #[track_caller]
    fn send(&self, method: Method, path: &str, kind: &str, body: String) -> Value {
        let url = format!("{}/api/v1/{path}", self.address().expect("the coordinator listens"));
        let request = reqwest::Client::new().request(method, url).header("content-type", kind).body(body);
        self.runtime().block_on(async {
            let answer = request.send().await.expect("the coordinator answers");
            let status = answer.status();
            let text = answer.text().await.unwrap_or_default();
            assert!(status.is_success(), "{status}: {text}");
            serde_json::from_str(&text).unwrap_or_default()
        })
    }
}
