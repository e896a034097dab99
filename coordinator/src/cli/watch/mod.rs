//! Trainings as they happen: the line, a bar for each running job, each verdict.

mod board;
mod screen;

use std::time::Duration;

use uuid::Uuid;

use self::board::Board;
use self::screen::Screen;
use super::client::{Client, EventStream};
use super::exit::{Code, Failure};
use super::output::Output;
use crate::views::JobView;

/// How often the jobs themselves are looked at: events make the view live, rows make it right.
const LOOK: Duration = Duration::from_secs(2);
/// Jobs looked at each time.
const AT_ONCE: usize = 50;

/// Shows these jobs until all have ended; returns them as they ended, in the order given.
///
/// `events` is opened before the jobs are asked for, so that their first steps are seen, too.
///
/// # Errors
/// The coordinator does not answer any more, or a job is gone.
pub(crate) async fn until_ended(
    out: &Output,
    client: &Client,
    events: EventStream,
    ids: &[Uuid],
) -> Result<Vec<JobView>, Failure> {
    let mut events = Some(events);
    let mut board = Board::new(ids);
    let mut screen = Screen::new(out);
    let mut news = Vec::new();
    for id in ids {
        news.extend(board.see(client.job(*id).await?));
    }
    screen.line_of_jobs(&board);
    screen.show(&board, news);
    let mut look = tokio::time::interval(LOOK);
    while !board.is_done() {
        let news = tokio::select! {
            event = next(&mut events) => match event {
                Some(event) => board.apply(event),
                None => { events = None; Vec::new() }
            },
            _ = look.tick() => {
                if events.is_none() {
                    events = client.events().await.ok();
                }
                look_again(client, &mut board).await?
            }
        };
        screen.show(&board, news);
    }
    screen.end();
    Ok(board.into_jobs())
}

/// The next event; without a connection there is none until the next look opens one.
async fn next(events: &mut Option<EventStream>) -> Option<crate::views::Event> {
    match events {
        Some(stream) => stream.next().await,
        None => std::future::pending().await,
    }
}

async fn look_again(client: &Client, board: &mut Board) -> Result<Vec<board::News>, Failure> {
    let mut news = Vec::new();
    for id in board.unended(AT_ONCE) {
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
