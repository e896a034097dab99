//! What comes in and goes out as a stream has limits: how many at a time, how large, how slow.

use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use common::settings::{Import, Settings};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, Sleep, sleep};

use crate::service::error::{Error, Result};

/// Seconds until somebody who came when there was no room comes again.
const COME_AGAIN: u64 = 5;
/// The streams that are under way.
#[derive(Debug)]
pub(crate) struct Transfers {
    imports: Arc<Semaphore>,
    downloads: Arc<Semaphore>,
    unpacker: Unpacker,
}

/// A permit for one stream, until it is dropped.
#[derive(Debug)]
pub(crate) struct TransferPermit(#[allow(dead_code, reason = "its end is what counts")] OwnedSemaphorePermit);

impl Transfers {
    /// None yet.
    pub(crate) fn new(settings: &Settings) -> Self {
        let permits = |most: u32| Arc::new(Semaphore::new(most as usize));
        Self {
            imports: permits(settings.import.at_once),
            downloads: permits(settings.predictions.downloads),
            unpacker: Unpacker::start(),
        }
    }

    /// A permit for a file that comes in.
    ///
    /// # Errors
    /// [`Error::Busy`]: there is none.
    pub(crate) fn import(&self) -> Result<TransferPermit> {
        permit(&self.imports, "as many files as may (`import.at_once`) are coming in")
    }

    /// A permit for an output that goes out.
    ///
    /// # Errors
    /// [`Error::Busy`]: there is none.
    pub(crate) fn download(&self) -> Result<TransferPermit> {
        permit(&self.downloads, "as many outputs as may (`predictions.downloads`) are being sent")
    }

    /// Unpacks something, after what others have asked for. None: it made the thread that does so panic, or there is none.
    pub(crate) async fn unpack<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (done, result) = oneshot::channel();
        let work = move || drop(done.send(work()));
        self.unpacker.0.send(Box::new(work)).ok()?;
        result.await.ok()
    }
}

/// What takes much memory for a moment is done on one thread: on many, each would keep what it has had.
#[derive(Debug)]
struct Unpacker(mpsc::Sender<Box<dyn FnOnce() + Send>>);

impl Unpacker {
    /// The thread ends with whoever asks it.
    fn start() -> Self {
        let (asked, work) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
        let thread = std::thread::Builder::new().name("unpacker".into()).spawn(move || {
            for work in work {
                let _whoever_asked_hears_nothing = std::panic::catch_unwind(AssertUnwindSafe(work));
            }
        });
        if let Err(error) = thread {
            tracing::error!(%error, "there is no thread to unpack outputs of batches");
        }
        Self(asked)
    }
}

fn permit(permits: &Arc<Semaphore>, reason: &str) -> Result<TransferPermit> {
    let busy = |_| Error::Busy { reason: reason.to_owned(), retry_after: COME_AGAIN };
    permits.clone().try_acquire_owned().map(TransferPermit).map_err(busy)
}

/// After this, a stream has a least rate: places are few, and whoever trickles would hold one for days.
const TIME_TO_START: Duration = Duration::from_mins(1);
/// That rate, from the beginning, in bytes a second.
const LEAST: f64 = 1024.0;

/// A stream that may have so many bytes, be silent for so long, and no slower than the least.
pub(crate) struct Limited<R> {
    source: R,
    since: Instant,
    left: u64,
    limits: Import,
    silence: Pin<Box<Sleep>>,
}

/// Why a stream was not read to its end.
#[derive(Debug, thiserror::Error)]
enum Excess {
    #[error("it has more than {mib} MiB (`import.max_size_mib`): import it in parts")]
    Large { mib: u64 },
    #[error("nothing came for {idle:?} (`import.idle`): send it again")]
    Silent { idle: Duration },
    #[error("{bytes} bytes came in {seconds} s, and 1 KiB a second is the least: write it into a file first")]
    Trickle { bytes: u64, seconds: u64 },
}

impl<R> Limited<R> {
    /// The stream within the limits of the settings.
    pub(crate) fn new(source: R, limits: &Import) -> Self {
        let left = limits.max_size_mib << 20;
        Self { source, since: Instant::now(), left, limits: limits.clone(), silence: Box::pin(sleep(limits.idle)) }
    }
}

