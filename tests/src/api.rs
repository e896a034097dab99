//! The API, as a client sees it.

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
}

impl Installation {
    /// `PUT /api/v1/…` with a JSON body.
    ///
    /// # Panics
    /// The coordinator says no.
    #[track_caller]
    pub fn put(&self, path: &str, body: &str) -> Value {
        let url = format!("{}/api/v1/{path}", self.address().expect("the coordinator listens"));
        let client = reqwest::Client::new();
        let request = client.put(url).header("content-type", "application/json").body(body.to_owned());
        self.runtime().block_on(async {
            let answer = request.send().await.expect("the coordinator answers");
            let status = answer.status();
            let text = answer.text().await.unwrap_or_default();
            assert!(status.is_success(), "{status}: {text}");
            serde_json::from_str(&text).unwrap_or_default()
        })
    }
}
