//! How much memory a process holds, from `/proc`.

/// Resident bytes, shared pages included; 0 for a process that is gone.
pub fn resident(pid: u32) -> u64 {
    field(pid, "VmRSS:")
}

/// Resident anonymous bytes: what the process itself has allocated; 0 for a process that is gone.
pub fn anonymous(pid: u32) -> u64 {
    field(pid, "RssAnon:")
}

fn field(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    kilobytes(&status, name).unwrap_or(0) * 1024
}

fn kilobytes(status: &str, name: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix(name))?.trim().trim_end_matches("kB").trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_holds_memory_and_no_process_holds_none() {
        let own = std::process::id();
        assert!(resident(own) >= anonymous(own) && anonymous(own) > 0);
        assert_eq!(resident(u32::MAX), 0);
        assert_eq!(kilobytes("VmRSS:\t  1234 kB\nRssAnon:\t 56 kB\n", "RssAnon:"), Some(56));
    }
}
