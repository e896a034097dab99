//! The answers of a batch as CSV, piece by piece: from the store to a file without a name, from there to whoever asks.
//!
//! What one of them holds is one group of answers, however slowly it is taken; unpacking takes turns, and whoever takes nothing for a
//! while makes room.

use std::fs::File;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use common::ports::{PortError, StoreKey};
use common::rows::AnswerReader;
use common::vocabulary::{JobId, JobState, PredictionRef};
use futures::Stream;
use futures::stream;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::db;
use crate::service::error::{Error, Result};
use crate::service::runtime::Core;
use crate::service::state::transfers::TransferPermit;

/// Answers sent at a time: some 64 KiB.
const PIECE: usize = 1000;

/// What the stream of a batch's answers is made of.
enum Sent {
    /// More text.
    Text(Bytes),
    /// There is no more.
    End,
    /// It cannot be read.
    Broken(io::Error),
}

/// The answers of a job.
pub(super) async fn csv(core: &Arc<Core>, id: JobId) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + use<>> {
    // First of all: many who ask must not keep others from the database.
    let permit = core.transfers.download()?;
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
    let reader = AnswerReader::open(File::open(&file)?)?;
    // Open, it needs no name.
    file.close()?;
    let (sender, pieces) = mpsc::channel(1);
    tokio::spawn(send(Arc::clone(core), id, reader, sender, permit));
    Ok(stream::unfold(Some(pieces), |pieces| async move {
        let mut pieces = pieces?;
        match pieces.recv().await {
            Some(Sent::Text(text)) => Some((Ok(text), Some(pieces))),
            Some(Sent::End) => None,
            Some(Sent::Broken(error)) => Some((Err(error), None)),
            // An end that is not said must not look like one.
            None => Some((Err(io::Error::other("nothing was taken for so long that the rest is not sent")), None)),
        }
    }))
}

/// Sends all answers, as fast as they are taken.
async fn send(
    core: Arc<Core>,
    id: JobId,
    mut reader: AnswerReader,
    to: mpsc::Sender<Sent>,
    _until_the_end: TransferPermit,
) {
    let idle = core.settings.predictions.download_idle;
    let mut header = true;
    loop {
        let unpacked = core.transfers.unpack(move || {
            let group = reader.piece();
            (reader, group)
        });
        let (back, first, answers) = match unpacked.await {
            Some((back, Ok(Some((first, answers))))) => (back, first, answers),
            Some((_, Ok(None))) => return drop(timeout(idle, to.send(Sent::End)).await),
            Some((_, Err(error))) => {
                return drop(timeout(idle, to.send(Sent::Broken(io::Error::other(error)))).await);
            }
            None => return,
        };
        reader = back;
        for (answers, first) in answers.chunks(PIECE).zip((first..).step_by(PIECE)) {
            let text = text(id, first, answers, std::mem::take(&mut header));
            match timeout(idle, to.send(Sent::Text(text.into()))).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return,
                Err(_) => {
                    tracing::info!(job = %id, "whoever was sent its output has taken nothing for a while");
                    return;
                }
            }
        }
    }
}

fn text(job: JobId, first: u64, answers: &[common::wire::RowAnswer], header: bool) -> String {
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
            // Not 1 and 0: these may be words of the data set that mean something else.
            text.push_str(if label { ",yes" } else { ",no" });
        } else if let Some((low, high)) = answer.interval {
            text.push_str(&format!(",{low},{high}"));
        }
        text.push_str(&format!(",{}\n", PredictionRef::OfBatch { job, row }));
    }
    text
}
