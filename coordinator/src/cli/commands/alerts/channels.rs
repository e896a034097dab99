//! `refit alerts channels`: whom alerts are told.

use common::vocabulary::{Family, Hours, TimeOfDay, Zone};
use domain::alert::{AlertKind, ChannelKind, ChannelName, Severity};

use super::{Channel, kind, listed};
use crate::cli::context::Context;
use crate::cli::exit::{Code, Done, Failure};
use crate::views::{ChannelRequest, NewChannelView, PauseRequest};

/// Lists the channels, or does something with one.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

/// What to do with channels.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the channels.
    List,
    /// Show one channel.
    Show(Channel),
    /// Make a channel.
    Add(AddArgs),
    /// Change a channel; what is not named stays as it is.
    Edit(EditArgs),
    /// Tell a channel nothing until it is resumed; what happens meanwhile waits.
    Pause(PauseArgs),
    /// Tell a channel again, also what has happened meanwhile.
    Resume(Channel),
    /// Take a channel away, with its messages.
    Delete(Channel),
}

#[derive(Debug, clap::Args)]
struct AddArgs {
    /// What it is called, such as night-shift.
    name: ChannelName,
    /// What it is: email, slack, webhook or alertmanager.
    #[arg(value_parser = channel_kind)]
    kind: ChannelKind,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, clap::Args)]
struct EditArgs {
    /// The channel.
    name: ChannelName,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, clap::Args)]
struct Flags {
    /// Of e-mail: to whom, with commas between.
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',')]
    to: Option<Vec<String>>,
    /// Of all others: where.
    #[arg(long)]
    url: Option<String>,
    /// Of Alertmanager: the bearer token that it asks for.
    #[arg(long)]
    token: Option<String>,
    /// Only what is at least so severe: info, warning or critical.
    #[arg(long, value_parser = severity)]
    severity: Option<Severity>,
    /// Only alerts of these kinds, with commas between.
    #[arg(long = "kinds", value_delimiter = ',', value_parser = kind)]
    kinds: Option<Vec<AlertKind>>,
    /// Only about models of these families, with commas between.
    #[arg(long, value_delimiter = ',')]
    families: Option<Vec<Family>>,
    /// Only about models with one of these tags, with commas between.
    #[arg(long, value_delimiter = ',')]
    tags: Option<Vec<String>>,
    /// Whether every training that ends is told, too, with its loss before and after.
    #[arg(long, value_name = "true|false", num_args = 0..=1, default_missing_value = "true")]
    trainings: Option<bool>,
    /// Whose clocks say when: a name of the IANA's database.
    #[arg(long)]
    zone: Option<Zone>,
    /// When only what is critical is told, such as 22:00-07:00.
    #[arg(long, conflicts_with = "no_quiet")]
    quiet: Option<Hours>,
    /// There are no quiet hours any more.
    #[arg(long)]
    no_quiet: bool,
    /// Tell everything in one message a day, at this time, such as 08:00.
    #[arg(long, value_name = "TIME", conflicts_with = "no_digest")]
    digest: Option<TimeOfDay>,
    /// Everything is told as it comes again.
    #[arg(long)]
    no_digest: bool,
    /// Of all kinds, families and tags again, but for those that are named now.
    #[arg(long)]
    no_filters: bool,
    /// The language of its messages: en or es. (--lang is that of this answer.)
    #[arg(long)]
    language: Option<String>,
}

#[derive(Debug, clap::Args)]
struct PauseArgs {
    /// The channel.
    name: ChannelName,
    /// Why, for whoever wonders.
    #[arg(long)]
    reason: Option<String>,
}

fn channel_kind(text: &str) -> Result<ChannelKind, String> {
    text.parse().map_err(|_| format!("{text:?} is no kind of channels: use email, slack, webhook or alertmanager"))
}

/// Does it.
pub(super) async fn run(context: &Context, args: &Args) -> Done {
    let (client, out) = (context.client()?, &context.out);
    let channel = match args.command.as_ref().unwrap_or(&Command::List) {
        Command::List => return out.answer(&client.channels().await?, |all| listed::channels(all)),
        Command::Add(AddArgs { name, kind, flags }) => {
            match client.channel(name).await {
                Ok(_) => {
                    let failure = Failure::new(Code::Refused, format!("there is a channel {name}"));
                    return Err(failure.next(format!("`refit alerts channels edit {name} …` changes it")));
                }
                Err(failure) if failure.code == Code::NotFound => {}
                Err(failure) => return Err(failure),
            }
            let made = client.put_channel(name, &request(flags, Some(*kind))).await?;
            return out.answer(&made, new);
        }
        Command::Edit(EditArgs { name, flags }) => {
            client.channel(name).await?;
            client.put_channel(name, &request(flags, None)).await?.about
        }
        Command::Pause(PauseArgs { name, reason }) => {
            client.pause_channel(name, &PauseRequest { reason: reason.clone() }).await?
        }
        Command::Resume(Channel { name }) => client.resume_channel(name).await?,
        Command::Show(Channel { name }) => client.channel(name).await?,
        Command::Delete(Channel { name }) => {
            let gone = client.delete_channel(name).await?;
            return out.answer(&gone, |gone| format!("the channel {} is deleted, with its messages", gone.name));
        }
    };
    out.answer(&channel, listed::channel)
}

fn new(made: &NewChannelView) -> String {
    let secret = made.secret.as_ref().map(|secret| {
        format!("\nIts messages are signed with this key, which is shown only now (Standard Webhooks):\n{secret}")
    });
    let next = format!("\n`refit alerts test {}` tries it", made.about.name);
    listed::channel(&made.about) + &secret.unwrap_or_default() + &next
}

/// Tries a channel.
pub(super) async fn test(context: &Context, name: &ChannelName) -> Done {
    let message = context.client()?.test_channel(name).await?;
    match message.error.clone() {
        None => context.out.answer(&message, listed::tried),
        Some(error) => {
            if context.out.is_json() {
                context.out.answer(&message, listed::tried)?;
            }
            let failure = Failure::new(Code::Failed, format!("channel {name}: {error}"));
            Err(failure.next(format!("`refit alerts channels edit {name} …` changes it")))
        }
    }
}

/// Nothing, where something is taken back.
fn none<T: Default>(taken_back: bool) -> Option<T> {
    taken_back.then(T::default)
}

fn severity(text: &str) -> Result<Severity, String> {
    text.to_lowercase().parse().map_err(|_| format!("{text:?} is no severity: use info, warning or critical"))
}

fn request(flags: &Flags, kind: Option<ChannelKind>) -> ChannelRequest {
    let families = |families: &Vec<Family>| families.iter().map(ToString::to_string).collect();
    ChannelRequest {
        kind,
        to: flags.to.clone(),
        url: flags.url.clone(),
        token: flags.token.clone(),
        severity: flags.severity,
        kinds: flags.kinds.clone().or(none(flags.no_filters)),
        families: flags.families.as_ref().map(families).or(none(flags.no_filters)),
        tags: flags.tags.clone().or(none(flags.no_filters)),
        trainings: flags.trainings,
        zone: flags.zone.map(|zone| zone.to_string()),
        quiet: flags.quiet.map(|hours| hours.to_string()).or(none(flags.no_quiet)),
        digest: flags.digest.map(|time| time.to_string()).or(none(flags.no_digest)),
        language: flags.language.clone(),
    }
}
