//! Draws a board: bars that move on a terminal, plain lines elsewhere, nothing where the answer is JSON.

use std::collections::HashMap;
use std::time::Duration;

use common::visible::{visible, visible_lines};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use uuid::Uuid;

use super::board::{Board, News};
use crate::cli::output::Output;
use crate::cli::text;
use crate::views::JobView;

/// Waiting jobs shown on a terminal; the rest is counted.
const SHOWN: usize = 6;
/// Times a second the terminal is drawn.
const RATE: u8 = 10;

/// Where a board is shown.
pub(crate) struct Screen<'a> {
    out: &'a Output,
    live: Option<Live>,
}

struct Live {
    all: MultiProgress,
    /// One line of text each: the head and the waiting jobs.
    line: Vec<ProgressBar>,
    running: HashMap<Uuid, ProgressBar>,
}

/// Leaves the terminal as it was.
impl Drop for Screen<'_> {
    fn drop(&mut self) {
        if let Some(live) = &self.live {
            live.line.iter().chain(live.running.values()).for_each(ProgressBar::finish_and_clear);
        }
    }
}

impl<'a> Screen<'a> {
    /// A screen fit for this output.
    pub(crate) fn new(out: &'a Output) -> Self {
        let live = out.is_live().then(|| {
            let all = MultiProgress::with_draw_target(ProgressDrawTarget::stdout_with_hz(RATE));
            let line = (0..=SHOWN).map(|_| all.add(ProgressBar::new(0).with_style(style("{wide_msg}")))).collect();
            Live { all, line, running: HashMap::new() }
        });
        Self { out, live }
    }

    /// Shows the whole line once, in priority order with the terms of each score.
    pub(crate) fn line_of_jobs(&mut self, board: &Board) {
        let waiting = board.line();
        if !waiting.is_empty() {
            self.say(format!("the line, lowest score first: {}", text::counted(waiting.len() as u64, "job")));
        }
        waiting.iter().enumerate().for_each(|(index, job)| self.say(ranked(index, job)));
        self.redraw(board);
    }

    /// Shows what is new.
    pub(crate) fn show(&mut self, board: &Board, news: Vec<News>) {
        for item in news {
            match item {
                News::Started(id) => self.started(board, id),
                News::Progress(id, another_quarter) => self.progress(board, id, another_quarter),
                News::Verdict(version) => self.say(format!("judged   {}", text::verdict(&version))),
                News::Requeued(id) => self.requeued(board, id),
                News::Blocked(id) => self.blocked(board, id),
                News::Ended(id, untold) => self.ended(board, id, untold),
            }
        }
        self.redraw(board);
    }

    fn say(&self, line: String) {
        match &self.live {
            // A terminal that is gone shows nothing; the jobs go on.
            Some(live) => drop(live.all.println(visible_lines(&line))),
            None => self.out.line(line),
        }
    }

    fn started(&mut self, board: &Board, id: Uuid) {
        let Some(job) = board.job(id) else { return };
        match &mut self.live {
            None => self.out.line(format!("started  {}", name(job))),
            Some(live) => {
                let style = style("{prefix:36} {bar:24} {percent:>3} %  {msg}").progress_chars("━╸─");
                let bar = ProgressBar::new(1).with_style(style).with_prefix(shown(&name(job))).with_message("starting");
                let bar = live.all.add(bar);
                bar.enable_steady_tick(Duration::from_secs(1));
                live.running.insert(id, bar);
            }
        }
    }

    fn progress(&mut self, board: &Board, id: Uuid, another_quarter: bool) {
        let Some((job, progress)) = board.job(id).and_then(|job| Some((job, job.progress.as_ref()?))) else { return };
        if self.live.as_ref().is_some_and(|live| !live.running.contains_key(&id)) {
            self.started(board, id);
        }
        match &self.live {
            Some(live) => {
                if let Some(bar) = live.running.get(&id) {
                    bar.set_length(progress.steps.max(1));
                    bar.set_position(progress.step.min(progress.steps));
                    bar.set_message(shown(&text::progress(progress)));
                }
            }
            // A log needs no line an epoch: four a training tell enough.
            None if another_quarter && progress.phase == "training" => {
                self.out.line(format!("training {}: {}", name(job), text::progress(progress)));
            }
            None => {}
        }
    }

    fn requeued(&mut self, board: &Board, id: Uuid) {
        self.remove_bar(id);
        if let Some(job) = board.job(id) {
            self.say(format!("waiting  {}: {}", name(job), job.why));
        }
    }

    fn blocked(&self, board: &Board, id: Uuid) {
        if let Some((job, blocked)) = board.job(id).and_then(|job| Some((job, job.blocked.as_ref()?))) {
            self.say(format!("held     {}: {}; {}", name(job), blocked.text, blocked.next));
        }
    }

    fn ended(&mut self, board: &Board, id: Uuid, untold: bool) {
        self.remove_bar(id);
        if let Some(job) = board.job(id).filter(|job| untold || job.state != "completed") {
            let version = job.version.iter().map(|version| format!(" {version}")).collect::<String>();
            self.say(format!("{:<8} {}{version}: {}", job.state, name(job), job.why));
        }
    }

    fn remove_bar(&mut self, id: Uuid) {
        if let Some(bar) = self.live.as_mut().and_then(|live| live.running.remove(&id)) {
            bar.finish_and_clear();
        }
    }

    fn redraw(&self, board: &Board) {
        let Some(live) = &self.live else { return };
        let waiting = board.line();
        let head = format!(
            "── {} of {} done, {} running, {} waiting",
            board.ended(),
            board.total(),
            live.running.len(),
            waiting.len()
        );
        let lines = waiting.iter().enumerate().map(|(index, job)| ranked(index, job));
        let texts = std::iter::once(head).chain(lines).chain(std::iter::repeat(String::new()));
        live.line.iter().zip(texts).for_each(|(line, text)| line.set_message(shown(&text)));
    }
}

fn ranked(index: usize, job: &JobView) -> String {
    format!("{:>3}. {}", index + 1, text::waiting(job))
}

/// What a bar may show.
fn shown(text: &str) -> String {
    visible(text).into_owned()
}

fn name(job: &JobView) -> String {
    format!("{} {}", job.model.as_deref().unwrap_or(&job.kind), job.mode.as_deref().unwrap_or_default())
}

/// The templates are constants; one that does not parse shows the default bar.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
