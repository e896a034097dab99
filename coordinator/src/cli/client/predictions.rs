//! Predictions, and what came of them.

use std::io::{ErrorKind, Write};

use common::vocabulary::ModelKey;
use reqwest::Method;
use uuid::Uuid;

use super::Client;
use crate::cli::exit::Failure;
use crate::views::{
    BatchPredictRequest, ForecastRequest, ForecastView, JobView, LabelRequest, LabelsReport, LoggedPredictionsView,
    PredictRowsRequest, PredictionFilter, PredictionsView, RecommendRequest, RecommendationsView,
};

type ClientResult<T> = Result<T, Failure>;

fn unwritten(error: &std::io::Error) -> Failure {
    Failure::failed(format!("the predictions cannot be written: {error}"))
}

impl Client {
    pub(crate) async fn predict(&self, key: &ModelKey, request: &PredictRowsRequest) -> ClientResult<PredictionsView> {
        self.post(&format!("/models/{key}/predict"), request).await
    }

    pub(crate) async fn recommend(
        &self,
        key: &ModelKey,
        request: &RecommendRequest,
    ) -> ClientResult<RecommendationsView> {
        self.post(&format!("/models/{key}/recommendations"), request).await
    }

    pub(crate) async fn forecasts(&self, request: &ForecastRequest) -> ClientResult<Vec<ForecastView>> {
        self.post("/forecasts", request).await
    }

    /// Sends a file of rows to be predicted, in pieces.
    pub(crate) async fn predict_batch(
        &self,
        key: &ModelKey,
        file: tokio::fs::File,
        request: &BatchPredictRequest,
    ) -> ClientResult<JobView> {
        let http = self.request(Method::POST, &format!("/models/{key}/predictions/batch")).query(request);
        let body: reqwest::Body = file.into();
        self.read(http.header(reqwest::header::CONTENT_TYPE, "text/csv").body(body)).await
    }

    /// Writes what a batch prediction said to `target`, in pieces.
    pub(crate) async fn batch_output(&self, job: Uuid, target: &mut impl Write) -> ClientResult<()> {
        let mut response = self.send(self.request(Method::GET, &format!("/jobs/{job}/output"))).await?;
        while let Some(piece) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            match target.write_all(&piece) {
                Ok(()) => {}
                // Whoever reads (`head`) has seen what they wanted.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                Err(error) => return Err(unwritten(&error)),
            }
        }
        target.flush().map_err(|error| unwritten(&error))
    }

    pub(crate) async fn predictions(
        &self,
        key: &ModelKey,
        filter: &PredictionFilter,
    ) -> ClientResult<LoggedPredictionsView> {
        self.list(&format!("/models/{key}/predictions"), filter).await
    }

    pub(crate) async fn label(&self, key: &ModelKey, request: &LabelRequest) -> ClientResult<LabelsReport> {
        self.post(&format!("/models/{key}/labels"), request).await
    }
}
