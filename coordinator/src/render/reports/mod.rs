//! Reports as documents, in the language of whoever reads.

mod incremental;
mod model;
mod parts;
mod period;
mod replay;
mod scheduler;

use super::Document;
use crate::views::{IncrementalReport, ModelReport, PeriodReport, ReplayView, SchedulerReport};

/// What can be put on paper.
pub(crate) trait Paper {
    /// The document.
    fn document(&self) -> Document;
}

impl Paper for IncrementalReport {
    fn document(&self) -> Document {
        incremental::document(self)
    }
}

impl Paper for SchedulerReport {
    fn document(&self) -> Document {
        scheduler::document(self)
    }
}

impl Paper for PeriodReport {
    fn document(&self) -> Document {
        period::document(self)
    }
}

impl Paper for ReplayView {
    fn document(&self) -> Document {
        replay::document(self)
    }
}

impl Paper for ModelReport {
    fn document(&self) -> Document {
        model::document(self)
    }
}
