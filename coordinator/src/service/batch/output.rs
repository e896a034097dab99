//! The answers of a batch as CSV, piece by piece: from the store to a file without a name, from there to whoever asks.

use common::ports::{PortError, StoreKey};
use common::rows::AnswerReader;
use common::vocabulary::{JobId, JobState, PredictionRef};
use tokio::sync::mpsc;

use crate::db;
use crate::service::core::Core;
use crate::service::{Error, Result};

/// Pieces of text, as they become ready.
pub type Csv = mpsc::Receiver<std::io::Result<String>>;

/// Pieces read ahead.
const AHEAD: usize = 2;

/// The answers of a job.
pub(super) async fn csv(core: &Core, id: JobId) -> Result<Csv> {
    let mut view = core.db.snapshot().await?;
    let unknown = || Error::not_found(format!("job {id}"));
    let job = db::jobs::get(&mut view, id).await?.ok_or_else(unknown)?;
    let batch = db::batches::of_jobs(&mut view, &[id]).await?.remove(&id);
    drop(view);
    let Some(batch) = batch else {
        return Err(Error::refused(format!("job {id} is no batch prediction: it has no rows to show")));
    };
    let output = batch.output.filter(|_| job.state() == JobState::Completed);
    let Some(output) = output else {
        return Err(Error::refused(format!("job {id} has no predictions: it is {}", job.state())));
    };
    let file = tempfile::NamedTempFile::new_in(&core.settings.data_dir)?.into_temp_path();
    match core.ports.store.download(&StoreKey::predictions(&output), &file, &output).await {
        Ok(()) => {}
        Err(PortError::NotFound { .. }) => {
            return Err(Error::refused(format!("the predictions of job {id} are not kept any more: ask again")));
        }
        Err(error) => return Err(error.into()),
    }
    let mut reader = AnswerReader::open(std::fs::File::open(&file)?)?;
    // Open, it needs no name.
    file.close()?;
    let (sender, pieces) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut header = true;
        loop {
            let piece = match reader.piece() {
                Ok(None) => return,
                Ok(Some((first, answers))) => text(id, first, &answers, std::mem::take(&mut header)),
                Err(error) => Err(std::io::Error::other(error)),
            };
            let broken = piece.is_err();
            if sender.blocking_send(piece).is_err() || broken {
                return;
            }
        }
    });
    Ok(pieces)
}

fn text(job: JobId, first: u64, answers: &[common::wire::RowAnswer], header: bool) -> std::io::Result<String> {
    let mut text = String::new();
    if header {
        text.push_str("row,prediction");
        text.push_str(match answers.first() {
            Some(answer) if answer.label.is_some() => ",label,id\n",
            Some(answer) if answer.interval.is_some() => ",low,high,id\n",
            Some(_) | None => ",id\n",
        });
    }
    for (row, answer) in (first..).zip(answers) {
        text.push_str(&format!("{row},{}", answer.value));
        if let Some(label) = answer.label {
            text.push_str(if label { ",1" } else { ",0" });
        } else if let Some((low, high)) = answer.interval {
            text.push_str(&format!(",{low},{high}"));
        }
        text.push_str(&format!(",{}\n", PredictionRef::OfBatch { job, row }));
    }
    Ok(text)
}
