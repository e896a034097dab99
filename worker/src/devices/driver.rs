//! NVIDIA's GPUs as the driver's management library (NVML) measures them. It is loaded at run time: a machine without it has no
//! GPU.

use common::wire::DeviceState;
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::{Device, Nvml};

use super::visible::{Which, visible};

/// The driver of this machine's GPUs.
#[derive(Debug)]
pub(super) struct Driver {
    nvml: Nvml,
    /// The GPUs this process may use, in CUDA's order: `cuda:0` is the first.
    gpus: Vec<Which>,
}

impl Driver {
    /// Loads the library.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(super) fn open() -> Result<Self, String> {
        let nvml = Nvml::init().map_err(|error| match error {
            NvmlError::LibloadingError(_) => {
                "NVIDIA's driver library (libnvidia-ml.so.1) is not on this machine".into()
            }
            error => format!("NVIDIA's driver does not answer: {error}"),
        })?;
        let count = nvml.device_count().map_err(|error| format!("NVIDIA's driver does not answer: {error}"))?;
        let allowed = std::env::var("CUDA_VISIBLE_DEVICES").ok();
        Ok(Self { nvml, gpus: visible(allowed.as_deref(), count) })
    }

    /// How many GPUs this process may use.
    pub(super) fn count(&self) -> usize {
        self.gpus.len()
    }

    /// Fills in what can be measured of `cuda:N`; what cannot stays as it was.
    pub(super) fn measure(&self, state: &mut DeviceState) {
        let ordinal = state.device.strip_prefix("cuda:").and_then(|number| number.parse::<usize>().ok());
        let Some(device) = ordinal.and_then(|ordinal| self.gpus.get(ordinal)).and_then(|gpu| self.find(gpu)) else {
            return;
        };
        if let Ok(name) = device.name() {
            state.name = name;
        }
        if let Ok(memory) = device.memory_info() {
            (state.memory, state.memory_used) = (Some(memory.total), Some(memory.used));
        }
        // Absent where a GPU is cut into instances.
        state.utilisation = device.utilization_rates().ok().map(|rates| f64::from(rates.gpu) / 100.0);
    }

    fn find(&self, which: &Which) -> Option<Device<'_>> {
        match which {
            Which::Index(index) => self.nvml.device_by_index(*index).ok(),
            Which::Uuid(uuid) => self.nvml.device_by_uuid(uuid.as_str()).ok().or_else(|| {
                // CUDA takes the beginning of one, too.
                let all = (0..self.nvml.device_count().ok()?).filter_map(|index| self.nvml.device_by_index(index).ok());
                all.into_iter().find(|device| device.uuid().is_ok_and(|found| found.starts_with(uuid)))
            }),
        }
    }
}
