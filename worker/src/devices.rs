//! What there is to compute on, and LibTorch's CUDA library if it is there.
//!
//! The binary links the CPU part of LibTorch only, so that it runs anywhere. Where `libtorch_cuda.so` lies beside it, children are
//! started with that library preloaded: it registers itself, and the same binary trains on GPUs.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::WorkerError;
use crate::process::Launch;

/// A device, as `refit-worker devices --json` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    /// How to ask for it: `cpu`, `cuda:0`.
    pub device: String,
    /// For people.
    pub name: String,
    /// Its memory, bytes, where that is known.
    pub memory: Option<u64>,
}

impl DeviceView {
    /// Whether this is a GPU.
    pub fn is_gpu(&self) -> bool {
        self.device != "cpu"
    }
}

const CPU_LIBRARY: &str = "libtorch_cpu.so";
const CUDA_LIBRARY: &str = "libtorch_cuda.so";

/// LibTorch's CUDA library beside the LibTorch that this process runs on, unless it is already loaded.
pub fn cuda_library() -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    if mapped(&maps, CUDA_LIBRARY).is_some() {
        return None;
    }
    let library = mapped(&maps, CPU_LIBRARY)?.with_file_name(CUDA_LIBRARY);
    library.exists().then_some(library)
}

/// The path of a library in the text of `/proc/self/maps`.
fn mapped<'a>(maps: &'a str, library: &str) -> Option<&'a Path> {
    let path = |line: &'a str| Some(Path::new(&line[line.find('/')?..]));
    maps.lines().filter_map(path).find(|path| path.file_name().is_some_and(|name| name == library))
}

/// The devices that this process can use: call it in a process that may load a GPU's driver.
pub fn own() -> Vec<DeviceView> {
    let gpu_memory = gpu_memory();
    let view = |info: models::run::DeviceInfo| {
        let memory = match info.device {
            models::run::Device::Cuda(index) => gpu_memory.get(index).copied(),
            models::run::Device::Cpu => machine_memory(),
            models::run::Device::Mps | models::run::Device::Vulkan => None,
        };
        let device = match info.device {
            models::run::Device::Cuda(index) => format!("cuda:{index}"),
            models::run::Device::Cpu => "cpu".into(),
            models::run::Device::Mps => "mps".into(),
            models::run::Device::Vulkan => "vulkan".into(),
        };
        DeviceView { device, name: info.name, memory }
    };
    models::run::devices().into_iter().map(view).collect()
}

/// The devices a child could use. Asks a child where there is CUDA: its context would stay in this process.
///
/// # Errors
/// The child cannot be started, or says something else.
pub async fn list() -> Result<Vec<DeviceView>, WorkerError> {
    let launch = Launch::this_binary("warn").map_err(|source| WorkerError::Spawn { source })?;
    if launch.cuda.is_none() {
        return Ok(own());
    }
    let output = launch.command().args(["devices", "--json"]).output().await;
    let output = output.map_err(|source| WorkerError::Spawn { source })?;
    serde_json::from_slice(&output.stdout).map_err(|error| WorkerError::Devices {
        reason: format!("{error}: {}", String::from_utf8_lossy(&output.stderr).trim()),
    })
}

fn machine_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let kilobytes =
        text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?.trim().trim_end_matches(" kB").parse::<u64>();
    kilobytes.ok().map(|kilobytes| kilobytes * 1024)
}

/// Memory per GPU, bytes, as the driver's tool reports it; LibTorch's C interface does not tell. Empty without the tool, or
/// where only some GPUs are visible and the numbers could be another's.
fn gpu_memory() -> Vec<u64> {
    if std::env::var_os("CUDA_VISIBLE_DEVICES").is_some() {
        return Vec::new();
    }
    let asked = std::process::Command::new("nvidia-smi")
        .args(["--query-gpu=memory.total", "--format=csv,noheader,nounits"])
        .output();
    let Ok(output) = asked else { return Vec::new() };
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter_map(|line| line.trim().parse::<u64>().ok()).map(|mebibytes| mebibytes << 20).collect()
}

/// One line a device, for people.
pub fn table(devices: &[DeviceView]) -> String {
    let size = |bytes: u64| format!("{:.1} GiB", bytes as f64 / f64::from(1_u32 << 30));
    let line = |d: &DeviceView| format!("{:<8} {:<28} {}\n", d.device, d.name, d.memory.map(size).unwrap_or_default());
    devices.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_libraries_are_found_in_the_map() {
        let maps = "7f00-7f01 r-xp 0 0:0 1 /opt/my torch/lib/libtorch_cpu.so\n7f02-7f03 rw-p 0 0:0 0 \n";
        assert_eq!(mapped(maps, CPU_LIBRARY), Some(Path::new("/opt/my torch/lib/libtorch_cpu.so")));
        assert_eq!(mapped(maps, CUDA_LIBRARY), None);
    }

    #[test]
    fn the_cpu_is_always_there_and_last() {
        let devices = own();
        let last = devices.last().unwrap();
        assert!(!last.is_gpu() && last.memory.unwrap() > 0);
        assert!(table(&devices).contains("GiB"));
    }
}
