//! Many walks side by side; one that breaks something is made shorter, alone.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use proptest::strategy::{Strategy, ValueTree};

use crate::family::Family;
use crate::plan::{self, Step};
use crate::report::{Failure, Sum};
use crate::shared_installation::SharedInstallation;
use crate::walk::Walker;

/// A walk is not made shorter for longer than this.
const TIME_LIMIT: Duration = Duration::from_secs(240);

/// What to walk.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) seed: u64,
    /// The numbers of the walks.
    pub(crate) walks: std::ops::Range<u64>,
    pub(crate) steps: usize,
    /// Walks at a time.
    pub(crate) beside: usize,
    /// Only of this family; of each in turn, if none is named.
    pub(crate) family: Option<Family>,
    /// Whether a walk that breaks something is made shorter.
    pub(crate) shorten: bool,
    /// Checks whose findings are known already.
    pub(crate) known: Vec<String>,
}

/// A run under way.
struct Run<'a> {
    installation: &'a SharedInstallation,
    order: &'a Order,
    next: AtomicU64,
    /// Those who walk now.
    walking: AtomicUsize,
    stop: AtomicBool,
    sum: Mutex<Sum>,
}

/// Walks until all is done or something is broken.
pub(crate) fn run(installation: &SharedInstallation, order: &Order) -> Sum {
    let began = Instant::now();
    let run = Run {
        installation,
        order,
        next: AtomicU64::new(order.walks.start),
        walking: AtomicUsize::new(order.beside),
        stop: AtomicBool::new(false),
        sum: Mutex::default(),
    };
    std::thread::scope(|threads| {
        for _ in 0..order.beside {
            threads.spawn(|| run.walks());
        }
    });
    let mut sum = run.sum.into_inner().expect("no walker has panicked");
    sum.seconds = began.elapsed().as_secs_f64();
    sum
}

impl Run<'_> {
    fn walks(&self) {
        while !self.stop.load(Ordering::SeqCst) {
            let number = self.next.fetch_add(1, Ordering::SeqCst);
            if number >= self.order.walks.end {
                break;
            }
            self.one(number);
        }
        self.walking.fetch_sub(1, Ordering::SeqCst);
    }

    fn one(&self, number: u64) {
        let Order { seed, steps, family, .. } = self.order;
        let family = family.unwrap_or(Family::ALL[number as usize % Family::ALL.len()]);
        let mut tree = plan::walks(family, *steps)
            .new_tree(&mut plan::runner(*seed, number))
            .expect("steps are drawn without a condition");
        let (_, drawn, seen) = tree.current();
        let name = format!("w{number}");
        let Some(failure) = self.walk(&name, family, &drawn, seen.as_deref(), &self.stop) else { return };
        if self.stop.swap(true, Ordering::SeqCst) || !self.order.shorten {
            self.sum.lock().expect("no walker has panicked").failures.push((number, failure));
            return;
        }
        while self.walking.load(Ordering::SeqCst) > 1 {
            std::thread::park_timeout(Duration::from_millis(20));
        }
        let shortest = self.shorter(&name, family, &mut tree, failure);
        self.sum.lock().expect("no walker has panicked").failures.push((number, shortest));
    }

    /// Walks once, and gives what was broken.
    fn walk(
        &self,
        name: &str,
        family: Family,
        steps: &[Step],
        seen: Option<&AtomicUsize>,
        stop: &AtomicBool,
    ) -> Option<Failure> {
        let mut walker = Walker::new(self.installation, name, family);
        let ended = walker.walk(steps, seen, stop);
        {
            let mut sum = self.sum.lock().expect("no walker has panicked");
            sum.walks += 1;
            sum.steps += walker.journal.steps;
            sum.lines += walker.journal.len() as u64;
            sum.versions += walker.reference.models.iter().map(|model| model.versions.len() as u64).sum::<u64>();
        }
        let broken = ended.err()?;
        self.installation.mend();
        println!("{name}: {broken}");
        let (drawn, lines) = (format!("{steps:?}"), walker.journal.shell());
        Some(Failure { broken, drawn, lines, steps: steps.len(), replays: 0 })
    }

    /// Leaves out step after step, as long as the same check finds something.
    fn shorter<T>(&self, name: &str, family: Family, tree: &mut T, first: Failure) -> Failure
    where
        T: ValueTree<Value = plan::Walk>,
    {
        let (never, end) = (AtomicBool::new(false), Instant::now() + TIME_LIMIT);
        let (mut best, mut replays) = (first, 0);
        while Instant::now() < end && tree.simplify() {
            loop {
                let (_, steps, _) = tree.current();
                if format!("{steps:?}") == best.drawn {
                    break;
                }
                replays += 1;
                let again = self.walk(&format!("{name}-{replays}"), family, &steps, None, &never);
                if let Some(found) = again.filter(|found| found.broken.check == best.broken.check) {
                    best = found;
                    break;
                }
                if Instant::now() > end || !tree.complicate() {
                    break;
                }
            }
        }
        Failure { replays, ..best }
    }
}
