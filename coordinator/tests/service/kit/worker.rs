//! A worker that does what it is told: its heartbeats run by themselves, everything else is a call.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::drift::InputDrift;
use common::ports::{Consumer, Cursor, Mailbox};
use common::vocabulary::{ClaimId, FailureClass, Pool, Seal, WorkerId};
use common::wire::codec::{self, Limits};
use common::wire::{
    CheckpointRef, Claim, DeviceState, Doorbell, Finished, Grant, Hardware, Heartbeat, Held, Outcome, ToCoordinator,
    ToWorker,
};
use coordinator::service::Ports;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::artifact::{self, LossOf, Quality};

/// How often it says that it lives.
pub(crate) const BEAT: Duration = Duration::from_millis(100);
/// What does not come by then never will.
const LIMIT: Duration = Duration::from_secs(20);

/// What its heartbeats say.
#[derive(Default)]
struct State {
    sequence: u64,
    held: Vec<Held>,
    finished: Vec<Finished>,
    dead: Vec<WorkerId>,
}

/// The answer to a claim.
#[derive(Debug)]
pub(crate) enum ClaimAnswer {
    Granted(Box<Grant>),
    Refused(String),
}

impl ClaimAnswer {
    pub(crate) fn grant(self) -> Grant {
        match self {
            Self::Granted(grant) => *grant,
            Self::Refused(reason) => panic!("refused: {reason}"),
        }
    }
}

pub(crate) struct Worker {
    pub(crate) id: WorkerId,
    ports: Ports,
    pool: Pool,
    slots: u32,
    devices: Vec<DeviceState>,
    state: Arc<Mutex<State>>,
    consumer: Box<dyn Consumer>,
    cursor: Cursor,
    beating: JoinHandle<()>,
    /// What its monitorings say of the inputs.
    pub(crate) inputs: Option<InputDrift>,
}

impl Worker {
    pub(crate) async fn start(ports: &Ports, slots: u32) -> Self {
        Self::of_pool(ports, Pool::cpu(), slots).await
    }

    pub(crate) async fn of_pool(ports: &Ports, pool: Pool, slots: u32) -> Self {
        Self::with_devices(ports, pool, slots, &[]).await
    }

    /// One of a slot that has found others dead when it started.
    pub(crate) async fn after(ports: &Ports, dead: Vec<WorkerId>) -> Self {
        let state = State { dead, ..State::default() };
        Self::begin(ports, Pool::cpu(), 1, &[], state).await
    }

    /// One that says what it trains on: `cpu`, `cuda:0`.
    pub(crate) async fn with_devices(ports: &Ports, pool: Pool, slots: u32, devices: &[&str]) -> Self {
        Self::begin(ports, pool, slots, devices, State::default()).await
    }

    async fn begin(ports: &Ports, pool: Pool, slots: u32, devices: &[&str], state: State) -> Self {
        let device = |name: &&str| DeviceState {
            device: (*name).to_owned(),
            name: (*name).to_owned(),
            memory: None,
            memory_used: None,
            utilisation: None,
        };
        let devices: Vec<DeviceState> = devices.iter().map(device).collect();
        let id = WorkerId::new_v4();
        let state = Arc::new(Mutex::new(state));
        let consumer = ports.queue.consume(std::slice::from_ref(&pool)).await.unwrap();
        let beating = tokio::spawn(beat(ports.clone(), (id, pool.clone()), slots, devices.clone(), state.clone()));
        let (ports, cursor) = (ports.clone(), Cursor::default());
        Self { id, ports, pool, slots, devices, state, consumer, cursor, beating, inputs: None }
    }

    /// Its supervisor is gone: no more heartbeats. What it does afterwards, a partitioned worker could do.
    pub(crate) fn fall_silent(&self) {
        self.beating.abort();
    }

    /// It speaks again.
    pub(crate) fn speak_again(&mut self) {
        self.beating = tokio::spawn(beat(
            self.ports.clone(),
            (self.id, self.pool.clone()),
            self.slots,
            self.devices.clone(),
            self.state.clone(),
        ));
    }

    /// The next doorbells: a batch of them.
    pub(crate) async fn doorbells(&mut self) -> Vec<Doorbell> {
        let delivery = timeout(LIMIT, self.consumer.next()).await.expect("a strip").unwrap();
        self.consumer.ack(&delivery).await.unwrap();
        delivery.doorbells
    }

