//! Where a training shall run: the same flags for one and for many.

use bytesize::ByteSize;
use common::vocabulary::{DeviceKind, Pool};

#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Placement {
    /// The pool to train in, such as gpu; else that of the settings.
    #[arg(long)]
    pool: Option<Pool>,
    /// Train on this kind of device only: cpu or cuda.
    #[arg(long)]
    device: Option<DeviceKind>,
    /// Memory its device must have, such as 40GiB.
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,
}

impl Placement {
    /// As the API takes it.
    pub(crate) fn pool(&self) -> Option<String> {
        self.pool.as_ref().map(ToString::to_string)
    }

    /// As the API takes it.
    pub(crate) fn device(&self) -> Option<String> {
        self.device.map(|device| device.to_string())
    }

    /// In bytes.
    pub(crate) fn memory(&self) -> Option<u64> {
        self.memory.map(|memory| memory.as_u64())
    }
}
