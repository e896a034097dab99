//! Tokens and the audit trail.

use reqwest::Method;

use super::Client;
use crate::cli::exit::Failure;
use crate::domain::access::TokenName;
use crate::views::{AuditFilter, AuditPage, NewTokenView, TokenRequest, TokenView};

type Answer<T> = Result<T, Failure>;

impl Client {
    pub(crate) async fn create_token(&self, request: &TokenRequest) -> Answer<NewTokenView> {
        self.post("/tokens", request).await
    }

    pub(crate) async fn tokens(&self) -> Answer<Vec<TokenView>> {
        self.get("/tokens", &[]).await
    }

    pub(crate) async fn revoke_token(&self, name: &TokenName) -> Answer<TokenView> {
        self.read(self.request(Method::DELETE, &format!("/tokens/{name}"))).await
    }

    pub(crate) async fn audit(&self, filter: &AuditFilter) -> Answer<AuditPage> {
        self.read(self.request(Method::GET, "/audit").query(filter)).await
    }
}