    /// The next doorbells, if there are any within this time.
    #[allow(dead_code, reason = "for suites that go on by themselves")]
    pub(crate) async fn doorbells_within(&mut self, limit: Duration) -> Vec<Doorbell> {
        let Ok(delivery) = timeout(limit, self.consumer.next()).await else { return Vec::new() };
        let delivery = delivery.unwrap();
        self.consumer.ack(&delivery).await.unwrap();
        delivery.doorbells
    }

    /// Claims a batch in one message; the grants come in one message, too.
    pub(crate) async fn take_batch(&mut self) -> Vec<Claim> {
        loop {
            let claims: Vec<Claim> = self.doorbells().await.into_iter().map(|bell| self.claim_of(bell)).collect();
            self.say(&ToCoordinator::Claim { claims: claims.clone() }).await;
            claims.iter().for_each(|claim| self.hold(*claim, None));
            let answer = self.receive(|message| match message {
                ToWorker::Grant { grants } => Some(grants.iter().map(|grant| grant.claim).collect()),
                // On a slow machine it has been rung again meanwhile.
                ToWorker::Refuse { claim, .. } if claim == claims[0].claim => Some(Vec::new()),
                _ => None,
            });
            let granted: Vec<Claim> = timeout(LIMIT, answer).await.expect("grants");
            if granted.is_empty() {
                claims.iter().for_each(|claim| self.forget(*claim));
                continue;
            }
            assert_eq!(granted, claims);
            return claims;
        }
    }

    /// Tells the ends of claims in one message, and waits until they are confirmed.
    pub(crate) async fn done(&mut self, claims: &[Claim]) {
        let end = |claim: &Claim| Finished { claim: *claim, outcome: Outcome::Done, checkpoint: None, seconds: 0.1 };
        let ends: Vec<Finished> = claims.iter().map(end).collect();
        {
            let mut state = self.state.lock().unwrap();
            state.held.retain(|held| !claims.contains(&held.claim));
            state.finished.extend(ends.clone());
        }
        self.say(&ToCoordinator::Finished { ends }).await;
        for claim in claims {
            self.confirmed(*claim).await;
        }
    }

    /// The next doorbell.
    pub(crate) async fn doorbell(&mut self) -> Doorbell {
        self.doorbell_within(LIMIT).await.expect("a doorbell")
    }

    pub(crate) async fn doorbell_within(&mut self, limit: Duration) -> Option<Doorbell> {
        let delivery = timeout(limit, self.consumer.next()).await.ok()?.unwrap();
        self.consumer.ack(&delivery).await.unwrap();
        {
            let [doorbell] = delivery.doorbells[..] else { panic!("a strip: {delivery:?}") };
            Some(doorbell)
        }
    }

    /// A claim for a doorbell, not sent yet.
    pub(crate) fn claim_of(&self, doorbell: Doorbell) -> Claim {
        Claim { job: doorbell.job, attempt: doorbell.attempt, claim: ClaimId::new_v4(), worker: self.id }
    }

    /// Claims, again and again until answered. Its heartbeats name the claim from then on: a test that hears of a grant late, on a
    /// busy machine, must not look like a worker that knows nothing of it.
    pub(crate) async fn claim(&mut self, claim: Claim) -> ClaimAnswer {
        for _ in 0..20 {
            self.say(&ToCoordinator::Claim { claims: vec![claim] }).await;
            self.hold(claim, None);
            let answer = self.receive(|message| match message {
                ToWorker::Grant { grants } => grants
                    .into_iter()
                    .find(|grant| grant.claim == claim)
                    .map(|grant| ClaimAnswer::Granted(Box::new(grant))),
                ToWorker::Refuse { claim: refused, reason } if refused == claim.claim => {
                    Some(ClaimAnswer::Refused(reason))
                }
                _ => None,
            });
            if let Ok(answer) = timeout(Duration::from_secs(1), answer).await {
                if matches!(answer, ClaimAnswer::Refused(_)) {
                    self.forget(claim);
                }
                return answer;
            }
        }
        panic!("the claim was never answered");
    }

    /// Takes the next job, whole. On a slow machine it has been rung again before it is claimed: then the next doorbell counts.
    pub(crate) async fn take(&mut self) -> Grant {
        loop {
            let doorbell = self.doorbell().await;
            let claim = self.claim_of(doorbell);
            match self.claim(claim).await {
                ClaimAnswer::Granted(grant) => return *grant,
                ClaimAnswer::Refused(_) => {}
            }
        }
    }

