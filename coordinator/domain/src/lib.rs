//! Pure decisions: no clock, no IO, no chance. Each answer carries its reasons.
//!
//! - [`access`]: who may do what by the API
//! - [`alert`]: what somebody should know, and whom it is told
//! - [`answer`]: what somebody is answered who asks for something
//! - [`cost`]: what a training will cost, learned from those before it
//! - [`columns`]: what the columns of rows to be predicted may be
//! - [`decide`]: to retrain or not
//! - [`due`]: whether an instant in a row has come, whoever's clock wrote it
//! - [`estimate`]: when a job will probably start and end
//! - [`free_text`]: what people write for people
//! - [`freshness`]: how old the newest row is, and whether that is worth a word
//! - [`job_reason`]: why a job is as it is
//! - [`job_status`]: what a job waits for, or who has it
//! - [`judge`]: whether a version goes live, and how far it can be trusted
//! - [`leadership`]: who leads, and for how long it trusts itself
//! - [`ledger`]: what moves of a live pointer mean, and where a rollback goes
//! - [`lease`]: how long a worker may be silent
//! - [`meant`]: which model is meant where none is named
//! - [`monitor`]: how a live version does, and whether the one before would do better
//! - [`offers`]: whether any worker can ever run a job
//! - [`preempt`]: who makes room for whom
//! - [`replay`]: another policy over the days that were
//! - [`report`]: what reports are about, and what they are called
//! - [`schedule`]: what is due by the calendar, and what became of it
//! - [`search`]: which hyper-parameters are tried, and at what length
//! - [`score`]: the position in the backlog
//! - [`standstill`]: who could move and does not
//! - [`transition`]: the lifecycle of a job
//! - [`versions`]: the number of a new version
//! - [`retention`]: what a cleanup keeps
//! - [`outcome`]: what the outcome of a row may say
//! - [`revision`]: whether bars that contradict the known ones are believed
//! - [`served`]: how wrong a served prediction was
//! - [`invariant`]: what must always hold

pub mod access;
pub mod alert;
pub mod answer;
pub mod columns;
pub mod cost;
pub mod decide;
pub mod due;
pub mod estimate;
pub mod free_text;
pub mod freshness;
pub mod invariant;
pub mod job_reason;
pub mod job_status;
pub mod judge;
pub mod leadership;
pub mod lease;
pub mod ledger;
pub mod meant;
pub mod monitor;
pub mod offers;
pub mod outcome;
mod plain_name;
pub mod preempt;
pub mod replay;
pub mod report;
pub mod retention;
pub mod revision;
pub mod schedule;
pub mod score;
pub mod search;
pub mod served;
pub mod standstill;
pub mod transition;
pub mod versions;
