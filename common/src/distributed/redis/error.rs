//! What went wrong between us and the server.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::connect::mistrusted;
use crate::ports::PortError;
use crate::settings::ServiceUrl;

/// An error by meaning.
pub(super) fn failed(server: &ServiceUrl, error: &RedisError) -> PortError {
    let what = server.to_string();
    let reason = error.to_string();
    if let Some(reason) = mistrusted(&reason) {
        return PortError::Unusable { what, reason };
    }
    match error.kind() {
        ErrorKind::AuthenticationFailed
        | ErrorKind::InvalidClientConfig
        | ErrorKind::RESP3NotSupported
        | ErrorKind::Server(ServerErrorKind::NoPerm) => PortError::Unusable { what, reason },
        _ => match error.code() {
            Some("NOAUTH" | "WRONGPASS" | "WRONGTYPE") => PortError::Unusable { what, reason },
            // The client says so itself, with no code of its own.
            _ if reason.contains("refused to switch database") => PortError::Unusable { what, reason },
            Some("OOM") => PortError::Full { what: format!("to {what}, which has reached its maxmemory") },
            _ => PortError::Unreachable { what, reason },
        },
    }
}
