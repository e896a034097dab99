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
