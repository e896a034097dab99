//! Trainings as they happen: the backlog, a bar for each running job, each verdict.

mod board;
mod screen;

use std::time::Duration;

use uuid::Uuid;

use self::board::{Board, News, Next};
use self::screen::Screen;
use super::client::{Client, EventStream};
use super::exit::{Code, Failure};
use super::output::Output;
use crate::views::{Event, EventFilter, JobView};

/// How often the jobs themselves are looked at: events make the view live, rows make it right.
const LOOK: Duration = Duration::from_secs(2);
/// Jobs looked at each time.
const AT_ONCE: usize = 50;

/// Shows these jobs until all have ended; returns them as they ended, in the order given.
///
/// # Errors
/// The coordinator does not answer any more, or a job is gone.
pub(crate) async fn until_ended(out: &Output, client: &Client, ids: &[Uuid]) -> Result<Vec<JobView>, Failure> {
    // Heard before the first look, so that nothing falls between them.
    let filter = EventFilter::about(ids, "job,progress");
    let mut events = Some(client.events(&filter).await?);
    let mut board = Board::new(ids);
    let mut screen = Screen::new(out);
    let mut news = Vec::new();
    for id in ids {
        news.extend(board.see(client.job(*id).await?));
    }
    let news = with_verdicts(client, &board, news).await;
    screen.line_of_jobs(&board);
    screen.show(&board, news);
    let mut look = tokio::time::interval(LOOK);
    while !board.is_done() {
        let news = tokio::select! {
            event = next(&mut events) => match event.map(|event| board.apply(event)) {
                Some(Next::Nothing) => continue,
                Some(Next::Show(news)) => vec![news],
                Some(Next::LookAt(id)) => look_at(client, &mut board, vec![id]).await?,
                Some(Next::LookAtAll) => look_again(client, &mut board).await?,
                None => { events = None; continue }
            },
            _ = look.tick() => {
                if events.is_none() {
                    events = client.events(&filter).await.ok();
                }
                look_again(client, &mut board).await?
            }
        };
        let news = with_verdicts(client, &board, news).await;
        screen.show(&board, news);
    }
    drop(screen);
    Ok(board.into_jobs())
}

/// The next event; without a connection there is none until the next look opens one.
async fn next(events: &mut Option<EventStream>) -> Option<Event> {
    match events {
        Some(stream) => stream.next().await,
        None => std::future::pending().await,
    }
}

async fn look_again(client: &Client, board: &mut Board) -> Result<Vec<News>, Failure> {
    let open = board.unended(AT_ONCE);
    look_at(client, board, open).await
}

async fn look_at(client: &Client, board: &mut Board, ids: Vec<Uuid>) -> Result<Vec<News>, Failure> {
    let mut news = Vec::new();
    for id in ids {
        match client.job(id).await {
            Ok(job) => news.extend(board.see(job)),
            Err(failure) if failure.code == Code::NotFound => return Err(failure),
            // It may come back: the stream has its own way to find out, and the next look asks again.
            Err(_) if board.forgive() => break,
            Err(failure) => return Err(failure),
        }
    }
    Ok(news)
}

/// The same, with the verdict before each end that led to one. What cannot be read now is said by the job itself.
async fn with_verdicts(client: &Client, board: &Board, news: Vec<News>) -> Vec<News> {
    let mut all = Vec::with_capacity(news.len());
    for item in news {
        if let News::Ended(id, _) = item
            && let Some((model, version)) = board.job(id).and_then(|job| job.model.as_ref().zip(job.version.as_ref()))
            && let Ok(version) = client.version(model, version).await
        {
            all.extend([News::Verdict(Box::new(version)), News::Ended(id, false)]);
        } else {
            all.push(item);
        }
    }
    all
}
