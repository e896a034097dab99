//! Lists, page by page: the first page for people, all of them where all or JSON is asked for. No list is ever held whole.

use serde::Serialize;

use super::exit::{Done, Failure};
use super::output::Output;
use crate::render::Table;
use crate::views::{Page, PageQuery};

/// Items that people see unless they ask for more.
const SHOWN: u32 = 100;
/// Items asked for at a time where many are.
const AT_ONCE: u32 = 1_000;

/// How much of a list is shown.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Much {
    /// At most so many; else the first 100, or all with --json.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
    /// All of them.
    #[arg(long)]
    pub(crate) all: bool,
}

impl Much {
    /// All of it.
    pub(crate) fn everything() -> Self {
        Self { limit: None, all: true }
    }

    /// At most so many; none: all.
    fn most(&self, out: &Output) -> Option<u64> {
        let everything = self.all || out.is_json();
        self.limit.or((!everything).then_some(SHOWN)).map(u64::from)
    }
}

/// Makes a table of some items, and lines below it.
type Tabulate<'a, T> = &'a (dyn Fn(&[T]) -> (Table, Vec<String>) + 'a);

/// How a list is shown to people.
pub(crate) struct List<'a, T> {
    /// What is said where there is nothing to show.
    pub(crate) empty: String,
    /// The table of some items, and lines that stand below the last table, each once.
    pub(crate) table: Tabulate<'a, T>,
    /// The last line of a list that is shown whole, by the number of its items.
    pub(crate) end: Option<&'a dyn Fn(u64) -> String>,
}

/// Shows a list; `fetch` asks for a page of it.
pub(crate) async fn show<T: Serialize>(
    out: &Output,
    much: &Much,
    list: List<'_, T>,
    fetch: impl AsyncFn(PageQuery) -> Result<Page<T>, Failure>,
) -> Done {
    let most = much.most(out);
    let mut shown = Shown { out, count: 0, widths: None, below: Vec::new() };
    let mut cursor = None;
    loop {
        let left = most.map_or(AT_ONCE.into(), |most| most - shown.count).min(AT_ONCE.into());
        let page = fetch(PageQuery { limit: Some(left as u32), cursor }).await?;
        let reads_on = match out.is_json() {
            true => shown.json(&page.items)?,
            false => shown.table(&page.items, &list),
        };
        cursor = page.next.filter(|_| reads_on);
        if cursor.is_none() || most.is_some_and(|most| shown.count >= most) {
            break;
        }
    }
    shown.end(&list, cursor.is_some());
    Ok(())
}

/// What has been shown of a list.
struct Shown<'a> {
    out: &'a Output,
    count: u64,
    widths: Option<Vec<usize>>,
    below: Vec<String>,
}

impl Shown<'_> {
    /// Items of one JSON array, which [`Self::end`] closes. Whether anybody still reads.
    fn json<T: Serialize>(&mut self, items: &[T]) -> Result<bool, Failure> {
        let text = serde_json::to_string_pretty(items).map_err(|e| Failure::failed(format!("no JSON: {e}")))?;
        let inner = text.strip_prefix("[\n").and_then(|text| text.strip_suffix("\n]"));
        let begins = if self.count == 0 { "[\n" } else { ",\n" };
        self.count += items.len() as u64;
        Ok(inner.is_none_or(|inner| self.out.piece(&format!("{begins}{inner}"))))
    }

    /// Another table, below those before it and without headings of its own. Whether anybody still reads.
    fn table<T>(&mut self, items: &[T], list: &List<'_, T>) -> bool {
        if items.is_empty() {
            return true;
        }
        self.count += items.len() as u64;
        let (mut table, below) = (list.table)(items);
        if let Some(widths) = &self.widths {
            table.goes_on(widths);
        }
        for line in below {
            if !self.below.contains(&line) {
                self.below.push(line);
            }
        }
        self.widths.get_or_insert_with(|| table.widths());
        self.out.piece(&format!("{table}\n"))
    }

    /// The end of the list, or how to see more of it.
    fn end<T>(&self, list: &List<'_, T>, more: bool) {
        if self.out.is_json() {
            self.out.piece(if self.count == 0 { "[]\n" } else { "\n]\n" });
            return;
        }
        for line in &self.below {
            self.out.line(line);
        }
        match (self.count, more) {
            (0, _) => self.out.line(&list.empty),
            (count, true) => self.out.line(format!("the first {count}; --all shows all, --limit N the first N")),
            (count, false) => list.end.iter().for_each(|end| self.out.line(end(count))),
        }
    }
}
