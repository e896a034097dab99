//! What mutants overlook: facts that hold trainings back (see [`Mutant`]).

use common::vocabulary::Trainable;

use crate::service::facts::ModelFacts;
use crate::service::runtime::Core;
use crate::service::runtime::fault::Mutant;

/// Takes from what is known what this coordinator is to overlook; a release overlooks nothing.
pub(crate) fn overlook(core: &Core, known: &mut [ModelFacts]) {
    for ModelFacts { facts, .. } in known {
        if core.fault.has(Mutant::ImpossibleTrained) {
            facts.ends_early = None;
            facts.trainable = Trainable { least: facts.rows, most: facts.rows };
        }
        if core.fault.has(Mutant::TriedForgotten) {
            facts.tried = None;
        }
        if core.fault.has(Mutant::RollbackForgotten) {
            facts.rolled_back = None;
        }
    }
}
