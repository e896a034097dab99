//! Lets this crate's tests and examples find LibTorch without LD_LIBRARY_PATH, and records which LibTorch it is.

fn main() {
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    let mut version = None;
    if let Ok(dir) = std::env::var("LIBTORCH") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{dir}/lib");
        println!("cargo:rerun-if-changed={dir}/version.py");
        version = python_version(&dir).or_else(|| plain_version(&dir));
    }
    println!("cargo:rustc-env=REFIT_LIBTORCH={}", version.as_deref().unwrap_or("unknown"));
}

/// From a LibTorch that came as a Python package: `__version__ = '2.13.0+cu130'`.
fn python_version(dir: &str) -> Option<String> {
    let text = std::fs::read_to_string(format!("{dir}/version.py")).ok()?;
    let line = text.lines().find(|line| line.starts_with("__version__ ="))?;
    line.split('\'').nth(1).map(str::to_owned)
}

/// From a LibTorch that came as an archive.
fn plain_version(dir: &str) -> Option<String> {
    std::fs::read_to_string(format!("{dir}/build-version")).ok().map(|text| text.trim().to_owned())
}