    pub(crate) async fn decline(&mut self, doorbell: Doorbell) {
        self.say(&ToCoordinator::Declined { claims: vec![self.claim_of(doorbell)], reason: None }).await;
    }

    /// Declines a claim, whether it has been granted by now or not. Its heartbeats are none the wiser.
    pub(crate) async fn give_up(&mut self, claim: Claim) {
        self.say(&ToCoordinator::Declined { claims: vec![claim], reason: None }).await;
    }

    /// Turns down what it was granted, as one of an earlier release does that does not know such jobs.
    pub(crate) async fn turn_down(&mut self, claim: Claim, reason: &str) {
        self.forget(claim);
        self.say(&ToCoordinator::Declined { claims: vec![claim], reason: Some(reason.into()) }).await;
    }

    /// Says farewell, with what it still holds in hand, and nothing after that.
    pub(crate) async fn farewell(&mut self) {
        self.beating.abort();
        let (pool, devices) = (self.pool.clone(), self.devices.clone());
        let last = heartbeat((self.id, pool), self.slots, devices, &mut self.state.lock().unwrap());
        let last = Heartbeat { sequence: u64::MAX / 2, free: 0, draining: true, gone: true, ..last };
        self.say(&ToCoordinator::Heartbeat(last)).await;
    }

    /// Says in its heartbeats that the store does not take the result of a claim.
    pub(crate) fn wait_for_the_store(&self, claim: Claim, why: &str) {
        let mut state = self.state.lock().unwrap();
        for held in state.held.iter_mut().filter(|held| held.claim == claim) {
            held.refused = Some(why.to_owned());
        }
    }

