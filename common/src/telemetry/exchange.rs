//! What is done with a message, by OpenTelemetry's conventions: its span, how often, and how long it took.

use std::fmt::Display;
use std::time::Instant;

use super::context::TraceContext;
use super::span::{Messaging, Operation, Span};
use super::table::{attribute, metric};
use crate::telemetry;
use crate::vocabulary::AttemptId;

/// One thing done with a message, from here to [`Exchange::end`].
#[derive(Debug)]
pub struct Exchange {
    span: Span,
    measured: Option<Measured>,
}

/// What is counted of it.
#[derive(Debug)]
struct Measured {
    operation: &'static Operation,
    messaging: Messaging,
    system: &'static str,
    queue: String,
    start: Instant,
}

impl Exchange {
    /// Something is done with the message that stands for an attempt, in this queue of this system.
    pub fn begin(
        operation: &'static Operation,
        parent: Option<TraceContext>,
        attempt: AttemptId,
        system: &'static str,
        queue: &str,
    ) -> Self {
        let draft = operation.under(parent).at(queue);
        let draft = match operation.messaging {
            Some(messaging) => draft.text(&attribute::OPERATION_TYPE, messaging.as_str()),
            None => draft,
        };
        let span = draft
            .text(&attribute::OPERATION_NAME, operation.name)
            .text(&attribute::SYSTEM, system)
            .text(&attribute::DESTINATION, queue)
            .text(&attribute::MESSAGE, attempt)
            .begin();
        let measured = operation.messaging.filter(|_| telemetry::is_on()).map(|messaging| Measured {
            operation,
            messaging,
            system,
            queue: queue.to_owned(),
            start: Instant::now(),
        });
        Self { span, measured }
    }

    /// Where it is, for those who go on elsewhere.
    pub fn context(&self) -> Option<TraceContext> {
        self.span.context()
    }

    /// Does the work within its span.
    pub async fn around<F: Future>(&self, work: F) -> F::Output {
        self.span.around(work).await
    }

    /// It is done, well or not.
    pub fn end<T, E: Display>(self, result: &Result<T, E>) {
        if let Err(error) = result {
            self.span.failed(error);
        }
        if let Some(measured) = self.measured {
            measured.count();
        }
    }
}

impl Measured {
    fn count(self) {
        let Self { operation, messaging, system, queue, start } = self;
        let about = [
            (&attribute::SYSTEM, system),
            (&attribute::DESTINATION, queue.as_str()),
            (&attribute::OPERATION_NAME, operation.name),
        ];
        let [system, queue, name] = about;
        let seconds = start.elapsed().as_secs_f64();
        match messaging {
            Messaging::Process => return metric::PROCESS_DURATION.record(seconds, &about),
            Messaging::Send => metric::SENT_MESSAGES.add(1, &about),
            Messaging::Receive => metric::CONSUMED_MESSAGES.add(1, &about),
            Messaging::Settle => {}
        }
        let kind = (&attribute::OPERATION_TYPE, messaging.as_str());
        metric::OPERATION_DURATION.record(seconds, &[system, queue, name, kind]);
    }
}
