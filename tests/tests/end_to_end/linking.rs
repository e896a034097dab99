//! What the binaries need from the machine.

use std::process::Command;

use refit_tests::process::binary;

/// The names of the shared libraries a binary asks for.
fn needed(name: &str) -> Vec<String> {
    let bytes = std::fs::read(binary(name)).unwrap();
    let elf = goblin::elf::Elf::parse(&bytes).unwrap();
    elf.libraries.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_coordinator_needs_no_libtorch() {
    assert!(!needed("refit").iter().any(|lib| lib.contains("torch")), "{:?}", needed("refit"));
    assert!(needed("refit-worker").iter().any(|lib| lib.contains("torch")), "the test can see the difference");
}

#[test]
fn the_worker_starts_without_any_environment() {
    let output = Command::new(binary("refit-worker")).arg("--version").env_clear().output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("refit-worker "));
}
