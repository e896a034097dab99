//! What happened in a moment: gathered, merged, and written once for all who listen.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{BufMut, Bytes, BytesMut};
use uuid::Uuid;

use crate::views::Event;

/// Events of one round at most; what is beyond that is left out, and that is said.
const MOST: usize = 16_384;
/// Text is handed out in pieces of about so many bytes: what a reader that stands still can hold.
const PIECE: usize = 64 * 1024;

/// What a later event is newer about than an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    Job(Uuid),
    Progress(Uuid),
}

impl Subject {
    /// What an event is the latest about; events that each count are about nothing of the kind.
    pub(super) fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Job(job) => Some(Self::Job(job.job)),
            Event::Progress { job, .. } => Some(Self::Progress(*job)),
            Event::Verdict(_)
            | Event::Alert(_)
            | Event::Decision { .. }
            | Event::Import(_)
            | Event::Rows(_)
            | Event::Missed => None,
        }
    }
}

/// A round that goes on: the latest of each subject, in the order in which that was told.
#[derive(Debug, Default)]
pub(super) struct Open {
    pending: Vec<Option<Event>>,
    indices: HashMap<Subject, usize>,
    left_out: bool,
}

impl Open {
    /// Takes in an event; whether it is the first.
    pub(super) fn push(&mut self, event: Event) -> bool {
        let is_first = self.pending.is_empty();
        if let Some(subject) = Subject::of(&event)
            && let Some(index) = self.indices.insert(subject, self.pending.len())
        {
            self.pending[index] = None;
        }
        self.pending.push(Some(event));
        if self.pending.len() >= 2 * MOST {
            self.close_up();
        }
        is_first
    }

    /// Forgets the places of what was merged away, and the oldest beyond what a round holds.
    fn close_up(&mut self) {
        let mut pending: Vec<Option<Event>> = self.pending.drain(..).filter(Option::is_some).collect();
        let beyond = pending.len().saturating_sub(MOST);
        self.left_out |= beyond > 0;
        pending.drain(..beyond);
        let subjects =
            pending.iter().enumerate().filter_map(|(index, event)| Some((Subject::of(event.as_ref()?)?, index)));
        self.indices = subjects.collect();
        self.pending = pending;
    }

    /// Ends it: what was told, oldest first.
    pub(super) fn end(mut self) -> Vec<Event> {
        self.close_up();
        let missed = self.left_out.then_some(Event::Missed);
        missed.into_iter().chain(self.pending.into_iter().flatten()).collect()
    }
}

/// A round that has ended.
#[derive(Debug)]
pub(super) struct Round {
    /// What happened.
    pub(super) entries: Vec<EventEntry>,
    /// The same as text, and the round's id behind it.
    pub(super) pieces: Vec<Bytes>,
}

/// An event, and how it is written.
#[derive(Debug)]
pub(super) struct EventEntry {
    pub(super) event: Event,
    pub(super) text: Bytes,
    superseded: AtomicBool,
}

impl Round {
    /// Writes events as they are sent, once.
    pub(super) fn new(events: Vec<Event>, id: &str) -> Self {
        let mut round = Self { entries: Vec::with_capacity(events.len()), pieces: Vec::new() };
        let (mut piece, mut written) = (BytesMut::new(), Vec::new());
        for event in events {
            let begin = piece.len();
            if write(&mut piece, &event) {
                written.push((event, begin..piece.len()));
            }
            if piece.len() >= PIECE {
                round.add(std::mem::take(&mut piece), &mut written);
            }
        }
        piece.put_slice(identify(id).as_bytes());
        round.add(piece, &mut written);
        round
    }

    fn add(&mut self, piece: BytesMut, written: &mut Vec<(Event, Range<usize>)>) {
        let piece = piece.freeze();
        self.entries.extend(written.drain(..).map(|(event, range)| EventEntry {
            event,
            text: piece.slice(range),
            superseded: AtomicBool::new(false),
        }));
        self.pieces.push(piece);
    }
}

