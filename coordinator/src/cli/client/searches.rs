//! Searches for better hyper-parameters.

use serde_json::json;

use super::Client;
use crate::cli::exit::Failure;
use crate::views::{Page, SearchFilter, SearchRequest, SearchView};

type ClientResult<T> = Result<T, Failure>;

impl Client {
    pub(crate) async fn begin_search(&self, request: &SearchRequest) -> ClientResult<SearchView> {
        self.post("/searches", request).await
    }

    pub(crate) async fn searches(&self, filter: &SearchFilter) -> ClientResult<Page<SearchView>> {
        self.list("/searches", filter).await
    }

    pub(crate) async fn search(&self, id: i64) -> ClientResult<SearchView> {
        self.get(&format!("/searches/{id}"), &[]).await
    }

    pub(crate) async fn cancel_search(&self, id: i64) -> ClientResult<SearchView> {
        self.post(&format!("/searches/{id}/cancel"), &json!({})).await
    }

    pub(crate) async fn resume_search(&self, id: i64) -> ClientResult<SearchView> {
        self.post(&format!("/searches/{id}/resume"), &json!({})).await
    }
}
