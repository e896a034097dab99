//! The coordinator at work: what it can be asked ([`Refit`]) and the loops that run by themselves ([`Coordinator`]).
//!
//! ```text
//! import ─► evaluate ─► request ─► the backlog ─► freeze ─► dispatch ─► inbox ─► record ─► judge ─► promote
//!                                                    ▲                     │
//!                                                    └── lease, cancel ◄───┘      lifecycle: every change of a job's row
//! ```
//!
//! Each file is in a room, and the methods of [`Refit`] are beside what they do. A room imports from those above it in this list and from
//! no other; `tests/rooms` reads the list here and holds the sources to it.
//!
//! | room | what happens there |
//! |---|---|
//! | `error` | what can go wrong, by meaning |
//! | `state` | what the tasks remember; knows nothing of whoever asks |
//! | `runtime` | the core, the driver of tasks, who leads, the store, messages to workers, look-ups |
//! | `facts` | what is known of models as of a moment |
//! | `present` | rows become views |
//! | `data` | rows in, snapshots out |
//! | `jobs` | commands to jobs: dispatched, cancelled, taken back |
//! | `planning` | models are decided on, and what is due or asked for enters the backlog |
//! | `searches` | hyper-parameters are tried, and what is found is asked for |
//! | `monitoring` | life after promotion |
//! | `results` | recorded, judged, promoted, reproduced, compared |
//! | `serving` | answers, their log, batches |
//! | `workers` | what workers say, leases, pools |
//! | `access` | who may ask, and what they changed |
//! | `reports` | what happened and how things stand, made, kept and sent |
//! | `upkeep` | backups, cleanup, invariants, gauges, health |
//! | `schedules` | what is done by the calendar |
//! | `alerts` | what somebody should know, and how they are told |
//! | `coordinator` | all of it running: the list of the background tasks |

mod access;
mod alerts;
mod coordinator;
mod data;
mod error;
mod facts;
mod jobs;
mod monitoring;
mod planning;
mod present;
mod reports;
mod results;
mod runtime;
mod schedules;
mod searches;
mod serving;
mod state;
mod upkeep;
mod workers;

pub use self::access::Bearer;
pub use self::coordinator::Coordinator;
pub use self::data::PriceImport;
pub use self::error::{Error, Result, Unfit};
pub use self::runtime::{Fault, Mutant, Ports, Refit, Step};
pub use self::state::{Listener, TaskName};
