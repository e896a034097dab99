//! Grants that cannot be understood: whose claims they answer can be, whatever the jobs are.

use serde::Deserialize;

use super::Claim;
use super::codec::{self, Limits};

/// As much of a message to a worker as every release has in common.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum GrantMessage {
    Grant {
        grants: Vec<Granted>,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Granted {
    claim: Claim,
}

/// The claims that this message grants, read without their jobs; none, where it is no grant of this version.
pub fn granted(body: &[u8]) -> Vec<Claim> {
    match codec::decode(body, Limits::default()) {
        Ok(GrantMessage::Grant { grants }) => grants.into_iter().map(|grant| grant.claim).collect(),
        Ok(GrantMessage::Other) | Err(_) => Vec::new(),
    }
}
