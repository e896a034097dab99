//! What a child wrote on standard error: into the log line by line, the last lines kept for the failure message.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::task::JoinHandle;

const KEPT: usize = 8;

/// The last lines of one child.
#[derive(Debug)]
pub(super) struct LastWords {
    lines: Arc<Mutex<VecDeque<String>>>,
    reader: JoinHandle<()>,
}

impl LastWords {
    /// Follows a child's standard error until it ends.
    pub(super) fn follow(stderr: impl AsyncRead + Send + Unpin + 'static, label: String) -> Self {
        let lines = Arc::new(Mutex::new(VecDeque::new()));
        let kept = lines.clone();
        let reader = tokio::spawn(async move {
            let mut source = BufReader::new(stderr);
            let mut line = Vec::new();
            while source.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
                let text = String::from_utf8_lossy(&line).trim_end().chars().take(400).collect::<String>();
                line.clear();
                if text.is_empty() {
                    continue;
                }
                tracing::info!(executor = label, "{text}");
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push_back(text);
                if kept.len() > KEPT {
                    kept.pop_front();
                }
            }
        });
        Self { lines, reader }
    }

    /// The last lines of a child that has ended; waits a moment for the pipe to run dry.
    pub(super) async fn all(&mut self) -> Vec<String> {
        let _ = tokio::time::timeout(Duration::from_secs(1), &mut self.reader).await;
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
