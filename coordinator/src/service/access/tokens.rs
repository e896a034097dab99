//! Named tokens: made, listed, revoked, and recognised. The rows are few, and known here for some seconds.

use common::vocabulary::{ContentHash, Timestamp};
use domain::access::{TokenName, TokenScope};

use crate::db::{self, tokens::Token};
use crate::service::error::{Error, Result};
use crate::service::runtime::Refit;
use crate::service::runtime::pages::PageRequest;
use crate::views::{NewTokenView, Page, PageQuery, TokenRequest, TokenView};

/// What tokens begin with, so that scanners of source code and logs recognise one.
const PREFIX: &str = "refit_";
/// Longest life of a token that ends, days.
const LONGEST: u32 = 3650;

/// Whose token it is that somebody presents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bearer {
    /// This one's.
    Known {
        /// The name.
        name: TokenName,
        /// What it lets do.
        scope: TokenScope,
    },
    /// It was this one's, until then.
    Expired {
        /// The name.
        name: TokenName,
        /// Since when it is refused.
        since: Timestamp,
    },
    /// Nobody's.
    Unknown,
}

impl Refit {
    /// Whose token this is. A plain SHA-256 is enough to keep of a token: of 256 random bits nobody can try any, and what a lookup by
    /// hash takes says nothing of the token.
    ///
    /// # Errors
    /// The database does not answer, and never has.
    pub async fn bearer(&self, token: &str) -> Result<Bearer> {
        let (core, hash) = (&*self.core, ContentHash::of(token.as_bytes()));
        let found = core.tokens.find(&core.db, hash).await?;
        let now = Timestamp::now();
        Ok(match found {
            None => Bearer::Unknown,
            Some(Token { name, expires_at: Some(since), .. }) if since <= now => Bearer::Expired { name, since },
            Some(Token { name, scope, .. }) => {
                core.tokens.note(&name, now);
                Bearer::Known { name, scope }
            }
        })
    }

    /// Makes a token. It is shown this once.
    ///
    /// # Errors
    /// There is one of that name, or the name or the time is none.
    pub async fn create_token(&self, request: TokenRequest) -> Result<NewTokenView> {
        let name: TokenName = request.name.parse()?;
        let days = request.expires_in_days;
        if days.is_some_and(|days| !(1..=LONGEST).contains(&days)) {
            return Err(Error::invalid(format!("expires_in_days is out of range: 1 to {LONGEST}")));
        }
        let now = Timestamp::now();
        let secret = secret()?;
        let token = Token {
            hash: ContentHash::of(secret.as_bytes()),
            scope: request.scope,
            created_at: now,
            expires_at: days.map(|days| now.plus_days(days.into())),
            used_at: None,
            name,
        };
        let mut tx = self.core.db.begin().await?;
        if !db::tokens::insert(&mut tx, &token).await? {
            let name = &token.name;
            return Err(Error::refused(format!("there is a token {name}: `refit token revoke {name}` takes it away")));
        }
        tx.commit().await.map_err(db::Error::from)?;
        self.core.tokens.forget().await;
        Ok(NewTokenView { token: secret, about: view(token) })
    }

    /// A page of the tokens, by name.
    ///
    /// # Errors
    /// The cursor or the limit makes no sense.
    pub async fn tokens(&self, query: PageQuery) -> Result<Page<TokenView>> {
        let asked: PageRequest<TokenName> = PageRequest::new("tokens", query.limit, query.cursor.as_deref())?;
        let mut reader = self.core.db.read().await?;
        let found = db::pages::tokens::behind(&mut reader, asked.after.as_ref(), asked.rows()).await?;
        Ok(asked.page(found, |token| token.name.clone())?.map(|token| {
            let used_at = token.used_at.max(self.core.tokens.last_used(&token.name));
            view(Token { used_at, ..token })
        }))
    }

    /// Takes a token away: here from now on, on other coordinators within five seconds.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn revoke_token(&self, name: &str) -> Result<TokenView> {
        let unknown = || Error::NotFound {
            what: format!("token {name}"),
            hint: Some("`refit token list` shows those there are".into()),
        };
        let parsed: TokenName = name.parse().map_err(|_| unknown())?;
        let mut tx = self.core.db.begin().await?;
        let token = db::tokens::all(&mut tx).await?.into_iter().find(|token| token.name == parsed);
        let token = token.ok_or_else(unknown)?;
        db::tokens::delete(&mut tx, &parsed).await?;
        tx.commit().await.map_err(db::Error::from)?;
        self.core.tokens.forget().await;
        Ok(view(token))
    }
}

/// 256 random bits, in hex.
fn secret() -> Result<String> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits).map_err(|error| Error::Internal(error.to_string().into()))?;
    Ok(format!("{PREFIX}{}", base16ct::lower::encode_string(&bits)))
}

fn view(token: Token) -> TokenView {
    TokenView {
        name: token.name.to_string(),
        scope: token.scope,
        created_at: token.created_at.utc(),
        expires_at: token.expires_at.map(Timestamp::utc),
        used_at: token.used_at.map(Timestamp::utc),
    }
}
