//! Alerts, silences, channels and messages.

use domain::alert::ChannelName;
use reqwest::Method;
use serde_json::json;

use super::Client;
use crate::cli::exit::Failure;
use crate::views::{
    AlertFilter, AlertView, ChannelRequest, ChannelView, MessageView, NewChannelView, Page, PageQuery, PauseRequest,
    SilenceRequest, SilenceView,
};

type ClientResult<T> = Result<T, Failure>;

impl Client {
    pub(crate) async fn alerts(&self, filter: &AlertFilter) -> ClientResult<Page<AlertView>> {
        self.list("/alerts", filter).await
    }

    pub(crate) async fn alert(&self, id: i64) -> ClientResult<AlertView> {
        self.get(&format!("/alerts/{id}"), &[]).await
    }

    pub(crate) async fn acknowledge_alert(&self, id: i64, request: &PauseRequest) -> ClientResult<AlertView> {
        self.post(&format!("/alerts/{id}/acknowledge"), request).await
    }

    pub(crate) async fn silences(&self) -> ClientResult<Vec<SilenceView>> {
        self.get("/silences", &[]).await
    }

    pub(crate) async fn silence(&self, request: &SilenceRequest) -> ClientResult<SilenceView> {
        self.post("/silences", request).await
    }

    pub(crate) async fn end_silence(&self, id: i64) -> ClientResult<SilenceView> {
        self.read(self.request(Method::DELETE, &format!("/silences/{id}"))).await
    }

    pub(crate) async fn channels(&self) -> ClientResult<Vec<ChannelView>> {
        self.get("/channels", &[]).await
    }

    pub(crate) async fn channel(&self, name: &ChannelName) -> ClientResult<ChannelView> {
        self.get(&format!("/channels/{name}"), &[]).await
    }

    pub(crate) async fn put_channel(
        &self,
        name: &ChannelName,
        request: &ChannelRequest,
    ) -> ClientResult<NewChannelView> {
        self.read(self.request(Method::PUT, &format!("/channels/{name}")).json(request)).await
    }

    pub(crate) async fn delete_channel(&self, name: &ChannelName) -> ClientResult<ChannelView> {
        self.read(self.request(Method::DELETE, &format!("/channels/{name}"))).await
    }

    pub(crate) async fn pause_channel(&self, name: &ChannelName, request: &PauseRequest) -> ClientResult<ChannelView> {
        self.post(&format!("/channels/{name}/pause"), request).await
    }

    pub(crate) async fn resume_channel(&self, name: &ChannelName) -> ClientResult<ChannelView> {
        self.post(&format!("/channels/{name}/resume"), &json!({})).await
    }

    pub(crate) async fn test_channel(&self, name: &ChannelName) -> ClientResult<MessageView> {
        self.post(&format!("/channels/{name}/test"), &json!({})).await
    }

    pub(crate) async fn messages(
        &self,
        channel: Option<&ChannelName>,
        query: &PageQuery,
    ) -> ClientResult<Page<MessageView>> {
        match channel {
            Some(name) => self.list(&format!("/channels/{name}/messages"), query).await,
            None => self.list("/messages", query).await,
        }
    }
}
