//! Part of build scripts: the files of a folder of steps as an array in Rust, `OUT_DIR/steps.rs`. sqlx has a macro for it, and with it builds
//! itself and both of its drivers a second time, for the compiler.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// Writes the array, `[("0001_begin", include_str!(…)), …]`, in the order of the files' names.
pub(crate) fn list(folder: &str) -> io::Result<()> {
    println!("cargo:rerun-if-changed={folder}");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.path().canonicalize()?;
        if file.extension().is_some_and(|extension| extension == "sql") {
            files.push(file);
        }
    }
    files.sort();
    let mut array = String::from("[");
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // Strings as Rust writes them: a path may hold a quote.
        let _never_fails = write!(array, "({name:?}, include_str!({:?})),", file.display().to_string());
    }
    array.push(']');
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR: this runs in a build script"))?;
    fs::write(Path::new(&out).join("steps.rs"), array)
}
