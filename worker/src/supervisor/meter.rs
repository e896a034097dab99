//! The devices as they were a moment ago: measured beside the heartbeats, which wait for nothing.

use std::sync::{Arc, Mutex, PoisonError};

use common::wire::Hardware;

use super::service::Context;
use crate::devices::Devices;

/// The newest measurement.
#[derive(Debug)]
pub(super) struct Meter {
    devices: Arc<Devices>,
    newest: Mutex<Hardware>,
}

impl Meter {
    /// Measures once.
    pub(super) fn new(devices: Arc<Devices>) -> Self {
        let newest = Mutex::new(devices.measure());
        Self { devices, newest }
    }

    /// What was measured last.
    pub(super) fn newest(&self) -> Hardware {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Measures for ever, where there is something that changes: the driver may take its time.
pub(super) async fn run(context: Arc<Context>) {
    if context.meter.devices.gpus().is_empty() {
        return;
    }
    loop {
        tokio::time::sleep(context.settings.heartbeat).await;
        let devices = context.meter.devices.clone();
        if let Ok(measured) = tokio::task::spawn_blocking(move || devices.measure()).await {
            *context.meter.newest.lock().unwrap_or_else(PoisonError::into_inner) = measured;
        }
    }
}
