//! Files that a command is given: what cannot be opened is said alike everywhere.

use std::fs::File;
use std::io;
use std::path::Path;

use super::exit::{Code, Failure};

/// Opens a file to read it.
///
/// # Errors
/// There is none, it is a folder, or it may not be read.
pub(crate) fn open(path: &Path) -> Result<File, Failure> {
    let opened = File::open(path).map_err(|error| unreadable(path, &error))?;
    match opened.metadata().map_err(|error| unreadable(path, &error))?.is_dir() {
        true => Err(Failure::new(Code::Usage, format!("{} is a folder: name its files", path.display()))),
        false => Ok(opened),
    }
}

/// Reading failed.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let code = if error.kind() == io::ErrorKind::NotFound { Code::NotFound } else { Code::Failed };
    Failure::new(code, format!("cannot read {}: {error}", path.display()))
}

/// It was read, and does not hold what it should.
pub(crate) fn unusable(path: &Path, reason: impl std::fmt::Display) -> Failure {
    Failure::new(Code::Usage, format!("{}: {reason}", path.display()))
}

/// Creates a file to write an answer to.
///
/// # Errors
/// It cannot be.
pub(crate) fn create(path: &Path) -> Result<File, Failure> {
    File::create(path).map_err(|error| Failure::failed(format!("{} cannot be written: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_opened_has_its_exit_code() {
        let folder = tempfile::tempdir().unwrap();
        let code = |path: &Path| open(path).map(drop).map_err(|failure| failure.code);
        assert_eq!(code(&folder.path().join("none.csv")), Err(Code::NotFound));
        assert_eq!(code(folder.path()), Err(Code::Usage));
        let there = folder.path().join("there.csv");
        drop(create(&there).unwrap());
        assert_eq!(code(&there), Ok(()));
        assert_eq!(unusable(&there, "no columns").code, Code::Usage);
    }
}
