//! The span of a training, with its epochs as events. Told here and not in the child, which stays lean.

use common::telemetry::Span;
use common::telemetry::table::{attribute, span};
use common::vocabulary::{CurvePoint, JobSpec};

use crate::executor::Report;
use crate::failure::Failure;

/// Follows the reports of one training.
#[derive(Debug)]
pub(super) struct Epochs {
    span: Span,
    /// Points of the curve that are told, or were told by the attempt this one goes on from.
    reported: Option<usize>,
}

impl Epochs {
    /// A training begins, anew or from a checkpoint.
    pub(super) fn begin(spec: &JobSpec, resumes: bool) -> Self {
        let mut draft = span::TRAIN.here().text(&attribute::KIND, spec.kind());
        match spec {
            JobSpec::Train(spec) => draft = draft.text(&attribute::MODEL, &spec.model),
            JobSpec::Trial(spec) => draft = draft.text(&attribute::MODEL, &spec.model),
            JobSpec::Evaluate(spec) => draft = draft.text(&attribute::MODEL, &spec.model),
            JobSpec::Predict(spec) => draft = draft.text(&attribute::MODEL, &spec.model),
            JobSpec::Monitor(_) | JobSpec::Probe(_) => {}
        }
        Self { span: draft.begin(), reported: (!resumes).then_some(0) }
    }

    /// The executor reported.
    pub(super) fn saw(&mut self, report: &Report) {
        let reported = *self.reported.get_or_insert(report.curve.len());
        for CurvePoint { epoch, train_loss, validation_loss } in report.curve.iter().skip(reported) {
            let losses = [(&attribute::TRAIN_LOSS, *train_loss), (&attribute::VALIDATION_LOSS, *validation_loss)];
            self.span.event("epoch", &[(&attribute::EPOCH, f64::from(*epoch)), losses[0], losses[1]]);
        }
        self.reported = Some(report.curve.len());
    }

    /// It ended.
    pub(super) fn end(self, result: &Result<(), Failure>) {
        if let Err(failure) = result {
            self.span.failed(failure);
        }
    }
}
