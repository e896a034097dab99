//! One who listens: a place among the rounds, and what is wanted of them.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::sync::watch;
use tokio::time::timeout;

use super::Events;
use super::filter::Filter;
use super::ring::Found;
use super::round::{self, Round};
use crate::views::Event;

/// Between two signs of life while nothing happens: what stands between closes connections that are silent for longer.
const SILENCE: Duration = Duration::from_secs(15);
/// Whoever is so many rounds behind, about a second, is slow.
const SLOW: u64 = 5;
/// What is chosen for one listener is copied in pieces of about so many bytes: what one that stands still costs.
const PIECE: usize = 16 * 1024;

/// Hears what happens, as text of server-sent events. One that is slow is told the latest of each job, and when something was left out.
#[derive(Debug)]
pub struct Listener {
    events: Arc<Events>,
    filter: Filter,
    newest: watch::Receiver<u64>,
    /// The round it is at, and how far in it.
    at: u64,
    within: Within,
    missed: bool,
    silence: Duration,
}

/// How far a listener is in a round.
#[derive(Debug, Clone, Copy)]
enum Within {
    /// Nothing of it was sent.
    Nothing,
    /// So many pieces, as they are for all.
    Pieces(usize),
    /// So many of its events were looked at, and whether any was sent.
    Entries(usize, bool),
}

impl Listener {
    pub(super) fn new(events: Arc<Events>, filter: Filter, at: u64, missed: bool) -> Self {
        let newest = events.newest.subscribe();
        events.enter();
        Self { events, filter, newest, at, within: Within::Nothing, missed, silence: SILENCE }
    }

    /// The next piece of text: whole events, or a sign of life. Dropped in the middle, nothing is lost.
    pub async fn next(&mut self) -> Bytes {
        loop {
            self.newest.borrow_and_update();
            if let Some(piece) = self.ready() {
                return piece;
            }
            match timeout(self.silence, self.newest.changed()).await {
                Ok(Ok(())) => {}
                // Whoever tells is gone; the stream is ended by whoever reads it.
                Ok(Err(_)) => std::future::pending().await,
                Err(_) => return self.sign_of_life(),
            }
        }
    }

    /// What can be sent now.
    fn ready(&mut self) -> Option<Bytes> {
        if std::mem::take(&mut self.missed) {
            return Some(round::alone(&Event::Missed));
        }
        loop {
            let (round, behind) = match self.events.find(self.at) {
                Found::Round(round, behind) => (round, behind),
                Found::ToCome => return None,
                Found::Forgotten(oldest) => {
                    self.go_to(oldest);
                    return Some(round::alone(&Event::Missed));
                }
            };
            match self.piece_of(&round, behind) {
                Some(piece) => return Some(piece),
                None => self.go_to(self.at + 1),
            }
        }
    }

    fn go_to(&mut self, round: u64) {
        (self.at, self.within) = (round, Within::Nothing);
    }

    /// The next piece of a round, if there is one more: as it is for all, or, for the slow, what of it is still the latest.
    fn piece_of(&mut self, round: &Round, behind: u64) -> Option<Bytes> {
        let sent = match self.within {
            Within::Nothing if self.filter.is_all() && behind < SLOW => 0,
            Within::Pieces(sent) => sent,
            Within::Nothing => return self.chosen_of(round, 0, false),
            Within::Entries(looked_at, any) => return self.chosen_of(round, looked_at, any),
        };
        self.within = Within::Pieces(sent + 1);
        round.pieces.get(sent).cloned()
    }

    /// The next events of a round that are wanted, and its id behind the last of them.
    fn chosen_of(&mut self, round: &Round, looked_at: usize, mut any: bool) -> Option<Bytes> {
        let mut piece = BytesMut::new();
        let mut looked_at = looked_at;
        while let Some(entry) = round.entries.get(looked_at).filter(|_| piece.len() < PIECE) {
            looked_at += 1;
            if !entry.is_superseded() && self.filter.wants(&entry.event) {
                piece.extend_from_slice(&entry.text);
                any = true;
            }
        }
        self.within = Within::Entries(looked_at, any);
        if looked_at == round.entries.len() && any {
            piece.extend_from_slice(round::identify(&self.events.id(self.at)).as_bytes());
            self.within = Within::Entries(looked_at, false);
        }
        (!piece.is_empty()).then(|| piece.freeze())
    }

    /// A comment, and how far was heard.
    fn sign_of_life(&self) -> Bytes {
        let heard = round::identify(&self.events.id(self.at - 1));
        Bytes::from(format!(": keep-alive\n{heard}"))
    }
}

#[cfg(test)]
impl Listener {
    /// The same, with more signs of life.
    pub(super) fn lively(mut self) -> Self {
        self.silence = Duration::from_millis(1);
        self
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.events.leave();
    }
}
