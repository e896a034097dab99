//! `refit dead-letters`

use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::table::{table, time};
use crate::views::DeadLettersView;

/// Characters of a letter that a line shows.
const SHOWN: usize = 40;

/// Lists the messages that nobody could understand.
pub(crate) async fn run(context: &Context) -> Done {
    let found = context.client()?.dead_letters().await?;
    context.out.answer(&found, text)
}

fn text(found: &DeadLettersView) -> String {
    if found.counted.is_empty() {
        return "no dead letters: every message was understood".into();
    }
    let mut table = table(&["kind", "at", ">bytes", "~why", "~begins"]);
    for letter in &found.letters {
        let begins = letter.head.chars().take(SHOWN).collect();
        table.add_row([letter.kind.clone(), time(letter.at), letter.bytes.to_string(), letter.reason.clone(), begins]);
    }
    let counted: Vec<String> = found.counted.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    format!("{table}\n{}; `--json` shows more of each", counted.join(", "))
}
