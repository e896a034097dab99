//! LibTorch's CUDA library, if it is there.

use std::path::{Path, PathBuf};

const CPU_LIBRARY: &str = "libtorch_cpu.so";
const CUDA_LIBRARY: &str = "libtorch_cuda.so";

/// LibTorch's CUDA library beside the LibTorch that this process runs on, unless it is already loaded.
pub fn cuda_library() -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    if mapped(&maps, CUDA_LIBRARY).is_some() {
        return None;
    }
    let library = mapped(&maps, CPU_LIBRARY)?.with_file_name(CUDA_LIBRARY);
    library.exists().then_some(library)
}

/// The path of a library in the text of `/proc/self/maps`.
fn mapped<'a>(maps: &'a str, library: &str) -> Option<&'a Path> {
    let path = |line: &'a str| Some(Path::new(&line[line.find('/')?..]));
    maps.lines().filter_map(path).find(|path| path.file_name().is_some_and(|name| name == library))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_libraries_are_found_in_the_map() {
        let maps = "7f00-7f01 r-xp 0 0:0 1 /opt/my torch/lib/libtorch_cpu.so\n7f02-7f03 rw-p 0 0:0 0 \n";
        assert_eq!(mapped(maps, CPU_LIBRARY), Some(Path::new("/opt/my torch/lib/libtorch_cpu.so")));
        assert_eq!(mapped(maps, CUDA_LIBRARY), None);
    }
}
