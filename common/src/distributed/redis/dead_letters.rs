//! Dead letters: a list of each kind, and a hash that counts them.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use redis::{Script, cmd};

use super::keys::Keys;
use super::server::Server;
use crate::ports::{DeadLetter, DeadLetters, KEPT, LetterKind, PortError};
use crate::wire::codec::{self, Limits};

static KEEP: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "redis.call('HINCRBY', KEYS[2], ARGV[2], 1)
         redis.call('LPUSH', KEYS[1], ARGV[1])
         redis.call('LTRIM', KEYS[1], 0, ARGV[3] - 1)",
    )
});

/// Keeps a letter, in the place of the oldest of its kind if there are too many.
pub(super) async fn keep(server: &Server, keys: &Keys, letter: &DeadLetter) -> Result<(), PortError> {
    let body = codec::encode(letter)
        .map_err(|error| PortError::Unusable { what: "a dead letter".into(), reason: error.to_string() })?;
    let mut keep = KEEP.key(keys.dead_letters(letter.kind));
    keep.key(keys.dead_letters_counted()).arg(body.as_ref()).arg(letter.kind.as_str()).arg(KEPT);
    server.invoke(&keep).await
}

/// All there are.
pub(super) async fn all(server: &Server, keys: &Keys) -> Result<DeadLetters, PortError> {
    let count = cmd("HGETALL").arg(keys.dead_letters_counted()).to_owned();
    let counted: BTreeMap<String, u64> = server.ask(&count, Duration::ZERO).await?;
    let mut found = DeadLetters::default();
    for kind in LetterKind::OF_THE_BUS {
        found.counted.extend(counted.get(kind.as_str()).map(|count| (kind, *count)));
        let list = cmd("LRANGE").arg(keys.dead_letters(kind)).arg(0).arg(-1).to_owned();
        let bodies: Vec<Vec<u8>> = server.ask(&list, Duration::ZERO).await?;
        // One that another release has kept is counted, and cannot be shown.
        found.letters.extend(bodies.iter().filter_map(|body| codec::decode(body, Limits::default()).ok()));
    }
    Ok(found)
}
