//! What a child wrote on standard error: into the log line by line, the last lines kept for the failure message.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::task::JoinHandle;

const KEPT: usize = 8;

/// What LibTorch warns of at each step of an LSTM on a GPU: cuDNN wants its weights in an order of its own, and copies them. That costs
/// a few copies of some kilobytes, and would be most of the log.
const AT_EACH_STEP: &str = "RNN module weights are not part of single contiguous chunk of memory";

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
                if text.is_empty() || text.contains(AT_EACH_STEP) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_lines_are_kept_without_what_comes_at_each_step() {
        let warning = "[W1129 RNN.cpp:1479] Warning: RNN module weights are not part of single contiguous chunk of memory. This means";
        let said = format!("at step 1\n{}terminate called\n\n", format!("{warning} …\n").repeat(2 * KEPT));
        let mut words = LastWords::follow(std::io::Cursor::new(said.into_bytes()), "slot-0".into());
        assert_eq!(words.all().await, ["at step 1", "terminate called"]);
    }
}
