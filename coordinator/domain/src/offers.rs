//! Whether any worker can ever run a job: what it needs against what the configuration promises and live workers have.

use std::collections::BTreeSet;

use common::vocabulary::{DeviceKind, Family, Needs, Pool, PoolOffer};
use common::wire::DeviceState;
use serde::{Deserialize, Serialize};
use strum::VariantNames;

/// A live worker, as far as it matters here.
#[derive(Debug, Clone, PartialEq)]
pub struct Host<'a> {
    /// Pools it serves.
    pub pools: &'a [Pool],
    /// What it trains on.
    pub devices: &'a [DeviceState],
}

/// What is needed of a device, with what is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Of this kind; any, if absent.
    pub device: Option<DeviceKind>,
    /// So much memory, bytes.
    pub memory: Option<u64>,
}

/// Why no worker can ever run something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Never {
    /// Its pool is neither configured nor served.
    NoSuchPool {
        /// The pool.
        pool: Pool,
        /// Those that there are.
        pools: Vec<Pool>,
    },
    /// No worker of its pool has what it needs.
    NoneHasIt {
        /// The pool.
        pool: Pool,
        /// What it needs.
        needs: Wanted,
    },
    /// Its pool offers something else.
    NotOffered {
        /// The pool.
        pool: Pool,
        /// What it needs.
        needs: Wanted,
        /// What the pool offers, as the configuration says it.
        offered: String,
    },
    /// No live worker of its pool has what it needs, and the configuration promises none.
    NotThere {
        /// The pool.
        pool: Pool,
        /// What it needs.
        needs: Wanted,
    },
    /// Models of its family compute on the processor alone, and a GPU is asked for.
    OnTheProcessor {
        /// The family.
        family: Family,
    },
}

