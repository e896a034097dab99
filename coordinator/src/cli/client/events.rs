//! The stream of events, as the API sends it.

use futures::{StreamExt, TryStreamExt};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio_util::io::StreamReader;
use uuid::Uuid;

use super::{Client, Texts};
use crate::cli::exit::Failure;
use crate::views::{Event, EventFilter};

/// Jobs that fit into an address; the events of more are heard among those of all others.
const NAMED: usize = 200;

/// Events as they come; what happened before is not told.
pub(crate) struct EventStream {
    lines: Lines<BufReader<Box<dyn AsyncRead + Send + Unpin>>>,
    texts: Texts,
}

impl EventFilter {
    /// These kinds of events about these jobs.
    pub(crate) fn about(jobs: &[Uuid], kinds: &str) -> Self {
        let named: Vec<String> = jobs.iter().map(Uuid::to_string).collect();
        let job = (1..=NAMED).contains(&named.len()).then(|| named.join(","));
        Self { job, kinds: Some(kinds.into()), ..Self::default() }
    }
}

impl Client {
    /// Listens. Once this has returned, nothing that happens is missed without being said.
    ///
    /// # Errors
    /// The coordinator does not answer, or refuses.
    pub(crate) async fn events(&self, filter: &EventFilter) -> Result<EventStream, Failure> {
        let response = self.send(self.request(reqwest::Method::GET, "/events").query(filter)).await?;
        let bytes = response.bytes_stream().map_err(std::io::Error::other).boxed();
        Ok(EventStream::new(StreamReader::new(bytes), self.texts))
    }
}

impl EventStream {
    fn new(bytes: impl AsyncRead + Send + Unpin + 'static, texts: Texts) -> Self {
        let bytes: Box<dyn AsyncRead + Send + Unpin> = Box::new(bytes);
        Self { lines: BufReader::new(bytes).lines(), texts }
    }

    /// The next event; `None` once the connection has ended. Kinds this version does not know are passed over.
    ///
    /// The API sends an event's data on one line, and the data names its kind, so other fields need no reading.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            let line = self.lines.next_line().await.ok().flatten()?;
            let data = line.strip_prefix("data:").map(str::trim_start);
            if let Some(Ok(event)) = data.map(|data| self.texts.read(data)) {
                return Some(event);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn comments_ids_and_unknown_events_are_passed_over() {
        let text = ": keep-alive\nid: a-1\n\nevent: later\ndata: {\"event\":\"later\"}\n\nevent: progress\ndata: {\"event\":\"progress\",\
            \"job\":\"018f0000-0000-7000-8000-00000000000a\",\"model\":\"forecaster/AAPL\",\"progress\":{\"phase\":\"train\",\
            \"epoch\":1,\"epochs\":8,\"step\":3,\"steps\":80,\"loss\":null,\"seconds_left\":2.5}}\n\nid: a-2\n\n";
        let mut stream = EventStream::new(std::io::Cursor::new(text.as_bytes()), Texts::Visible);
        assert!(matches!(stream.next().await, Some(Event::Progress { progress, .. }) if progress.step == 3));
        assert!(stream.next().await.is_none());
    }

    #[test]
    fn few_jobs_are_named_and_many_are_not() {
        let ids: Vec<Uuid> = (0..201).map(Uuid::from_u128).collect();
        assert_eq!(EventFilter::about(&ids[..1], "job").job, Some(ids[0].to_string()));
        assert!(EventFilter::about(&ids[..200], "job").job.is_some() && EventFilter::about(&ids, "job").job.is_none());
    }
}
