//! Everything telemetry says, as data: the instruments, the spans, their attributes. `docs/telemetry.md` is written from here.

use opentelemetry::trace::SpanKind;

use super::metric::{Counter, Description, Gauge, Histogram, Instrument};
use super::span::{Messaging, Operation};

/// What an attribute of a metric or a span is called, and what it says.
#[derive(Debug)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    pub(super) meaning: &'static str,
}

/// One line each; the second half of the macro's work is the list of them all.
macro_rules! attributes {
    ($($constant:ident = $name:expr, $meaning:literal;)*) => {
        /// The attributes.
        pub mod attribute {
            use opentelemetry_semantic_conventions::attribute as semconv;
            use super::Attribute;
            $(#[doc = $meaning] pub static $constant: Attribute = Attribute { name: $name, meaning: $meaning };)*
            pub(in super::super) static ALL: &[&Attribute] = &[$(&$constant),*];
        }
    };
}

macro_rules! metrics {
    ($($kind:ident $constant:ident = $name:expr, $unit:literal, [$($attribute:ident)*], $meaning:literal;)*) => {
        /// The instruments.
        pub mod metric {
            use opentelemetry_semantic_conventions::metric as semconv;
            use super::{Counter, Description, Gauge, Histogram, attribute};
            $(
                #[doc = $meaning]
                pub static $constant: $kind = $kind::new(Description {
                    name: $name, unit: $unit, meaning: $meaning, attributes: &[$(&attribute::$attribute),*],
                });
            )*
        }

        /// All instruments, in the order of the page.
        pub(super) fn instruments() -> [&'static dyn Instrument; [$(stringify!($constant)),*].len()] {
            [$(&metric::$constant),*]
        }
    };
}

macro_rules! spans {
    ($($constant:ident = $name:literal, $kind:ident, $messaging:expr, [$($attribute:ident)*], $meaning:literal;)*) => {
        /// The spans.
        pub mod span {
            use super::{Messaging, Operation, SpanKind, attribute};
            $(
                #[doc = $meaning]
                pub static $constant: Operation = Operation {
                    name: $name, kind: SpanKind::$kind, messaging: $messaging, meaning: $meaning,
                    attributes: &[$(&attribute::$attribute),*],
                };
            )*
            pub(in super::super) static ALL: &[&Operation] = &[$(&$constant),*];
        }
    };
}

attributes! {
    JOB = "refit.job.id", "The job.";
    KIND = "refit.job.kind", "`train`, `evaluate`, `monitor`, `predict` or `probe`.";
    STATE = "refit.job.state", "Where a job stands: `queued`, `dispatched`, `running`, `judging`, or how it ended.";
    POOL = "refit.pool", "The pool of workers.";
    MODEL = "refit.model", "The model.";
    MODE = "refit.mode", "`complete` or `incremental`.";
    SCORE = "refit.score", "The place in the line, in points; lower is sooner.";
    ATTEMPT = "refit.attempt.id", "The attempt.";
    NUMBER = "refit.attempt.number", "Counts the attempts of a job, from 1.";
    OUTCOME = "refit.attempt.outcome", "How an attempt ended: `result`, a class of failure (`crash`, `lost`, …), `declined`, `unclaimed`, `revoked` or `unusable`.";
    WORKER = "refit.worker.id", "The worker's incarnation.";
    ANSWER = "refit.claim.answer", "What came of a claim: `granted`, `refused` or `given up`.";
    EPOCH = "refit.epoch", "The epoch, from 1.";
    TRAIN_LOSS = "refit.loss.train", "Mean loss on the rows trained on.";
    VALIDATION_LOSS = "refit.loss.validation", "Mean loss on the rows of the validation.";
    VERSION = "refit.version", "The version.";
    VERDICT = "refit.verdict", "What becomes of a version: `promote`, `reject`, `wait`, `supersede` (its model reads otherwise by now), or `reproduction` for one that is only compared.";
    LIVE_SEQ = "refit.live_seq", "Counts the moves of a model's live pointer.";
    SLOT_STATE = "refit.slot.state", "`free` or `busy`.";
    STATISTIC = "refit.statistic", "`mean` or `oldest`.";
    SERVICE = "refit.service", "The engine: `rabbitmq`, `redis` or `postgresql`.";
    TASK = "refit.task", "A background task of a coordinator: `dispatch`, `record`, `leases`, …";
    INVARIANT = "refit.invariant", "The name of what must always hold.";
    ALERT = "refit.alert", "What somebody should know, such as `degraded` or `no_worker`: see the page of reasons.";
    SIGNAL = "refit.signal", "`traces`, `metrics` or `logs`.";
    SYSTEM = semconv::MESSAGING_SYSTEM, "`rabbitmq` or `sqlite`.";
    DESTINATION = semconv::MESSAGING_DESTINATION_NAME, "The queue.";
    OPERATION_NAME = semconv::MESSAGING_OPERATION_NAME, "What is done with the message: `send`, `receive`, `process`, `ack`.";
    OPERATION_TYPE = semconv::MESSAGING_OPERATION_TYPE, "`send`, `receive`, `process` or `settle`.";
    MESSAGE = semconv::MESSAGING_MESSAGE_ID, "The message, named by the attempt it stands for.";
}

metrics! {
    Gauge JOBS = "refit.jobs", "{job}", [POOL STATE], "Jobs that have not ended.";
    Counter JOBS_ENDED = "refit.jobs.ended", "{job}", [POOL KIND STATE], "Jobs that ended: `completed`, `failed` or `cancelled`.";
    Histogram WAITED = "refit.job.wait.duration", "s", [POOL KIND], "From the entry into the line to the first claim.";
    Histogram RAN = "refit.attempt.duration", "s", [POOL KIND OUTCOME], "From claim to end of an attempt.";
    Counter ATTEMPTS = "refit.attempts", "{attempt}", [POOL KIND OUTCOME], "Attempts that ended.";
    Counter RESCUES = "refit.rescues", "{job}", [POOL], "Jobs taken from a worker that fell silent or no longer knew them.";
    Gauge LEASE_AGE = "refit.lease.age", "s", [], "How long the most silent worker with a job has not been heard.";
    Gauge WINDOW = "refit.dispatch.window", "{job}", [POOL], "Jobs that may be out at once beyond those running.";
    Gauge SLOTS = "refit.slots", "{slot}", [POOL SLOT_STATE], "Slots of living workers; one that serves several pools counts in each.";
    Counter SLOTS_RETIRED = "refit.slots.retired", "{slot}", [], "Slots that a worker gave up because their executor could not be killed.";
    Gauge WANTED = "refit.pool.wanted", "{job}", [POOL], "Jobs that want a slot: queued, dispatched or running. Scale on this.";
    Gauge CAPACITY = "refit.pool.capacity", "{slot}", [POOL], "Slots of living workers that take new jobs.";
    Counter VERDICTS = "refit.verdicts", "{version}", [VERDICT], "Versions judged.";
    Counter ALERTS = "refit.alerts", "{alert}", [ALERT], "Alerts that were raised.";
    Counter PREDICTIONS = "refit.predictions", "{prediction}", [], "Predictions served online.";
    Counter PREDICTIONS_UNLOGGED = "refit.predictions.unlogged", "{prediction}", [], "Predictions that were served and could not be written into their log.";
    Gauge MODEL_AGE = "refit.model.age", "s", [STATISTIC], "Age of the live versions: since the moment their data were taken for.";
    Counter RECONNECTS = "refit.reconnects", "{connection}", [SERVICE], "Connections made again after a loss.";
    Counter TASK_FAILURES = "refit.task.failures", "{round}", [TASK], "Rounds of background tasks that failed or panicked, and were repeated.";
    Gauge STANDING_STILL = "refit.jobs.standing_still", "{job}", [], "Jobs that could move and have not moved.";
    Counter INVARIANT_VIOLATIONS = "refit.invariant.violations", "{violation}", [INVARIANT], "What must never happen, and did.";
    Counter TELEMETRY_DROPPED = "refit.telemetry.dropped", "{item}", [SIGNAL], "Spans, log records and exports of metrics that did not reach the collector.";
    Histogram OPERATION_DURATION = semconv::MESSAGING_CLIENT_OPERATION_DURATION, "s", [SYSTEM DESTINATION OPERATION_NAME OPERATION_TYPE], "Sending, receiving and acknowledging doorbells.";
    Counter SENT_MESSAGES = semconv::MESSAGING_CLIENT_SENT_MESSAGES, "{message}", [SYSTEM DESTINATION OPERATION_NAME], "Doorbells sent, or tried to.";
    Counter CONSUMED_MESSAGES = semconv::MESSAGING_CLIENT_CONSUMED_MESSAGES, "{message}", [SYSTEM DESTINATION OPERATION_NAME], "Doorbells that a worker was given.";
    Histogram PROCESS_DURATION = semconv::MESSAGING_PROCESS_DURATION, "s", [SYSTEM DESTINATION OPERATION_NAME], "What a worker does for a doorbell it was granted, whole.";
}

spans! {
    DECIDE = "decide", Internal, None, [JOB KIND MODEL MODE POOL SCORE], "A job enters the line: its trace begins, or goes on from the `traceparent` of the request.";
    ATTEMPT = "attempt", Internal, None, [JOB KIND POOL ATTEMPT NUMBER OUTCOME WORKER], "An attempt from dispatch to end, told by the coordinator when it has ended, also for a worker that was killed. It links to the attempt before.";
    SEND = "send", Producer, Some(Messaging::Send), [SYSTEM DESTINATION OPERATION_TYPE OPERATION_NAME MESSAGE], "The doorbell is published.";
    RECEIVE = "receive", Client, Some(Messaging::Receive), [SYSTEM DESTINATION OPERATION_TYPE OPERATION_NAME MESSAGE], "A worker has the doorbell, until it is acknowledged.";
    CLAIM = "claim", Internal, None, [JOB ATTEMPT WORKER ANSWER], "The worker asks for the job.";
    SETTLE = "ack", Client, Some(Messaging::Settle), [SYSTEM DESTINATION OPERATION_TYPE OPERATION_NAME MESSAGE], "The doorbell is acknowledged.";
    PROCESS = "process", Consumer, Some(Messaging::Process), [SYSTEM DESTINATION OPERATION_TYPE OPERATION_NAME MESSAGE], "The worker has the job, until its result is sealed or it has failed.";
    LOAD = "load", Internal, None, [], "Inputs are fetched.";
    TRAIN = "train", Internal, None, [KIND MODEL EPOCH TRAIN_LOSS VALIDATION_LOSS], "The executor works. Each epoch is an event `epoch` with its losses.";
    UPLOAD = "upload", Internal, None, [], "The result is uploaded and sealed.";
    RECORD = "record", Internal, None, [JOB ATTEMPT], "The sealed result is checked and becomes a version.";
    JUDGE = "judge", Internal, None, [JOB MODEL VERSION VERDICT], "The version is judged.";
    PROMOTE = "promote", Internal, None, [MODEL VERSION LIVE_SEQ], "The live pointer moves, in one transaction with verdict and ledger.";
}
