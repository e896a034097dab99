//! Devices that are not there, or cannot be used: what a worker says and does then (F1).

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Output, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::Command;

use crate::stage::{LIMIT, binary};

/// LibTorch as this build uses it, with this beside it as its CUDA library.
fn libtorch_with(cuda: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (own, lib) = (Path::new(env!("LIBTORCH")), folder.path().join("torch/lib"));
    fs::create_dir_all(&lib).unwrap();
    for file in fs::read_dir(own.join("lib")).unwrap().map(Result::unwrap) {
        match file.file_name().to_str().unwrap() {
            "libtorch_cuda.so" => {}
            // It is looked for beside the file itself, wherever a link leads to.
            "libtorch_cpu.so" => {
                let (from, to) = (file.path(), lib.join(file.file_name()));
                fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop)).unwrap();
            }
            _ => symlink(file.path(), lib.join(file.file_name())).unwrap(),
        }
    }
    symlink(own.parent().unwrap().join("nvidia"), folder.path().join("nvidia")).unwrap();
    fs::write(lib.join("libtorch_cuda.so"), cuda).unwrap();
    folder
}

/// Runs the binary on that LibTorch; whatever it has started ends with it.
async fn on(libtorch: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.args(arguments).env_clear().env("LD_LIBRARY_PATH", libtorch.join("torch/lib")).process_group(0);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // An executor whose input ends is alone, and aborts.
    let _supervised = child.stdin.take();
    let group = Pid::from_raw(child.id().unwrap().try_into().unwrap());
    let output = tokio::time::timeout(LIMIT, child.wait_with_output()).await;
    if output.is_err() {
        killpg(group, Signal::SIGKILL).unwrap();
    }
    output.expect("it ends, and starts no endless row of children").unwrap()
}

/// It costs the GPU and not the worker: the processor trains, and nothing is started over and over to find out.
#[tokio::test]
async fn f1_a_cuda_library_that_cannot_be_loaded_leaves_the_processor() {
    let libtorch = libtorch_with("not a library");
    let output = on(libtorch.path(), &["devices", "--json"]).await;
    assert!(output.status.success(), "{output:?}");
    let hardware: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let devices = hardware["devices"].as_array().unwrap();
    assert!(devices.len() == 1 && devices[0]["device"] == "cpu", "{hardware}");
    let note = hardware["note"].as_str().unwrap();
    assert!(note.starts_with("no GPU") || note.contains("cannot be preloaded"), "{note}");
}

/// That is no crash: the exit code says so, and the words say which device and why.
#[tokio::test]
async fn f1_an_executor_whose_device_cannot_be_used_says_so() {
    let output = on(libtorch_with("not a library").path(), &["executor", "--device", "cuda:0"]).await;
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(i32::from(worker::executor::DEVICE_UNUSABLE)), "{words}");
    assert!(words.trim().lines().last().unwrap().contains("the device cuda:0 cannot be used: "), "{words}");
    assert!(!words.contains("panicked"), "{words}");
}
