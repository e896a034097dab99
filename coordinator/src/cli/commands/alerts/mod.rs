//! `refit alerts`: what somebody should know, and whom it is told.

mod channels;
mod listed;

use std::time::Duration;

use common::vocabulary::ModelKey;
use domain::alert::{AlertKind, ChannelName};

use crate::cli::context::Context;
use crate::cli::exit::{Code, Done, Failure};
use crate::cli::pages::{self, List, Much};
use crate::views::{AlertFilter, PauseRequest, SilenceRequest};

/// Lists the alerts, or does something with one.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    list: ListArgs,
}

/// What to do with alerts.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the alerts that stand open, newest first.
    List(ListArgs),
    /// Show one alert.
    Show(Numbered),
    /// Say that somebody knows: the alert grows no more severe.
    Ack(AckArgs),
    /// Keep quiet about some alerts for a while; they are listed as before.
    Silence(SilenceArgs),
    /// List the silences, those that end soonest first.
    Silences,
    /// End a silence before its time.
    Unsilence(Numbered),
    /// Whom alerts are told: list, make, change, pause and delete channels.
    Channels(channels::Args),
    /// Send a message to a channel that says that it works, and say whether it did.
    Test(Channel),
    /// List the messages to a channel, or to all, newest first.
    Messages(MessagesArgs),
}

#[derive(Debug, Clone, clap::Args)]
struct ListArgs {
    /// Those whose cause is gone, too.
    #[arg(long)]
    resolved: bool,
    /// Only of this kind, such as degraded or no-worker.
    #[arg(long, value_parser = kind)]
    kind: Option<AlertKind>,
    /// Only about this model.
    #[arg(long, value_name = "KEY", value_parser = crate::cli::args::model_key)]
    model: Option<ModelKey>,
    #[command(flatten)]
    much: Much,
}

#[derive(Debug, clap::Args)]
struct Numbered {
    /// Its number.
    id: i64,
}

#[derive(Debug, clap::Args)]
struct AckArgs {
    /// Its number.
    id: i64,
    /// What there is to say about it.
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, clap::Args)]
struct SilenceArgs {
    /// About the cause of this alert, also when it comes again.
    id: Option<i64>,
    /// About alerts of this kind.
    #[arg(long, value_parser = kind)]
    kind: Option<AlertKind>,
    /// About this model.
    #[arg(long, value_name = "KEY", value_parser = crate::cli::args::model_key)]
    model: Option<ModelKey>,
    /// How long, such as 2h or 3days; rounded up to whole minutes.
    #[arg(long = "for", value_name = "TIME", value_parser = humantime::parse_duration)]
    time: Duration,
    /// Why, for whoever wonders.
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Channel {
    /// The channel.
    name: ChannelName,
}

#[derive(Debug, clap::Args)]
struct MessagesArgs {
    /// The channel; all, if none is named.
    name: Option<ChannelName>,
    #[command(flatten)]
    much: Much,
}

/// A kind of alerts, as people type it.
fn kind(text: &str) -> Result<AlertKind, String> {
    use strum::VariantNames as _;
    let known = || AlertKind::VARIANTS.iter().map(|kind| kind.replace('_', "-")).collect::<Vec<_>>().join(", ");
    text.replace('-', "_").parse().map_err(|_| format!("{text:?} is no kind of alerts: use one of {}", known()))
}

/// Does it.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let (client, out) = (context.client()?, &context.out);
    let alert = match args.command.as_ref().unwrap_or(&Command::List(args.list.clone())) {
        Command::List(ListArgs { resolved, kind, model, much }) => {
            let empty = match (resolved, kind.is_some() || model.is_some()) {
                (true, false) => "there has been no alert",
                (true, true) => "there has been no such alert",
                (false, false) => "no alert stands open",
                (false, true) => "no such alert stands open",
            };
            let list = List { empty: empty.into(), table: &listed::alerts, end: None };
            let model = model.as_ref().map(ToString::to_string);
            let filter = AlertFilter { all: *resolved, kind: *kind, model, limit: None, cursor: None };
            return pages::show(out, much, list, async |query| {
                client.alerts(&AlertFilter { limit: query.limit, cursor: query.cursor, ..filter.clone() }).await
            })
            .await;
        }
        Command::Silence(args) => {
            let silence = client.silence(&request(args)?).await?;
            return out.answer(&silence, listed::silence);
        }
        Command::Silences => return out.answer(&client.silences().await?, |all| listed::silences(all)),
        Command::Unsilence(Numbered { id }) => {
            return out.answer(&client.end_silence(*id).await?, |gone| format!("silence {} is over", gone.id));
        }
        Command::Channels(args) => return channels::run(context, args).await,
        Command::Test(Channel { name }) => return channels::test(context, name).await,
        Command::Messages(MessagesArgs { name, much }) => {
            let list = List { empty: "no messages yet".into(), table: &listed::messages, end: None };
            return pages::show(out, much, list, async |query| client.messages(name.as_ref(), &query).await).await;
        }
        Command::Show(Numbered { id }) => client.alert(*id).await?,
        Command::Ack(AckArgs { id, reason }) => {
            client.acknowledge_alert(*id, &PauseRequest { reason: reason.clone() }).await?
        }
    };
    out.answer(&alert, listed::alert)
}

fn request(args: &SilenceArgs) -> Result<SilenceRequest, Failure> {
    let minutes = args.time.as_secs().div_ceil(60);
    Ok(SilenceRequest {
        alert: args.id,
        kind: args.kind,
        model: args.model.as_ref().map(ToString::to_string),
        minutes: u32::try_from(minutes).map_err(|_| Failure::new(Code::Usage, "--for is longer than a year"))?,
        reason: args.reason.clone(),
    })
}
