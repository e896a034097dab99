//! Ctrl-C beside work that goes on without whoever watches it.

use uuid::Uuid;

use super::exit::{Code, Failure};
use super::process::Stop;
use super::text::counted;

/// Whoever watches may leave.
pub(crate) struct Leave(Stop);

impl Leave {
    /// Listens from here on: once the work has been asked for, and before that is said.
    ///
    /// # Errors
    /// Signals cannot be listened to.
    pub(crate) fn listen() -> Result<Self, Failure> {
        Stop::listen().map(Self)
    }

    /// What is waited for.
    ///
    /// # Errors
    /// Those of the wait; or somebody left: that these jobs go on, and how to see them.
    pub(crate) async fn unless<T>(
        mut self,
        jobs: &[Uuid],
        wait: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            done = wait => done,
            () = self.0.asked() => Err(left(jobs)),
        }
    }
}

fn left(jobs: &[Uuid]) -> Failure {
    let what = match jobs {
        [id] => {
            format!("not watched any more; the job goes on: `refit job {id}` shows it, `refit cancel {id}` ends it")
        }
        jobs => {
            let jobs = counted(jobs.len() as u64, "job");
            format!("not watched any more; {jobs} go on: `refit jobs` shows them, `refit cancel ID` ends one")
        }
    };
    Failure::new(Code::Interrupted, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_that_it_goes_on_and_how_to_see_it() {
        let ids = [1, 2].map(Uuid::from_u128);
        let one = left(&ids[..1]);
        assert_eq!((one.code as u8, one.to_string().lines().count()), (130, 1));
        assert!(one.what.contains(&format!("goes on: `refit job {}` shows it", ids[0])), "{one}");
        assert!(left(&ids).what.contains("2 jobs go on: `refit jobs` shows them"), "{}", left(&ids));
    }

    #[tokio::test]
    async fn what_is_done_is_done() {
        let done = Leave::listen().unwrap().unless(&[], async { Ok(7) }).await;
        assert_eq!(done.unwrap(), 7);
    }
}
