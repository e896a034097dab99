//! The data sets.

use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use common::vocabulary::DatasetName;
use futures::Stream;
use reqwest::Method;
use tokio_util::io::ReaderStream;

use super::Client;
use crate::cli::exit::Failure;
use crate::cli::file;
use crate::views::{DatasetView, Page, PageQuery, TableImportReport, TableImportRequest};

type ClientResult<T> = Result<T, Failure>;

impl Client {
    pub(crate) async fn datasets(&self, query: &PageQuery) -> ClientResult<Page<DatasetView>> {
        self.list("/datasets", query).await
    }

    pub(crate) async fn dataset(&self, name: &DatasetName) -> ClientResult<DatasetView> {
        self.get(&format!("/datasets/{name}"), &[]).await
    }

    /// Sends rows as CSV.
    pub(crate) async fn import_table(
        &self,
        name: &DatasetName,
        request: &TableImportRequest,
        body: reqwest::Body,
    ) -> ClientResult<TableImportReport> {
        let http = self.request(Method::POST, &format!("/datasets/{name}/rows")).query(request);
        self.read(http.header(reqwest::header::CONTENT_TYPE, "text/csv").body(body)).await
    }

    /// Sends a file of rows, in pieces; `sent` hears of the bytes of each, and of the file's length before the first.
    pub(crate) async fn import_rows(
        &self,
        name: &DatasetName,
        file: &Path,
        request: &TableImportRequest,
        sent: impl Fn(Sent) + Send + Unpin + 'static,
    ) -> ClientResult<TableImportReport> {
        let opened = tokio::fs::File::from_std(file::open(file)?);
        sent(Sent::Begins(opened.metadata().await.map_err(|error| file::unreadable(file, &error))?.len()));
        let stream = ReportingStream { pieces: ReaderStream::with_capacity(opened, 256 * 1024), sent };
        self.import_table(name, request, reqwest::Body::wrap_stream(stream)).await
    }
}

/// How far a file has been sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sent {
    /// So many bytes are to be sent.
    Begins(u64),
    /// So many more have been.
    Bytes(u64),
    /// All have been.
    All,
}

/// A stream that tells how far it is.
struct ReportingStream<F> {
    pieces: ReaderStream<tokio::fs::File>,
    sent: F,
}

impl<F: Fn(Sent) + Unpin> Stream for ReportingStream<F> {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.pieces).poll_next(context);
        match &next {
            Poll::Ready(Some(Ok(piece))) => (self.sent)(Sent::Bytes(piece.len() as u64)),
            Poll::Ready(None) => (self.sent)(Sent::All),
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        next
    }
}
