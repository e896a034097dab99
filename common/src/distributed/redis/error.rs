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
        _ => match code_of(error) {
            Some("NOAUTH" | "WRONGPASS" | "WRONGTYPE" | "NOPERM") => PortError::Unusable { what, reason },
            // The client says so itself, with no code of its own.
            _ if reason.contains("refused to switch database") => PortError::Unusable { what, reason },
            Some("OOM") => PortError::Full { what: format!("to {what}, which has reached its maxmemory") },
            _ => PortError::Unreachable { what, reason },
        },
    }
}

/// Whether the server answers, and is none that takes what is written: it is a replica now, full, loading, cut off from its replicas or
/// its cluster. Behind its address there may be another one by now.
pub(super) fn is_refusal(error: &RedisError, meaning: &PortError) -> bool {
    let heals = match meaning {
        PortError::Unreachable { .. } | PortError::Full { .. } => true,
        PortError::NotFound { .. } | PortError::Damaged { .. } | PortError::Unusable { .. } => false,
    };
    heals && error.code().is_some()
}

/// The code of an error. Servers before 7.0 hide that of a command in a script behind one of the script: `ERR Error running script …
/// -OOM command not allowed …`.
fn code_of(error: &RedisError) -> Option<&str> {
    let is_code = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase());
    match error.code()? {
        "ERR" => {
            let hidden =
                error.detail().unwrap_or_default().split_whitespace().filter_map(|word| word.strip_prefix('-'));
            Some(hidden.into_iter().find(is_code).unwrap_or("ERR"))
        }
        code => Some(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a server says, as the client understands it.
    fn reply_error(line: &str) -> RedisError {
        let answer = redis::parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap();
        answer.extract_error().unwrap_err()
    }

    #[test]
    fn a_server_that_takes_no_writes_is_out_of_reach_or_full_and_may_be_another_later() {
        let script = "ERR Error running script (call to f_8e4b): @user_script:5: @user_script: 5: -";
        let refusals = [
            "READONLY You can't write against a read only replica.",
            "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
            "LOADING Redis is loading the dataset in memory",
            "CLUSTERDOWN The cluster is down",
            "TRYAGAIN Multiple keys request during rehashing of slot",
            "MOVED 3999 127.0.0.1:6381",
            "NOREPLICAS Not enough good replicas to write.",
            "MISCONF Errors writing to the AOF file: No space left on device",
            "BUSY Redis is busy running a script.",
            "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
            &format!("{script}READONLY You can't write against a read only replica."),
        ];
        let full =
            ["OOM command not allowed when used memory > 'maxmemory'.", &format!("{script}OOM command not allowed.")];
        let hopeless = [
            "NOPERM this user has no permissions",
            "WRONGPASS invalid",
            "NOAUTH Authentication required.",
            "WRONGTYPE no",
        ];
        let url = ServiceUrl::from("redis://host");
        let meaning = |line: &str| {
            let error = reply_error(line);
            let meaning = failed(&url, &error);
            let refused = is_refusal(&error, &meaning);
            (meaning, refused)
        };
        for line in refusals {
            let (meaning, refused) = meaning(line);
            assert!(matches!(meaning, PortError::Unreachable { .. }) && refused, "{line}: {meaning}");
        }
        for line in full {
            let (meaning, refused) = meaning(line);
            assert!(matches!(meaning, PortError::Full { .. }) && refused, "{line}: {meaning}");
        }
        for line in hopeless {
            let (meaning, refused) = meaning(line);
            assert!(matches!(meaning, PortError::Unusable { .. }) && !refused, "{line}: {meaning}");
        }
    }
}
