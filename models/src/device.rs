//! What there is to compute on.

use common::vocabulary::Family;

pub use tch::Device;

/// A device a worker can train on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceInfo {
    /// How to ask for it.
    pub device: Device,
    /// For people: `cpu (avx512)` or `cuda:0`.
    pub name: String,
}

/// Everything this LibTorch and this machine offer; the CPU is always there, GPUs come first.
pub fn devices() -> Vec<DeviceInfo> {
    let gpus = if tch::Cuda::is_available() { tch::Cuda::device_count().max(0) } else { 0 };
    let gpu = |device| DeviceInfo { device, name: name(device) };
    let cpu = DeviceInfo { device: Device::Cpu, name: format!("cpu ({})", cpu_capability()) };
    (0..gpus as usize).map(Device::Cuda).map(gpu).chain([cpu]).collect()
}

/// The device that a family computes on when it is given this one.
pub(crate) fn suited(family: Family, given: Device) -> Device {
    if family.uses_gpus() { given } else { Device::Cpu }
}

/// A device's name, as the manifest records it.
pub(crate) fn name(device: Device) -> String {
    match device {
        Device::Cuda(index) => format!("cuda:{index}"),
        Device::Cpu => "cpu".into(),
        Device::Mps => "mps".into(),
        Device::Vulkan => "vulkan".into(),
    }
}

/// The instruction set that the kernel and LibTorch find: sums are added up in an order that depends on it.
pub(crate) fn cpu_capability() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") {
            "avx512"
        } else if std::arch::is_x86_feature_detected!("avx2") {
            "avx2"
        } else {
            "baseline"
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        std::env::consts::ARCH
    }
}
