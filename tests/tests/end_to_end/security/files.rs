//! What the processes make belongs to the user alone, unless the settings let the group in (G4).

use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use refit_tests::{Installation, prices};

/// Everything below a folder, and its rights.
fn rights(folder: &Path) -> Vec<(String, u32)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // What goes while one looks is none that stays.
        let Ok(about) = path.symlink_metadata() else { continue };
        if !about.file_type().is_symlink() && !about.file_type().is_socket() {
            found.push((path.display().to_string(), about.mode() & 0o777));
        }
        if about.is_dir() {
            found.extend(rights(&path));
        }
    }
    found
}

/// A training's whole way, by processes that were started with no umask at all.
fn trained(variables: &[(&str, &str)]) -> Vec<(String, u32)> {
    let before = nix::sys::stat::umask(nix::sys::stat::Mode::empty());
    let mut refit = Installation::new();
    variables.iter().for_each(|(name, value)| refit.set(name, value));
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    nix::sys::stat::umask(before);
    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..500);
    let job = refit.ended(&refit.train(&format!("forecaster/{symbol}"), &["--set", "epochs=2"]));
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
    refit.refit(&["backup", symbol]).ok();
    let found = rights(&refit.data());
    assert!(found.len() > 20 && found.iter().any(|(path, _)| path.ends_with("refit.db")), "{found:?}");
    found
}

#[test]
fn g4_files_are_the_users_alone_unless_the_group_is_let_in() {
    for (path, rights) in trained(&[]) {
        assert_eq!(rights & 0o077, 0, "{path}: {rights:o}");
    }
    let reads = trained(&[("REFIT_UMASK", "027")]);
    assert!(reads.iter().all(|(_, rights)| rights & 0o027 == 0), "{reads:?}");
    for name in ["refit.db", "api.address", "seal"] {
        let (path, rights) = reads.iter().find(|(path, _)| path.ends_with(name)).expect(name);
        assert_eq!(rights & 0o070, 0o040, "{path}");
    }
    let refit = Installation::new();
    let open = refit.command("refit").arg("config").env("REFIT_UMASK", "022").output().unwrap();
    assert!(String::from_utf8_lossy(&open.stderr).contains("keeps others out"), "{open:?}");
}
