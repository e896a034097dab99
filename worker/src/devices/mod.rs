//! What there is to compute on, and how busy it is.
//!
//! The binary links the CPU part of LibTorch only, so that it runs anywhere. Where `libtorch_cuda.so` lies beside it, children are
//! started with that library preloaded: it registers itself, and the same binary trains on GPUs. Where it cannot be loaded, the CPU
//! trains, and it is said why. What the GPUs hold and do is asked of NVIDIA's driver.

mod driver;
mod library;
mod visible;

use std::path::{Path, PathBuf};

use common::wire::{DeviceState, Hardware};

use self::driver::Driver;
use crate::WorkerError;
use crate::process::Launch;

/// The name of the processor among the devices.
pub const CPU: &str = "cpu";

/// The devices of this machine; what can be measured of them is measured anew each time.
#[derive(Debug)]
pub struct Devices {
    found: Vec<DeviceState>,
    driver: Result<Driver, String>,
    cuda: Cuda,
}

/// LibTorch's CUDA library.
#[derive(Debug)]
enum Cuda {
    /// Not there, or part of this process.
    Nothing,
    /// Children that train on a GPU are started with it.
    Preload(PathBuf),
    /// There, but the dynamic loader refuses it: why.
    Refused(String),
}

impl Devices {
    /// The devices a child could use. Asks a child where there is CUDA: its context would stay in this process.
    ///
    /// # Errors
    /// The child cannot be started, or says something else.
    pub async fn find() -> Result<Self, WorkerError> {
        let Some(library) = library::beside_libtorch() else { return Ok(Self::own()) };
        let spawn = |source| WorkerError::Spawn { source };
        let mut child = Launch::this_binary("warn", Some(library.clone())).map_err(spawn)?.with_cuda();
        let output = child.args(["devices", "--json", "--own"]).output().await.map_err(spawn)?;
        if let Some(reason) = library::refused(&output) {
            return Ok(Self { cuda: Cuda::Refused(reason), ..Self::own() });
        }
        let hardware: Hardware = serde_json::from_slice(&output.stdout).map_err(|error| WorkerError::Devices {
            reason: format!("{error}: {}", String::from_utf8_lossy(&output.stderr).trim()),
        })?;
        Ok(Self { found: hardware.devices, driver: Driver::open(), cuda: Cuda::Preload(library) })
    }

    /// The devices that this process can use: call it in a process that may load a GPU's driver.
    pub fn own() -> Self {
        let state = |info: models::run::DeviceInfo| {
            let (device, memory) = match info.device {
                models::run::Device::Cuda(index) => (format!("cuda:{index}"), None),
                models::run::Device::Cpu => (CPU.into(), machine_memory()),
                models::run::Device::Mps => ("mps".into(), None),
                models::run::Device::Vulkan => ("vulkan".into(), None),
            };
            DeviceState { device, name: info.name, memory, memory_used: None, utilisation: None }
        };
        let found = models::run::devices().into_iter().map(state).collect();
        Self { found, driver: Driver::open(), cuda: Cuda::Nothing }
    }

    /// The library that children which train on a GPU are started with.
    pub fn preload(&self) -> Option<&Path> {
        match &self.cuda {
            Cuda::Preload(library) => Some(library),
            Cuda::Nothing | Cuda::Refused(_) => None,
        }
    }

    /// The GPUs to train on, such as `cuda:0`.
    pub fn gpus(&self) -> Vec<&str> {
        self.found.iter().filter(|device| device.is_gpu()).map(|gpu| gpu.device.as_str()).collect()
    }

    /// Whether the driver shows GPUs to this process that it cannot train on.
    pub fn has_idle_gpus(&self) -> bool {
        self.gpus().is_empty() && self.driver.as_ref().is_ok_and(|driver| driver.count() > 0)
    }

