//! The child: takes orders on its standard input, trains on its main thread, answers on its standard output.
//!
//! It holds no credentials and opens no connection. When its input ends its supervisor is gone, and it aborts at once.

mod answer;
mod control;
mod monitor;
mod observer;
mod output;
mod pace;
mod protocol;
mod work;

use models::run::{Device, TrainError};
use nix::sys::resource::{Resource, setrlimit};

use crate::devices::CPU;
use crate::fault;

pub use control::StopFlag;
pub use output::Output;
pub use protocol::{Ended, Files, FromExecutor, Order, Question, Report, StopKind, SubjectFiles, ToExecutor};

/// The child cannot take up its work.
#[derive(Debug, thiserror::Error)]
pub enum ExecutorError {
    /// Its pipes cannot be set up.
    #[error("the executor's pipes cannot be set up: {0}")]
    Pipes(#[from] nix::Error),
    /// The device's name says nothing.
    #[error("{0:?} is not a device: use cpu or cuda:N")]
    Device(String),
    /// There is such a device, but nothing can be computed on it now.
    #[error("the device {device} cannot be used: {reason}")]
    Unusable {
        /// The device as LibTorch calls it, such as `cuda:0`.
        device: String,
        /// What LibTorch said.
        reason: String,
    },
}

impl ExecutorError {
    /// How the process ends: its supervisor tells a device that cannot be used from a crash.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Pipes(_) | Self::Device(_) => 1,
            Self::Unusable { .. } => DEVICE_UNUSABLE,
        }
    }
}

/// The exit code of an executor whose device cannot be used (`EX_UNAVAILABLE`).
pub const DEVICE_UNUSABLE: u8 = 69;

/// Serves one supervisor until it is gone. Only returns when it cannot start.
///
/// # Errors
/// See [`ExecutorError`].
pub fn run(name: &str) -> Result<(), ExecutorError> {
    let device = parse(name)?;
    fault::prepare();
    // It aborts whenever its supervisor goes: nobody wants a core file of that.
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    let mut output = Output::take_stdout()?;
    let (orders, stop) = control::listen(std::io::stdin());
    work::keep_panics();
    // One thread: two of them ran a small LSTM 14 to 30 times slower on a busy machine.
    tch::set_num_threads(1);
    tch::set_num_interop_threads(1);
    touch(device).map_err(|reason| ExecutorError::Unusable { device: name.into(), reason })?;
    output.say(&FromExecutor::Ready);
    let mut predictor = answer::Answerer::new(device);
    for order in orders {
        let reply = match order {
            ToExecutor::Work(order) => FromExecutor::Ended(work::work(&order, device, &mut output, &stop)),
            ToExecutor::Predict(question) => FromExecutor::Answer(predictor.answer(&question)),
            ToExecutor::Stop(_) => continue,
        };
        output.say(&reply);
    }
    Ok(())
}

/// Computes something, so that LibTorch and the device's driver are loaded before the first job; the error is LibTorch's first line.
fn touch(device: Device) -> Result<(), String> {
    let sum =
        tch::Tensor::f_zeros([1], (tch::Kind::Float, device)).and_then(|mut zero| zero.f_add_scalar_(1.0).map(drop));
    sum.map_err(|error| TrainError::from(error).to_string())
}

fn parse(device: &str) -> Result<Device, ExecutorError> {
    match device.split_once(':') {
        None if device == CPU => Ok(Device::Cpu),
        Some(("cuda", index)) => index.parse().map(Device::Cuda).map_err(|_| ExecutorError::Device(device.into())),
        None | Some(_) => Err(ExecutorError::Device(device.into())),
    }
}
