//! What pools offer and what jobs need, in devices and memory.

use std::fmt;
use std::str::FromStr;

use bytesize::ByteSize;
use serde::{Deserialize, Serialize};

use super::model::words;
use super::{InvalidKey, Pool};

words! {
    /// A kind of device that trains.
    DeviceKind ("device") {
        /// The processor.
        Cpu = "cpu",
        /// An NVIDIA GPU.
        Cuda = "cuda",
    }
}

/// A pool and what its workers have, written as `gpu`, `gpu=cuda` or `gpu=cuda:80GiB`. What is left out is not promised and not
/// ruled out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PoolOffer {
    /// The pool.
    pub pool: Pool,
    /// What its workers train on.
    pub device: Option<DeviceKind>,
    /// Memory of one such device.
    pub memory: Option<ByteSize>,
}

/// What a job needs of the device it trains on, beyond its pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Needs {
    /// This kind of device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceKind>,
    /// So much memory, bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
}

impl PoolOffer {
    /// A pool of which nothing more is known.
    pub fn of(pool: Pool) -> Self {
        Self { pool, device: None, memory: None }
    }

    /// What it offers, in words: `cuda, 80.0 GiB`; empty if nothing is said.
    pub fn words(&self) -> String {
        let device = self.device.map(|device| device.to_string());
        let memory = self.memory.map(|memory| memory.to_string());
        device.into_iter().chain(memory).collect::<Vec<_>>().join(", ")
    }
}

impl FromStr for PoolOffer {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = |what, rule| InvalidKey { text: text.chars().take(80).collect(), what, rule };
        let (pool, offer) = text.split_once('=').map_or((text, None), |(pool, offer)| (pool, Some(offer)));
        let (device, memory) = match offer.map(|offer| offer.split_once(':').unwrap_or((offer, ""))) {
            None => return Ok(Self::of(pool.trim().parse()?)),
            Some((device, memory)) => (device.trim(), Some(memory.trim()).filter(|memory| !memory.is_empty())),
        };
        let device = device.parse().map_err(|_| invalid("device of a pool", "cpu or cuda, as in gpu=cuda:80GiB"))?;
        let memory = memory.map(str::parse::<ByteSize>).transpose();
        let memory = memory.map_err(|_| invalid("memory of a pool", "a size such as 80GiB, as in gpu=cuda:80GiB"))?;
        Ok(Self { pool: pool.trim().parse()?, device: Some(device), memory })
    }
}

impl fmt::Display for PoolOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.pool)?;
        self.device.iter().try_for_each(|device| write!(f, "={device}"))?;
        self.memory.iter().try_for_each(|memory| write!(f, ":{memory}"))
    }
}

impl TryFrom<String> for PoolOffer {
    type Error = InvalidKey;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PoolOffer> for String {
    fn from(offer: PoolOffer) -> Self {
        offer.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_read_as_it_is_written() {
        for (text, words) in [("cpu", ""), ("gpu=cuda", "cuda"), ("gpu-80g=cuda:80.0 GiB", "cuda, 80.0 GiB")] {
            let offer: PoolOffer = text.parse().unwrap();
            assert_eq!((offer.to_string().as_str(), offer.words().as_str()), (text, words));
        }
        let memory = "gpu=cuda:80GiB".parse::<PoolOffer>().unwrap().memory;
        assert_eq!(memory, Some(ByteSize::gib(80)));
        for bad in ["", "GPU", "gpu=", "gpu=tpu", "gpu=cuda:much"] {
            assert!(bad.parse::<PoolOffer>().is_err(), "{bad:?}");
        }
    }
}
