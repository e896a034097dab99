//! `refit token create`, `list`, `revoke`

use domain::access::{TokenName, TokenScope};

use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::pages::{self, List, Much};
use crate::cli::table::{or_nothing, table, time};
use crate::render::Table;
use crate::views::{NewTokenView, TokenRequest, TokenView};

/// What to do with tokens.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make a token, and show it this once.
    Create(CreateArgs),
    /// List the tokens, and when each was last used.
    List(Much),
    /// Take a token away: it is refused from then on.
    Revoke(RevokeArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CreateArgs {
    /// Whose it will be, such as ci: the audit trail calls it so.
    name: TokenName,
    /// What it lets do: read (look, and ask models), operate (also bring in data, train, promote), or admin (everything).
    #[arg(long)]
    scope: TokenScope,
    /// Days until it is refused; else it is good until it is revoked.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    expires_in_days: Option<u32>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RevokeArgs {
    /// Whose.
    name: TokenName,
}

/// Makes, lists or revokes.
pub(crate) async fn run(context: &Context, command: &Command) -> Done {
    let client = context.client()?;
    match command {
        Command::Create(args) => {
            let request =
                TokenRequest { name: args.name.to_string(), scope: args.scope, expires_in_days: args.expires_in_days };
            context.out.answer(&client.create_token(&request).await?, created)
        }
        Command::List(much) => {
            let empty = "no tokens; `refit token create NAME --scope read` makes one".into();
            let list = List { empty, table: &listed, end: None };
            pages::show(&context.out, much, list, async |query| client.tokens(&query).await).await
        }
        Command::Revoke(args) => context.out.answer(&client.revoke_token(&args.name).await?, |token| {
            format!("the token {} is refused from now on, by other coordinators within five seconds", token.name)
        }),
    }
}

fn created(new: &NewTokenView) -> String {
    let TokenView { name, scope, expires_at, .. } = &new.about;
    let until = expires_at.map_or_else(|| "it is revoked".into(), time);
    format!(
        "{}\n{name} may {scope} with it until {until}. It is not kept, and not shown again: set it as api.token (REFIT_API__TOKEN) \
         where {name} works",
        new.token
    )
}

fn listed(tokens: &[TokenView]) -> (Table, Vec<String>) {
    let mut table = table(&["token", "scope", "made", "expires", "last used"]);
    for token in tokens {
        table.add_row([
            token.name.clone(),
            token.scope.to_string(),
            time(token.created_at),
            or_nothing(token.expires_at.map(time)),
            or_nothing(token.used_at.map(time)),
        ]);
    }
    (table, Vec::new())
}