impl<R> Limited<R> {
    fn trickles(&self) -> Option<Excess> {
        let (bytes, passed) = ((self.limits.max_size_mib << 20) - self.left, self.since.elapsed());
        let slow = passed > TIME_TO_START && (bytes as f64) < LEAST * passed.as_secs_f64();
        slow.then_some(Excess::Trickle { bytes, seconds: passed.as_secs() })
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Limited<R> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = out.filled().len();
        match Pin::new(&mut self.source).poll_read(context, out) {
            Poll::Ready(read) => {
                read?;
                let length = (out.filled().len() - before) as u64;
                let Some(left) = self.left.checked_sub(length) else {
                    // A read that fails has read nothing.
                    out.set_filled(before);
                    return Poll::Ready(Err(io::Error::other(Excess::Large { mib: self.limits.max_size_mib })));
                };
                self.left = left;
                if let Some(trickle) = self.trickles() {
                    out.set_filled(before);
                    return Poll::Ready(Err(io::Error::other(trickle)));
                }
                let idle = self.limits.idle;
                self.silence.as_mut().reset(Instant::now() + idle);
                Poll::Ready(Ok(()))
            }
            Poll::Pending => {
                ready!(self.silence.as_mut().poll(context));
                Poll::Ready(Err(io::Error::other(Excess::Silent { idle: self.limits.idle })))
            }
        }
    }
}

/// What a stream of rows that ended before its end means to whoever sent it.
pub(crate) fn broke_off(error: &io::Error) -> Error {
    match error.get_ref().and_then(|cause| cause.downcast_ref::<Excess>()) {
        Some(large @ Excess::Large { .. }) => Error::TooLarge { reason: format!("{large}; nothing was taken in") },
        Some(silent @ (Excess::Silent { .. } | Excess::Trickle { .. })) => {
            Error::TooSlow { reason: format!("{silent}; nothing was taken in") }
        }
        None => Error::invalid(format!("the rows broke off: {error}; nothing was taken in")),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    fn limits(mib: u64, idle: Duration) -> Import {
        Import { max_size_mib: mib, idle, ..Import::default() }
    }

    async fn read(source: impl AsyncRead + Unpin, limits: Import) -> std::result::Result<usize, Error> {
        let mut all = Vec::new();
        Limited::new(source, &limits).read_to_end(&mut all).await.map_err(|error| broke_off(&error))
    }

    #[tokio::test]
    async fn a_stream_has_a_size() {
        let minute = Duration::from_mins(1);
        assert_eq!(read(tokio::io::repeat(b'x').take(1 << 20), limits(1, minute)).await.unwrap(), 1 << 20);
        let refused = read(tokio::io::repeat(b'x'), limits(1, minute)).await.unwrap_err();
        assert!(matches!(&refused, Error::TooLarge { reason } if reason.contains("import.max_size_mib")), "{refused}");
    }

    #[tokio::test]
    async fn a_stream_that_falls_silent_is_given_up() {
        let (mut sender, receiver) = tokio::io::duplex(64);
        tokio::io::AsyncWriteExt::write_all(&mut sender, b"row").await.unwrap();
        let refused = read(receiver, limits(1, Duration::from_millis(20))).await.unwrap_err();
        assert!(matches!(&refused, Error::TooSlow { reason } if reason.contains("nothing came for 20ms")), "{refused}");
    }

    #[test]
    fn a_stream_has_a_least_rate_once_it_has_had_time_to_start() {
        let slow = |seconds: u64, bytes: u64| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut stream = Limited::new(tokio::io::empty(), &limits(16, Duration::from_mins(1)));
                stream.since = Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap();
                stream.left -= bytes;
                stream.trickles().is_some()
            })
        };
        assert!(!slow(50, 10), "it may only just begin");
        assert!(slow(100, 10) && slow(1000, 1_000_000) && !slow(1000, 1_100_000));
    }

    #[test]
    fn whoever_finds_no_place_is_told_when_to_come_again() {
        let mut settings = Settings::default();
        settings.import.at_once = 1;
        let transfers = Transfers::new(&settings);
        let permit = transfers.import().unwrap();
        let busy = transfers.import().unwrap_err();
        assert!(matches!(&busy, Error::Busy { retry_after: COME_AGAIN, .. }), "{busy}");
        drop(permit);
        transfers.import().unwrap();
    }
}