    /// All of them as they are now. Takes a few milliseconds a GPU.
    pub fn measure(&self) -> Hardware {
        let mut devices = self.found.clone();
        if let Ok(driver) = &self.driver {
            devices.iter_mut().for_each(|device| driver.measure(device));
        }
        Hardware { devices, note: note(self.gpus().len(), self.driver.as_ref().map(Driver::count), &self.cuda) }
    }
}

/// Why there is no GPU, or why it is not used; empty where all is well.
fn note(gpus: usize, driver: Result<usize, &String>, cuda: &Cuda) -> String {
    match (gpus, driver) {
        (0, Err(reason)) => format!("no GPU: {reason}"),
        (0, Ok(0)) => "no GPU: NVIDIA's driver shows none to this process".into(),
        (0, Ok(there)) => format!("{there} GPU not used: {}, so trainings run on the CPU", cuda.shortcoming()),
        (_, Ok(_)) => String::new(),
        (_, Err(reason)) => format!("memory and use of the GPUs are not measured: {reason}"),
    }
}

impl Cuda {
    /// Why no GPU is found with it though the driver shows some.
    fn shortcoming(&self) -> String {
        match self {
            Self::Nothing => "this LibTorch has no CUDA".into(),
            Self::Refused(reason) => format!("LibTorch's CUDA library cannot be loaded ({reason})"),
            Self::Preload(_) => "LibTorch's CUDA finds none (is the driver too old for it?)".into(),
        }
    }
}

fn machine_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let kilobytes =
        text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?.trim().trim_end_matches(" kB").parse::<u64>();
    kilobytes.ok().map(|kilobytes| kilobytes * 1024)
}

/// One line a device, for people, and one about GPUs where there is something to say.
pub fn table(hardware: &Hardware) -> String {
    let size = |bytes: u64| bytesize::ByteSize(bytes).to_string();
    let line = |d: &DeviceState| {
        let used = d.memory_used.map(|used| format!(", {} in use", size(used))).unwrap_or_default();
        let busy = d.utilisation.map(|share| format!(", {:.0} % busy", 100.0 * share)).unwrap_or_default();
        format!("{:<8} {:<28} {}{used}{busy}\n", d.device, d.name, d.memory.map(size).unwrap_or_default())
    };
    let note = Some(&hardware.note).filter(|note| !note.is_empty()).map(|note| format!("{note}\n"));
    hardware.devices.iter().map(line).chain(note).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_is_always_there_and_last() {
        let hardware = Devices::own().measure();
        let last = hardware.devices.last().unwrap();
        assert!(!last.is_gpu() && last.memory.unwrap() > 0);
        assert!(table(&hardware).contains("GiB"));
    }

    #[test]
    fn what_is_missing_is_said() {
        let absent = "the library is not on this machine".to_owned();
        let (none, preload) = (Cuda::Nothing, Cuda::Preload("/l/libtorch_cuda.so".into()));
        let refused = Cuda::Refused("libcublas.so.13: cannot open shared object file".into());
        assert_eq!(note(0, Err(&absent), &none), "no GPU: the library is not on this machine");
        assert!(note(0, Ok(2), &none).starts_with("2 GPU not used: this LibTorch has no CUDA"));
        assert!(note(0, Ok(1), &refused).contains("cannot be loaded (libcublas.so.13: cannot open"));
        assert!(note(0, Ok(1), &preload).contains("finds none"));
        assert!(note(0, Ok(0), &preload).starts_with("no GPU"));
        assert_eq!(note(1, Ok(1), &preload), "");
        assert!(note(1, Err(&absent), &preload).starts_with("memory and use"));
    }

    #[test]
    fn a_gpu_is_shown_with_what_it_holds_and_does() {
        let gpu = DeviceState {
            device: "cuda:0".into(),
            name: "NVIDIA H200".into(),
            memory: Some(140 << 30),
            memory_used: Some(7 << 30),
            utilisation: Some(0.42),
        };
        let text = table(&Hardware { devices: vec![gpu], note: String::new() });
        assert_eq!(text, "cuda:0   NVIDIA H200                  140.0 GiB, 7.0 GiB in use, 42 % busy\n");
    }
}
