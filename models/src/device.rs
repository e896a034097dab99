//! What there is to compute on.

pub use tch::Device;

/// A device a worker can train on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceInfo {
    /// How to ask for it.
    pub device: Device,
    /// For people: `cpu (AVX-512)` or `cuda:0`.
    pub name: String,
}

/// Everything this LibTorch and this machine offer; the CPU is always there, GPUs come first.
pub fn devices() -> Vec<DeviceInfo> {
    let gpus = if tch::Cuda::is_available() { tch::Cuda::device_count().max(0) } else { 0 };
    (0..gpus as usize)
        .map(Device::Cuda)
        .chain([Device::Cpu])
        .map(|device| DeviceInfo { device, name: name(device) })
        .collect()
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
