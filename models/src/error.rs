//! Why a training, an evaluation or a load ended without a result.

use std::path::PathBuf;

use common::vocabulary::AlienPart;

use crate::run::Stop;

/// The class decides what the coordinator does next.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The data does not allow it; trying again would not help.
    #[error("{0}")]
    Data(String),
    /// Refit, LibTorch or the file system failed.
    #[error("{0}")]
    Code(String),
    /// The device or the process has no memory left; half the batch may fit.
    #[error("out of memory: {0}")]
    OutOfMemory(String),
    /// A file is not what its hash, its format or its golden vector says.
    #[error("{}: {reason}", .file.display())]
    Damaged {
        /// The file that cannot be used.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Someone asked for it to stop.
    #[error("stopped: {0:?}")]
    Stopped(Stop),
}

impl TrainError {
    /// A file that is not what it should be.
    pub(crate) fn damaged(file: impl Into<PathBuf>, reason: impl ToString) -> Self {
        Self::Damaged { file: file.into(), reason: reason.to_string() }
    }
}

impl From<AlienPart> for TrainError {
    /// Whoever put the job together is at fault, not its rows.
    fn from(error: AlienPart) -> Self {
        Self::Code(error.to_string())
    }
}

impl From<tch::TchError> for TrainError {
    /// LibTorch reports lack of memory only in words.
    fn from(error: tch::TchError) -> Self {
        let text = error.to_string();
        let head = sentence(&text).to_owned();
        let lower = text.to_lowercase();
        // The last is what cuBLAS and cuDNN call it.
        let lacks = ["out of memory", "not enough memory", "can't allocate memory", "_status_alloc_failed"];
        if lacks.iter().any(|words| lower.contains(words)) {
            Self::OutOfMemory(head)
        } else {
            Self::Code(format!("LibTorch: {head}"))
        }
    }
}

/// What LibTorch says to people, out of an error or of the words of a panic over one: no path through its sources, and no advice on
/// variables that an executor never sees.
fn sentence(text: &str) -> &str {
    let text = text.strip_prefix("Internal torch error: ").unwrap_or(text);
    let text = text.split_once("on an `Err` value: Torch(\"").map_or(text, |(_, message)| message);
    let ends = ["\n", "\\n", " If reserved but unallocated"].into_iter().filter_map(|end| text.find(end));
    &text[..ends.min().unwrap_or(text.len())]
}

impl From<std::io::Error> for TrainError {
    fn from(error: std::io::Error) -> Self {
        Self::Code(error.to_string())
    }
}

impl From<serde_json::Error> for TrainError {
    fn from(error: serde_json::Error) -> Self {
        Self::Code(format!("JSON: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> TrainError {
        TrainError::from(tch::TchError::Torch(text.into()))
    }

    /// As LibTorch 2.11 said it on an H200: in a panic over an operation, with its own path behind it.
    #[test]
    fn lack_of_memory_is_told_in_a_sentence() {
        let message = "called `Result::unwrap()` on an `Err` value: Torch(\"CUDA out of memory. Tried to allocate 1.31 GiB. GPU 0 has a \
                    total capacity of 139.80 GiB of which 93.56 MiB is free. If reserved but unallocated memory is large try \
                    setting PYTORCH_CUDA_ALLOC_CONF.\\nException raised from malloc at /pytorch/c10/cuda/CUDACachingAllocator.cpp\")";
        let TrainError::OutOfMemory(words) = of(message) else { panic!("{message}") };
        assert_eq!(
            words,
            "CUDA out of memory. Tried to allocate 1.31 GiB. GPU 0 has a total capacity of 139.80 GiB of which 93.56 MiB is free."
        );
        let at_start = of("CUDA error: out of memory\nSearch for `cudaErrorMemoryAllocation' in the manual");
        assert_eq!(at_start.to_string(), "out of memory: CUDA error: out of memory");
        let of_cublas = of("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`");
        assert!(matches!(of_cublas, TrainError::OutOfMemory(_)), "{of_cublas}");
        let other =
            of("cudnn RNN backward can only be called in training mode\nException raised from _cudnn_rnn_backward");
        assert_eq!(other.to_string(), "LibTorch: cudnn RNN backward can only be called in training mode");
    }
}
