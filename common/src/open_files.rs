//! How many files and connections this process may have open at a time.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Raises the limit to the most that the system lets this process have: it is low by default for the sake of programs that use
/// `select`, and a coordinator has a connection for each client.
pub fn raise() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE)
        .and_then(|(_, most)| setrlimit(Resource::RLIMIT_NOFILE, most, most).map(|()| most));
    match raised {
        Ok(most) => tracing::debug!(most, "so many files may be open"),
        Err(error) => tracing::warn!(%error, "the limit of open files stays as it is (ulimit -n)"),
    }
}

/// The limit as it is.
pub fn limit() -> u64 {
    getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(now, _)| now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_what_the_system_gives_at_most() {
        raise();
        let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        assert_eq!(limit(), most);
    }
}