/// Why no worker can ever run it; `None` if one can, or may come.
pub fn never(pool: &Pool, needs: &Needs, offers: &[PoolOffer], hosts: &[Host<'_>]) -> Option<Never> {
    let serving: Vec<&Host<'_>> = hosts.iter().filter(|host| host.pools.contains(pool)).collect();
    let suited = serving.iter().any(|host| host.suits(needs));
    let promised = |offer| promise(offer, needs);
    let needs = Wanted::from(*needs);
    let Some(offer) = offers.iter().find(|offer| offer.pool == *pool) else {
        return match (serving.is_empty(), suited) {
            (true, _) => Some(Never::NoSuchPool { pool: pool.clone(), pools: known(offers, hosts) }),
            (false, true) => None,
            (false, false) => Some(Never::NoneHasIt { pool: pool.clone(), needs }),
        };
    };
    match promised(offer) {
        _ if suited => None,
        Promise::Kept => None,
        Promise::Broken => Some(Never::NotOffered { pool: pool.clone(), needs, offered: offer.words() }),
        Promise::Unsaid if serving.is_empty() => None,
        Promise::Unsaid => Some(Never::NotThere { pool: pool.clone(), needs }),
    }
}

/// Why a family can never have what is asked for; `None` if it can.
pub fn unfit(family: Family, needs: &Needs) -> Option<Never> {
    let in_vain = needs.device == Some(DeviceKind::Cuda) && !family.uses_gpus();
    in_vain.then_some(Never::OnTheProcessor { family })
}

/// What is left of a family's needs for workers to meet: whoever computes on the processor alone has one on every worker.
pub fn pressing(family: Family, needs: Needs) -> Needs {
    if family.uses_gpus() { needs } else { Needs { device: None, ..needs } }
}

/// What is needed and no live worker of the pool has; `None` if one has it, or none lives.
pub fn lacking(pool: &Pool, needs: &Needs, hosts: &[Host<'_>]) -> Option<Wanted> {
    let serving: Vec<&Host<'_>> = hosts.iter().filter(|host| host.pools.contains(pool)).collect();
    let lacks = !serving.is_empty() && !serving.iter().any(|host| host.suits(needs));
    lacks.then(|| Wanted::from(*needs))
}

/// What an offer says about a need.
enum Promise {
    /// It is there, or comes.
    Kept,
    /// It never is.
    Broken,
    /// Nothing: what live workers have tells.
    Unsaid,
}

fn promise(offer: &PoolOffer, needs: &Needs) -> Promise {
    let device = needs.device.map(|needed| offer.device.map(|offered| offered == needed));
    let memory = needs.memory.map(|needed| offer.memory.map(|offered| offered.as_u64() >= needed));
    let matches_promise: Vec<Option<bool>> = device.into_iter().chain(memory).collect();
    match matches_promise.as_slice() {
        matches_promise if matches_promise.contains(&Some(false)) => Promise::Broken,
        matches_promise if matches_promise.contains(&None) => Promise::Unsaid,
        _ => Promise::Kept,
    }
}

/// Whether one of the devices that a worker trains on has what is needed; one that says nothing of its devices is taken at the word
/// of its pool. Where there are GPUs, every slot is on one: the processor beside them, and the machine's memory, are nobody's.
pub fn suits(devices: &[DeviceState], needs: &Needs) -> bool {
    let kind = |device: &DeviceState| if device.is_gpu() { DeviceKind::Cuda } else { DeviceKind::Cpu };
    let has_gpus = devices.iter().any(DeviceState::is_gpu);
    // Who serves a pool serves whatever asks for nothing more.
    *needs == Needs::default()
        || devices.is_empty()
        || devices.iter().filter(|device| device.is_gpu() == has_gpus).any(|device| {
            needs.device.is_none_or(|needed| kind(device) == needed)
                && needs.memory.is_none_or(|needed| device.memory.is_some_and(|memory| memory >= needed))
        })
}

impl From<Needs> for Wanted {
    fn from(Needs { device, memory }: Needs) -> Self {
        Self { device, memory }
    }
}

impl Host<'_> {
    fn suits(&self, needs: &Needs) -> bool {
        suits(self.devices, needs)
    }
}

/// Every pool that there is, once.
fn known(offers: &[PoolOffer], hosts: &[Host<'_>]) -> Vec<Pool> {
    let offered = offers.iter().map(|offer| &offer.pool);
    let pools: BTreeSet<&Pool> = offered.chain(hosts.iter().flat_map(|host| host.pools)).collect();
    pools.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    fn device(name: &str, memory: u64) -> DeviceState {
        let name = name.to_owned();
        DeviceState { device: name.clone(), name, memory: Some(memory), memory_used: None, utilisation: None }
    }

    #[test]
    fn what_nobody_offers_is_said_at_once() {
        let pool = |name: &str| name.parse::<Pool>().unwrap();
        let offers = ["cpu", "gpu=cuda:24GiB"].map(|text| text.parse().unwrap());
        let (big, small) = ([device("cuda:0", 80 * GIB)], [device("cpu", 8 * GIB)]);
        let (cpu, gpu, lab) = ([pool("cpu")], [pool("gpu")], [pool("lab")]);
        let nobody: Vec<Host<'_>> = vec![];
        let big_gpu = vec![Host { pools: &gpu, devices: &big }];
        let silent = vec![Host { pools: &lab, devices: &[] }];
        let beside = [device("cuda:0", 24 * GIB), device("cpu", 512 * GIB)];
        let lab_gpu = vec![Host { pools: &lab, devices: &beside }];
        let cpus = vec![Host { pools: &cpu, devices: &small }];
        let gpu_cpus = vec![Host { pools: &gpu, devices: &small }];
        let lab_cpu = vec![Host { pools: &lab, devices: &small }];
        let memory = |gib: u64| Needs { device: None, memory: Some(gib * GIB) };
        let cuda = Needs { device: Some(DeviceKind::Cuda), memory: None };
        let processor = Needs { device: Some(DeviceKind::Cpu), memory: None };
        let no_lab = Never::NoSuchPool { pool: pool("lab"), pools: vec![pool("cpu"), pool("gpu")] };
        let too_much =
            Never::NotOffered { pool: pool("gpu"), needs: memory(40).into(), offered: "cuda, 24.0 GiB".into() };
        let table = [
            ("configured, nobody there yet", "gpu", Needs::default(), &nobody, None),
            ("neither configured nor served", "lab", Needs::default(), &nobody, Some(no_lab)),
            ("served, not configured", "lab", Needs::default(), &lab_cpu, None),
            ("served by who says nothing", "lab", Needs::default(), &silent, None),
            ("asked for more of who says nothing", "lab", cuda, &silent, None),
            (
                "served without the device",
                "lab",
                cuda,
                &lab_cpu,
                Some(Never::NoneHasIt { pool: pool("lab"), needs: cuda.into() }),
            ),
            ("a GPU beside its processor", "lab", memory(24), &lab_gpu, None),
            (
                "the memory of the machine is not the GPU's",
                "lab",
                memory(40),
                &lab_gpu,
                Some(Never::NoneHasIt { pool: pool("lab"), needs: memory(40).into() }),
            ),
            (
                "the processor beside a GPU trains nothing",
                "lab",
                processor,
                &lab_gpu,
                Some(Never::NoneHasIt { pool: pool("lab"), needs: processor.into() }),
            ),
            ("as much as is offered", "gpu", memory(24), &nobody, None),
            ("more than is offered", "gpu", memory(40), &nobody, Some(too_much)),
            ("more than is offered, but there", "gpu", memory(40), &big_gpu, None),
            ("nothing is said of its memory", "cpu", memory(4000), &nobody, None),
            ("a GPU in a pool of which nothing is said", "cpu", cuda, &nobody, None),
            (
                "a GPU where live workers have none",
                "cpu",
                cuda,
                &cpus,
                Some(Never::NotThere { pool: pool("cpu"), needs: cuda.into() }),
            ),
            ("a GPU that comes by the configuration", "gpu", cuda, &gpu_cpus, None),
        ];
        for (name, wanted, needs, hosts, expected) in table {
            assert_eq!(never(&pool(wanted), &needs, &offers, hosts), expected, "{name}");
        }
    }

    #[test]
    fn what_all_live_workers_lack_is_named() {
        let gpu = ["gpu".parse::<Pool>().unwrap()];
        let (big, blind) = ([device("cuda:0", 80 * GIB)], [device("cpu", 80 * GIB)]);
        let host = |devices| Host { pools: &gpu, devices };
        let cuda = Needs { device: Some(DeviceKind::Cuda), memory: Some(40 * GIB) };
        let of = |hosts: &[Host<'_>], needs: &Needs| lacking(&gpu[0], needs, hosts);
        assert_eq!(of(&[host(&blind)], &cuda), Some(cuda.into()));
        assert_eq!(of(&[host(&blind), host(&big)], &cuda), None);
        assert_eq!(of(&[host(&blind)], &Needs::default()), None);
        assert_eq!(of(&[], &cuda), None, "that is said otherwise");
    }

    #[test]
    fn who_computes_on_the_processor_needs_no_device_and_gets_no_gpu() {
        let needs = |device| Needs { device: Some(device), memory: Some(GIB) };
        let (cpu, cuda) = (needs(DeviceKind::Cpu), needs(DeviceKind::Cuda));
        let anything = Needs { device: None, memory: Some(GIB) };
        for family in Family::ALL.iter().copied() {
            assert_eq!(unfit(family, &cuda).is_some(), !family.uses_gpus(), "{family}");
            assert_eq!(unfit(family, &cpu), None);
            assert_eq!(pressing(family, cpu), if family.uses_gpus() { cpu } else { anything }, "{family}");
        }
    }
}
