//! Everything in a job is of one model and its family. A part of another would be opened as what it is not, so whoever carries a
//! job out asks here which family it is of, and a job that is of two is refused by name before anything is opened.

use super::{ArtifactRef, Contestants, EvaluateSpec, Family, JobSpec, ModelKey, PredictSpec, Subject, TrainSpec};

/// A job holds a part of another model or family. Refit mixed them up: no rows and no person can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{part} of this job is {found}, which has no place in a job of {model}: Refit mixed two models up, please report it"
)]
pub struct AlienPart {
    /// Whose job it is.
    pub model: ModelKey,
    /// The part.
    pub part: &'static str,
    /// What it is: a version by name, or something of a family.
    pub found: String,
}

impl JobSpec {
    /// Whether each of its parts is of the model, and the family, that it is about.
    ///
    /// # Errors
    /// The first part that is of another.
    pub fn agrees(&self) -> Result<(), AlienPart> {
        match self {
            Self::Train(spec) => spec.family().map(drop),
            Self::Trial(spec) => spec.training().family().map(drop),
            Self::Evaluate(spec) => spec.family().map(drop),
            Self::Monitor(spec) => spec.subjects.iter().try_for_each(|subject| subject.family().map(drop)),
            Self::Predict(spec) => spec.family().map(drop),
            Self::Probe(_) => Ok(()),
        }
    }
}

impl TrainSpec {
    /// The family that all of it is of.
    ///
    /// # Errors
    /// The first part that is of another family, or of another model.
    pub fn family(&self) -> Result<Family, AlienPart> {
        let job = Agreement::of(&self.model)?;
        job.kind("the snapshot", self.snapshot.family())?;
        job.kind("the hyper-parameters", self.hyper.family())?;
        job.version("the parent", self.parent.as_ref())?;
        job.contestants(&self.contestants)
    }
}

impl EvaluateSpec {
    /// The family that all of it is of.
    ///
    /// # Errors
    /// As [`TrainSpec::family`].
    pub fn family(&self) -> Result<Family, AlienPart> {
        let job = Agreement::of(&self.model)?;
        job.kind("the snapshot", self.snapshot.family())?;
        job.version("the challenger", Some(&self.challenger))?;
        job.contestants(&self.contestants)
    }
}

impl Subject {
    /// The family that all of it is of.
    ///
    /// # Errors
    /// As [`TrainSpec::family`].
    pub fn family(&self) -> Result<Family, AlienPart> {
        let job = Agreement::of(&self.model)?;
        job.kind("the snapshot", self.snapshot.family())?;
        job.version("the live version", Some(&self.live))?;
        job.version("the version before", self.shadow.as_ref())?;
        Ok(job.family)
    }
}

impl PredictSpec {
    /// The family that all of it is of.
    ///
    /// # Errors
    /// As [`TrainSpec::family`].
    pub fn family(&self) -> Result<Family, AlienPart> {
        let job = Agreement::of(&self.model)?;
        job.kind("the reading", self.reading.family())?;
        job.version("the version", Some(&self.artifact))?;
        Ok(job.family)
    }
}

/// The model of a job, and its family: what every part has to agree with.
struct Agreement<'a> {
    model: &'a ModelKey,
    family: Family,
}

impl<'a> Agreement<'a> {
    fn of(model: &'a ModelKey) -> Result<Self, AlienPart> {
        let unknown = || AlienPart { model: model.clone(), part: "the model", found: "of no family".into() };
        Ok(Self { model, family: model.family().ok_or_else(unknown)? })
    }

    fn kind(&self, part: &'static str, found: Family) -> Result<(), AlienPart> {
        if found == self.family { Ok(()) } else { Err(self.alien(part, format!("of a {found}"))) }
    }

    fn version(&self, part: &'static str, found: Option<&ArtifactRef>) -> Result<(), AlienPart> {
        self.version_of(Some(self.model), part, found)
    }

    /// A version of this very model. What was recorded before versions said whose they are, is told apart when it is opened.
    fn version_of(
        &self,
        model: Option<&ModelKey>,
        part: &'static str,
        found: Option<&ArtifactRef>,
    ) -> Result<(), AlienPart> {
        match found {
            None => Ok(()),
            Some(found) if model.is_some_and(|model| found.model.as_ref().is_none_or(|of| of == model)) => Ok(()),
            Some(found) => {
                let whose = found.model.as_ref().map_or_else(|| "of another model".into(), ModelKey::to_string);
                Err(self.alien(part, format!("{} {whose}", found.version)))
            }
        }
    }

    fn contestants(&self, contestants: &Contestants) -> Result<Family, AlienPart> {
        self.version("the champion", contestants.champion.as_ref())?;
        let universal = self.family.universal().filter(|universal| universal != self.model);
        self.version_of(universal.as_ref(), "the universal contestant", contestants.universal.as_ref())?;
        Ok(self.family)
    }