impl EventEntry {
    /// A later round holds something newer about the same.
    pub(super) fn supersede(&self) {
        self.superseded.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_superseded(&self) -> bool {
        self.superseded.load(Ordering::Relaxed)
    }
}

/// An event as server-sent events have it; whether it could be written.
fn write(to: &mut BytesMut, event: &Event) -> bool {
    let begin = to.len();
    to.put_slice(b"event: ");
    to.put_slice(event.kind().as_str().as_bytes());
    to.put_slice(b"\ndata: ");
    let mut writer = (&mut *to).writer();
    // JSON has no line break of its own, so that the data are one line.
    if let Err(error) = serde_json::to_writer(&mut writer, event) {
        tracing::warn!(%error, kind = event.kind().as_str(), "an event cannot be written");
        to.truncate(begin);
        return false;
    }
    to.put_slice(b"\n\n");
    true
}

/// Says how far a listener has heard: what it sends as `Last-Event-ID` when it comes again. Nothing is dispatched for it.
pub(super) fn identify(id: &str) -> String {
    format!("id: {id}\n\n")
}

/// An event that belongs to no round.
pub(super) fn alone(event: &Event) -> Bytes {
    let mut text = BytesMut::new();
    write(&mut text, event);
    text.freeze()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{alert, job, progress};
    use super::*;

    const ONE: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    #[test]
    fn the_latest_of_each_job_stays_where_it_was_told() {
        let mut open = Open::default();
        let first = [job(ONE, 1), progress(ONE, 3), job(OTHER, 1), job(ONE, 2), progress(ONE, 4)];
        let pending: Vec<bool> = first.into_iter().map(|event| open.push(event)).collect();
        assert_eq!(pending, [true, false, false, false, false]);
        assert_eq!(open.end(), [job(OTHER, 1), job(ONE, 2), progress(ONE, 4)]);
    }

    #[test]
    fn what_each_count_is_never_merged() {
        let mut open = Open::default();
        let told = alert("m/a");
        open.push(told.clone());
        open.push(told.clone());
        assert_eq!(open.end(), [told.clone(), told]);
    }

    #[test]
    fn a_round_is_bounded_and_says_what_it_left_out() {
        let mut open = Open::default();
        let many = 3 * MOST as u128;
        let firsts = (0..many).filter(|n| open.push(job(Uuid::from_u128(*n), 1))).count();
        assert_eq!(firsts, 1);
        let events = open.end();
        assert_eq!((events.len(), &events[0]), (MOST + 1, &Event::Missed));
        assert_eq!(events.last(), Some(&job(Uuid::from_u128(many - 1), 1)), "the newest stay");

        let mut open = Open::default();
        let firsts = (0..5 * MOST as u64).filter(|step| open.push(progress(ONE, *step))).count();
        assert_eq!(firsts, 1);
        assert_eq!(open.end(), [progress(ONE, 5 * MOST as u64 - 1)], "one job that gets on fills no round");
    }

    #[test]
    fn events_are_written_as_the_standard_has_them() {
        let round = Round::new(vec![job(ONE, 2), Event::Missed], "a-7");
        let text: Vec<&str> = round.entries.iter().map(|entry| std::str::from_utf8(&entry.text).unwrap()).collect();
        insta::assert_snapshot!(text.concat(), @r#"
        event: job
        data: {"event":"job","job":"00000000-0000-0000-0000-000000000001","kind":"probe","state":"running","attempts":1,"revision":2}

        event: missed
        data: {"event":"missed"}
        "#);
        assert_eq!(round.pieces.concat(), [text.concat().as_bytes(), b"id: a-7\n\n"].concat());
    }

    #[test]
    fn long_rounds_come_in_pieces_of_whole_events() {
        let round = Round::new((0..4000).map(|n| job(Uuid::from_u128(n), 1)).collect(), "a-1");
        assert!(round.pieces.len() > 3 && round.pieces.iter().all(|piece| piece.len() < PIECE + 1024));
        assert!(round.pieces.iter().all(|piece| piece.starts_with(b"event: ") && piece.ends_with(b"\n\n")));
        assert_eq!(round.entries.len(), 4000);
    }
}
