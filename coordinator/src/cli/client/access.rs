//! Tokens and the audit trail.

use domain::access::TokenName;
use reqwest::Method;

use super::Client;
use crate::cli::exit::Failure;
use crate::views::{AuditFilter, CallView, NewTokenView, Page, PageQuery, TokenRequest, TokenView};

type ClientResult<T> = Result<T, Failure>;

impl Client {
    pub(crate) async fn create_token(&self, request: &TokenRequest) -> ClientResult<NewTokenView> {
        self.post("/tokens", request).await
    }

    pub(crate) async fn tokens(&self, query: &PageQuery) -> ClientResult<Page<TokenView>> {
        self.list("/tokens", query).await
    }

    pub(crate) async fn revoke_token(&self, name: &TokenName) -> ClientResult<TokenView> {
        self.read(self.request(Method::DELETE, &format!("/tokens/{name}"))).await
    }

    pub(crate) async fn audit(&self, filter: &AuditFilter) -> ClientResult<Page<CallView>> {
        self.list("/audit", filter).await
    }
}