    fn alien(&self, part: &'static str, found: String) -> AlienPart {
        AlienPart { model: self.model.clone(), part, found }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ContentHash, Hyper, Mode, Reading, Snapshot, SplitPolicy};
    use super::*;

    fn version(of: &str) -> ArtifactRef {
        ArtifactRef {
            model: Some(of.parse().unwrap()),
            version: "v1.0".parse().unwrap(),
            prefix: "jobs/a".into(),
            manifest: ContentHash::of(b"manifest"),
            seen_through: Default::default(),
        }
    }

    fn snapshot(family: Family) -> Snapshot {
        let through = Default::default();
        let (dataset, parts) = ("rows".parse().unwrap(), vec![]);
        let reading = match family {
            Family::Forecaster => return Snapshot::Bars { symbols: vec!["AAPL".parse().unwrap()], parts: vec![] },
            Family::Recommender | Family::Text => Reading::of(family).unwrap(),
            Family::Tabular => Reading::Records(super::super::records::preset("attrition").unwrap().schema),
        };
        Snapshot::Table { dataset, reading, parts, through }
    }

    fn train(family: Family) -> TrainSpec {
        let model: ModelKey = format!("{family}/own").parse().unwrap();
        TrainSpec {
            snapshot: snapshot(family),
            hyper: Hyper::of(family),
            mode: Mode::Incremental,
            split: SplitPolicy::default(),
            parent: Some(version(model.as_str())),
            contestants: Contestants { champion: Some(version(model.as_str())), universal: None },
            yardstick: false,
            reproduces: None,
            model,
        }
    }

    fn refusal(spec: &TrainSpec) -> (&'static str, String) {
        let alien = spec.family().unwrap_err();
        (alien.part, alien.found)
    }

    /// Each part in turn is of another family than the rest, for every pair of families.
    #[test]
    fn a_part_of_another_family_is_refused_by_name() {
        for family in Family::ALL.iter().copied() {
            assert_eq!(train(family).family(), Ok(family));
            for other in Family::ALL.iter().copied().filter(|other| *other != family) {
                let alien = train(other);
                let of_other = |part| (part, format!("of a {other}"));
                let other_version = |part| (part, format!("v1.0 {other}/own"));
                let with = |change: &dyn Fn(&mut TrainSpec)| {
                    let mut spec = train(family);
                    change(&mut spec);
                    refusal(&spec)
                };
                assert_eq!(with(&|spec| spec.snapshot = alien.snapshot.clone()), of_other("the snapshot"));
                assert_eq!(with(&|spec| spec.hyper = alien.hyper.clone()), of_other("the hyper-parameters"));
                assert_eq!(with(&|spec| spec.parent = alien.parent.clone()), other_version("the parent"));
                let champion = alien.contestants.champion.clone();
                let found = with(&|spec| spec.contestants.champion = champion.clone());
                assert_eq!(found, other_version("the champion"));
                assert_eq!(
                    refusal(&TrainSpec { model: alien.model.clone(), ..train(family) }).0,
                    "the snapshot",
                    "the model is what everything else is compared with"
                );
            }
        }
    }

    /// A universal contestant there can only be for a family that has a universal model, and for that one itself there is none.
    #[test]
    fn the_universal_contestant_is_of_the_family() {
        let universal = ModelKey::universal_forecaster();
        for family in Family::ALL.iter().copied() {
            let mut spec = train(family);
            spec.contestants.universal = Some(version(universal.as_str()));
            match family {
                Family::Forecaster => assert_eq!(spec.family(), Ok(family)),
                Family::Recommender | Family::Text | Family::Tabular => {
                    let expected = ("the universal contestant", "v1.0 forecaster/universal".to_owned());
                    assert_eq!(refusal(&spec), expected);
                    // As an earlier release recorded it: without a word of whose version it is.
                    spec.contestants.universal.as_mut().unwrap().model = None;
                    assert_eq!(refusal(&spec), ("the universal contestant", "v1.0 of another model".into()));
                }
            }
        }
        let mut own = train(Family::Forecaster);
        (own.model, own.parent) = (universal.clone(), None);
        own.contestants = Contestants { champion: None, universal: Some(version(universal.as_str())) };
        assert_eq!(refusal(&own).0, "the universal contestant");
    }

    #[test]
    fn what_an_earlier_release_recorded_is_read() {
        let recorded = serde_json::json!({
            "version": "v1.0", "prefix": "jobs/a", "manifest": ContentHash::of(b"manifest"), "seen_through": "2024-06-28",
        });
        let artifact: ArtifactRef = serde_json::from_value(recorded.clone()).unwrap();
        assert_eq!(artifact.model, None);
        assert_eq!(serde_json::to_value(&artifact).unwrap(), recorded, "and written as it was");
        assert_eq!(TrainSpec { parent: Some(artifact), ..train(Family::Text) }.family(), Ok(Family::Text));
    }
}