    /// Says in its heartbeats that it holds a claim, with a checkpoint.
    pub(crate) fn hold(&self, claim: Claim, checkpoint: Option<CheckpointRef>) {
        let mut state = self.state.lock().unwrap();
        state.held.retain(|held| held.claim != claim);
        let step = checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.step);
        state.held.push(Held { claim, step, checkpoint, refused: None });
    }

    /// Forgets a claim without a word.
    pub(crate) fn forget(&self, claim: Claim) {
        self.state.lock().unwrap().held.retain(|held| held.claim != claim);
    }

    /// Uploads a result, and seals it. What the seal met.
    pub(crate) async fn seal(&mut self, grant: &Grant, quality: Quality) -> common::ports::Created {
        let device = self.devices.first().map_or("cpu", |first| first.device.as_str());
        let store = self.ports.store.as_ref();
        let manifest = artifact::upload_from(store, device, grant, quality, self.inputs.as_ref()).await;
        let Claim { job, attempt, claim, .. } = grant.claim;
        let seal = serde_json::to_vec(&Seal::Result { claim, manifest }).unwrap();
        self.ports.store.create(&common::ports::StoreKey::seal(job, attempt), seal.into()).await.unwrap()
    }

    /// Does a job from grant to confirmation, with losses as somebody draws them.
    #[allow(dead_code, reason = "for suites that draw losses of their own")]
    pub(crate) async fn finish_with(&mut self, grant: &Grant, loss: LossOf<'_>) {
        let manifest = artifact::upload_with(self.ports.store.as_ref(), "cpu", grant, loss, None).await;
        let Claim { job, attempt, claim, .. } = grant.claim;
        let seal = serde_json::to_vec(&Seal::Result { claim, manifest }).unwrap();
        self.ports.store.create(&common::ports::StoreKey::seal(job, attempt), seal.into()).await.unwrap();
        self.announce(grant.claim, Outcome::Sealed).await;
        self.confirmed(grant.claim).await;
    }

    /// Announces an end, and repeats it in its heartbeats until it is confirmed.
    pub(crate) async fn announce(&mut self, claim: Claim, outcome: Outcome) {
        self.end(Finished { claim, outcome, checkpoint: None, seconds: 1.0 }).await;
    }

    async fn end(&mut self, finished: Finished) {
        let claim = finished.claim;
        {
            let mut state = self.state.lock().unwrap();
            state.held.retain(|held| held.claim != claim);
            state.finished.push(finished.clone());
        }
        self.say(&ToCoordinator::Finished { ends: vec![finished] }).await;
    }

    /// Waits until the end of a claim is confirmed.
    pub(crate) async fn confirmed(&mut self, claim: Claim) {
        let confirmed = self.receive(|message| {
            matches!(message, ToWorker::Recorded { claims } if claims.contains(&claim.claim)).then_some(())
        });
        timeout(LIMIT, confirmed).await.expect("a confirmation");
        self.state.lock().unwrap().finished.retain(|finished| finished.claim != claim);
    }

    /// Waits until it is told to stop a claim.
    pub(crate) async fn told_to_stop(&mut self, claim: Claim) {
        let stop = self.receive(|message| {
            matches!(message, ToWorker::Stop { claim: stopped, .. } if stopped == claim.claim).then_some(())
        });
        timeout(LIMIT, stop).await.expect("a stop");
    }

    /// Waits until it is asked to give a claim back; the reason.
    pub(crate) async fn told_to_release(&mut self, claim: Claim) -> String {
        let release = self.receive(|message| match message {
            ToWorker::Release { claim: wanted, reason } if wanted == claim.claim => Some(reason),
            _ => None,
        });
        timeout(LIMIT, release).await.expect("a release")
    }

    /// Waits until it is asked to drain.
    pub(crate) async fn told_to_drain(&mut self) {
        let drain = self.receive(|message| matches!(message, ToWorker::Drain).then_some(()));
        timeout(LIMIT, drain).await.expect("a drain");
    }

    /// Gives a claim back, with a checkpoint at this step.
    pub(crate) async fn give_back(&mut self, claim: Claim, step: u64) -> CheckpointRef {
        let sha256 = common::vocabulary::ContentHash::of(b"checkpoint");
        let checkpoint = CheckpointRef { key: format!("jobs/c{step}"), sha256, step };
        self.fail_with(claim, FailureClass::Released, Some(checkpoint.clone())).await;
        checkpoint
    }

    /// Does a job from grant to confirmation.
    pub(crate) async fn finish(&mut self, grant: &Grant, quality: Quality) {
        self.seal(grant, quality).await;
        self.announce(grant.claim, Outcome::Sealed).await;
        self.confirmed(grant.claim).await;
    }

    pub(crate) async fn fail(&mut self, claim: Claim, class: FailureClass) {
        self.fail_with(claim, class, None).await;
    }

    pub(crate) async fn fail_with(&mut self, claim: Claim, class: FailureClass, checkpoint: Option<CheckpointRef>) {
        let outcome = Outcome::Failed { class, message: "as told".into() };
        self.end(Finished { claim, outcome, checkpoint, seconds: 1.0 }).await;
        self.confirmed(claim).await;
    }

    async fn say(&mut self, message: &ToCoordinator) {
        self.ports.bus.post(Mailbox::Coordinator, codec::encode(message).unwrap()).await.unwrap();
    }

    async fn receive<T>(&mut self, mut wanted: impl FnMut(ToWorker) -> Option<T>) -> T {
        loop {
            let wait = Duration::from_millis(200);
            let posted = self.ports.bus.read(Mailbox::Worker(self.id), self.cursor, 1, wait).await.unwrap();
            for message in posted {
                self.cursor = message.cursor;
                if let Some(found) = wanted(codec::decode(&message.body, Limits::default()).unwrap()) {
                    return found;
                }
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.beating.abort();
    }
}

async fn beat(
    ports: Ports,
    (worker, pool): (WorkerId, Pool),
    slots: u32,
    devices: Vec<DeviceState>,
    state: Arc<Mutex<State>>,
) {
    loop {
        let heartbeat = heartbeat((worker, pool.clone()), slots, devices.clone(), &mut state.lock().unwrap());
        let message = codec::encode(&ToCoordinator::Heartbeat(heartbeat)).unwrap();
        let _bus_may_be_gone = ports.bus.post(Mailbox::Coordinator, message).await;
        tokio::time::sleep(BEAT).await;
    }
}

fn heartbeat((worker, pool): (WorkerId, Pool), slots: u32, devices: Vec<DeviceState>, state: &mut State) -> Heartbeat {
    state.sequence += 1;
    Heartbeat {
        worker,
        sequence: state.sequence,
        host: "test".into(),
        pid: 1,
        pools: vec![pool],
        slots,
        free: slots.saturating_sub(state.held.len() as u32),
        draining: false,
        gone: false,
        devices: vec!["cpu".into()],
        hardware: Hardware { devices, note: String::new() },
        memory: 0,
        version: "0".into(),
        troubles: vec![],
        held: state.held.clone(),
        finished: state.finished.clone(),
        dead: state.dead.clone(),
    }
}
