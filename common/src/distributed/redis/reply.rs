//! What a stream holds, as messages.

use bytes::Bytes;
use redis::Value;
use redis::streams::StreamReadReply;

use super::keys::cursor_of;
use crate::ports::Posted;

/// The messages of one mailbox.
///
/// # Errors
/// An entry is none of ours.
pub(super) fn messages(reply: StreamReadReply) -> Result<Vec<Posted>, String> {
    let entries = reply.keys.into_iter().flat_map(|stream| stream.ids);
    let message = |mut entry: redis::streams::StreamId| match entry.map.remove("body") {
        Some(Value::BulkString(body)) => Ok(Posted { cursor: cursor_of(&entry.id)?, body: Bytes::from(body) }),
        _ => Err(format!("the entry {} has no body", entry.id)),
    };
    entries.map(message).collect()
}
