//! LibTorch's CUDA library, if it is there and can be loaded.

use std::path::{Path, PathBuf};
use std::process::Output;

const CPU_LIBRARY: &str = "libtorch_cpu.so";
const CUDA_LIBRARY: &str = "libtorch_cuda.so";

/// LibTorch's CUDA library beside the LibTorch that this process runs on, unless it is already loaded.
pub(super) fn beside_libtorch() -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    if mapped(&maps, CUDA_LIBRARY).is_some() {
        return None;
    }
    let library = mapped(&maps, CPU_LIBRARY)?.with_file_name(CUDA_LIBRARY);
    library.exists().then_some(library)
}

/// Why the dynamic loader started a child without the library it was to preload, or did not start it at all for what that library
/// needs; `None`: it was loaded.
pub(super) fn refused(child: &Output) -> Option<String> {
    let words = String::from_utf8_lossy(&child.stderr);
    let line_with = |phrase: &str| words.lines().find(|line| line.contains(phrase)).map(|line| line.trim().to_owned());
    line_with("cannot be preloaded").or_else(|| {
        let line = line_with("error while loading shared libraries: ").filter(|_| !child.status.success())?;
        line.split_once("error while loading shared libraries: ").map(|(_, what)| what.to_owned())
    })
}

/// The path of a library in the text of `/proc/self/maps`.
fn mapped<'a>(maps: &'a str, library: &str) -> Option<&'a Path> {
    let path = |line: &'a str| Some(Path::new(&line[line.find('/')?..]));
    maps.lines().filter_map(path).find(|path| path.file_name().is_some_and(|name| name == library))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What glibc says of a file that is no library, of one whose own libraries are missing, and of nothing.
    #[test]
    fn the_loader_says_why_it_refuses() {
        use std::os::unix::process::ExitStatusExt;
        let of = |code: i32, words: &str| {
            let status = std::process::ExitStatus::from_raw(code << 8);
            refused(&Output { status, stdout: Vec::new(), stderr: words.into() })
        };
        let ignored =
            "ERROR: ld.so: object '/l/libtorch_cuda.so' from LD_PRELOAD cannot be preloaded (file too short): ignored.";
        assert_eq!(of(0, &format!("{ignored}\n")).as_deref(), Some(ignored));
        let missing =
            "refit-worker: error while loading shared libraries: libcublas.so.13: cannot open shared object file";
        assert_eq!(of(127, missing).as_deref(), Some("libcublas.so.13: cannot open shared object file"));
        assert_eq!(of(0, "a driver's warning"), None);
        assert_eq!(of(1, "killed"), None);
    }

    #[test]
    fn the_libraries_are_found_in_the_map() {
        let maps = "7f00-7f01 r-xp 0 0:0 1 /opt/my torch/lib/libtorch_cpu.so\n7f02-7f03 rw-p 0 0:0 0 \n";
        assert_eq!(mapped(maps, CPU_LIBRARY), Some(Path::new("/opt/my torch/lib/libtorch_cpu.so")));
        assert_eq!(mapped(maps, CUDA_LIBRARY), None);
    }
}
