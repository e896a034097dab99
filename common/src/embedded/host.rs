//! What the embedded ports need to know of the host they run on.

use std::path::Path;
use std::time::Duration;

use nix::sys::statfs::statfs;
use nix::time::{ClockId, clock_gettime};

use crate::ports::PortError;

/// Microseconds since the host was booted: a monotonic clock that all its processes share.
pub(super) fn uptime() -> i64 {
    // The clock exists on every Linux; at 0 leases would only seem longer.
    clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(0, |now| Duration::from(now).as_micros() as i64)
}

/// Names the boot that [`uptime`] counts from.
pub(super) fn boot() -> std::io::Result<String> {
    Ok(std::fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned())
}

/// Refuses a folder on a network file system: SQLite's locks and shared memory do not work there, and the damage shows late.
///
/// # Errors
/// The folder is on one, or cannot be looked at.
pub fn refuse_network(folder: &Path) -> Result<(), PortError> {
    let what = folder.display().to_string();
    let stat = statfs(folder).map_err(|error| PortError::Unusable { what: what.clone(), reason: error.to_string() })?;
    match network_name(stat.filesystem_type().0) {
        None => Ok(()),
        Some(name) => Err(PortError::Unusable {
            what,
            reason: format!("it is on {name}, where SQLite loses data: set data_dir to a folder on a local disk"),
        }),
    }
}

/// The name of a network file system, by the number `statfs` gives (`statfs(2)`, `linux/magic.h`).
fn network_name(magic: i64) -> Option<&'static str> {
    // Some of the numbers are negative where the field has 32 bits.
    Some(match magic as u32 {
        0x6969 => "NFS",
        0x517B | 0xFF53_4D42 | 0xFE53_4D42 => "SMB",
        0x6573_5546 => "FUSE",
        0x0102_1997 => "9p",
        0x00C3_6400 => "Ceph",
        0x5346_414F => "AFS",
        0x7375_7245 => "Coda",
        0x0BD0_0BD0 => "Lustre",
        0x4750_4653 => "GPFS",
        0x1983_0326 => "BeeGFS",
        0x7461_636F => "OCFS2",
        0x0116_1970 => "GFS2",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_number() {
        assert_eq!(network_name(0x6969), Some("NFS"));
        assert_eq!(network_name(i64::from(0xFF53_4D42_u32 as i32)), Some("SMB"));
        assert_eq!(network_name(0x6573_5546), Some("FUSE"));
        let local = [
            ("ext4", 0xEF53),
            ("tmpfs", 0x0102_1994),
            ("overlay", 0x794C_7630),
            ("xfs", 0x5846_5342),
            ("btrfs", 0x9123_683E),
        ];
        for (name, magic) in local {
            assert_eq!(network_name(magic), None, "{name}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        assert!(
            refuse_network(Path::new("/no/such/folder"))
                .unwrap_err()
                .to_string()
                .starts_with("/no/such/folder cannot be used")
        );
    }
}
