//! `refit interactive`: a menu for one model. Each choice is a command line, shown before it is run.

use clap::Parser;
use common::vocabulary::ModelKey;

use crate::cli::args::{Cli, model_key};
use crate::cli::context::Context;
use crate::cli::exit::{Code, Done, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model, such as text/toxicity.
    #[arg(value_parser = model_key)]
    model: ModelKey,
}

/// A line of the menu: what it is called, and the words after `refit`. `{model}` and `{…}` are filled in.
const MENU: [(&str, &[&str]); 9] = [
    ("what is there, and whether a training is due", &["check", "{model}"]),
    ("its versions", &["versions", "{model}"]),
    ("train, as the facts ask for", &["retrain", "{model}", "--watch"]),
    ("train completely, whatever the facts say", &["retrain", "{model}", "--mode", "complete", "--force", "--watch"]),
    ("train quickly, whatever the facts say", &["retrain", "{model}", "--mode", "quick", "--force", "--watch"]),
    ("back the live version up", &["backup", "{model}"]),
    ("its backups", &["backups", "{model}"]),
    ("restore a backup", &["restore", "{model}", "{backup}"]),
    ("remove what nothing refers to any more", &["cleanup"]),
];

/// Asks what to do, does it, and asks again until there is nothing more to do.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let mut input = std::io::stdin().lines();
    let unreadable = |error: std::io::Error| Failure::failed(format!("what you typed cannot be read: {error}"));
    loop {
        show(context, &args.model).map_err(unreadable)?;
        let Some(choice) = input.next().transpose().map_err(unreadable)? else { return Ok(()) };
        let (_, words) = match choice.trim() {
            "" | "0" | "q" => return Ok(()),
            text => match text.parse::<usize>().ok().and_then(|number| MENU.get(number.checked_sub(1)?)) {
                Some(line) => line,
                None => {
                    context.out.note(Failure::new(Code::Usage, format!("{text:?} is no line of the menu")));
                    continue;
                }
            },
        };
        let mut line = vec!["refit".to_owned()];
        for word in *words {
            line.push(match *word {
                "{model}" => args.model.to_string(),
                "{backup}" => {
                    context.out.ask("which backup? ").map_err(unreadable)?;
                    input.next().transpose().map_err(unreadable)?.unwrap_or_default().trim().to_owned()
                }
                word => word.to_owned(),
            });
        }
        context.out.ask(&format!("$ {}\n", line.join(" "))).map_err(unreadable)?;
        let done = match Cli::try_parse_from(&line) {
            Ok(cli) => Box::pin(crate::cli::run(context, cli.command)).await,
            Err(error) => Err(Failure::new(Code::Usage, error.to_string())),
        };
        if let Err(failure) = done {
            context.out.note(&failure);
        }
    }
}

fn show(context: &Context, model: &ModelKey) -> std::io::Result<()> {
    let lines: String = (1..).zip(MENU).map(|(number, (what, _))| format!("  {number}  {what}\n")).collect();
    context.out.ask(&format!("\n{model}\n{lines}  0  leave\n> "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d3_every_line_of_the_menu_is_a_command() {
        for (what, words) in MENU {
            let words = words.iter().map(|word| match *word {
                "{model}" => "text/toxicity",
                "{backup}" => "20260102T030405.678Z-v1.0",
                word => word,
            });
            let parsed = Cli::try_parse_from(std::iter::once("refit").chain(words));
            assert!(parsed.is_ok(), "{what}: {}", parsed.err().map(|error| error.to_string()).unwrap_or_default());
        }
    }
}
