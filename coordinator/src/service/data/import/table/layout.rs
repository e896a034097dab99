//! How a file is laid out: what separates its fields, what its columns are called, and where its rows begin.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::options::Options;
use super::sheet::{Dialect, Fields, Sheet};
use crate::service::error::{Error, Result};

/// Bytes in which the first line is sought.
const HEAD: usize = 64 * 1024;
/// What may separate fields; the first wins where they come equally often.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// A file's own layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// How it is written.
    pub(super) dialect: Dialect,
    /// What its fields are called.
    pub(super) names: Vec<String>,
    /// Whether its first line says so, and is no row.
    pub(super) headed: bool,
}

impl Layout {
    /// The layout of a file.
    pub(super) fn of(file: &Arc<File>, options: &Options) -> Result<Self> {
        let mut head = vec![0; HEAD];
        let length = file.read_at(&mut head, 0)?;
        head.truncate(length);
        let name = &options.file;
        if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
            return Err(Error::invalid(format!("{name} is UTF-16: save it as UTF-8")));
        }
        let delimiter = options.delimiter.unwrap_or_else(|| detect(&head));
        let dialect = Dialect { delimiter, latin1: options.latin1 };
        let mut first = Fields::default();
        match Sheet::open(file, dialect)?.next(&mut first)? {
            None => return Err(Error::invalid(format!("{name} is empty"))),
            Some((_, Err(reason))) => {
                return Err(Error::invalid(format!("the first line of {name} cannot be read: {reason}")));
            }
            Some((_, Ok(()))) => {}
        }
        let header: Vec<String> = first.iter().map(|name| name.trim().to_owned()).collect();
        let Some(names) = &options.columns else { return Ok(Self { dialect, names: header, headed: true }) };
        let headed = header == *names;
        if header.len() != names.len() {
            return Err(Error::invalid(format!(
                "the first line of {name} has {} fields, and {} columns are named ({}); fields are separated by {:?}, \
                 delimiter says otherwise",
                header.len(),
                names.len(),
                names.join(", "),
                char::from(delimiter)
            )));
        }
        Ok(Self { dialect, names: names.clone(), headed })
    }
}

/// What separates the fields of the first line that has any, outside of quotes.
fn detect(head: &[u8]) -> u8 {
    let (mut counts, mut quoted) = ([0_usize; DELIMITERS.len()], false);
    for byte in head {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted && counts.iter().any(|count| *count > 0) => break,
            _ if quoted => {}
            _ => {
                if let Some(index) = DELIMITERS.iter().position(|delimiter| delimiter == byte) {
                    counts[index] += 1;
                }
            }
        }
    }
    let best = (0..DELIMITERS.len()).rev().max_by_key(|index| counts[*index]);
    DELIMITERS[best.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::super::sheet::tests::file;
    use super::*;

    fn layout(content: &[u8], columns: Option<&[&str]>) -> Result<Layout> {
        let columns = columns.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        Layout::of(&file(content), &Options { file: "f.csv".into(), columns, ..Options::default() })
    }

    #[test]
    fn fields_are_told_apart_by_what_the_first_line_holds_most_of() {
        for (text, delimiter) in
            [("a,b;c,d\n", ','), ("a\tb, c\td\n", '\t'), ("\"a,b,c\";d\n", ';'), ("a|b\n1,2,3|4\n", '|'), ("a\n", ',')]
        {
            assert_eq!(char::from(detect(text.as_bytes())), delimiter, "{text:?}");
        }
    }

    #[test]
    fn the_first_line_names_the_columns_or_is_a_row() {
        let headed = layout(b"\xef\xbb\xbfuser, item\n1,2\n", None).unwrap();
        assert_eq!((headed.names, headed.headed), (vec!["user".into(), "item".into()], true));
        let bare = layout(b"1\t2\n", Some(&["user", "item"])).unwrap();
        assert_eq!((bare.dialect.delimiter, bare.headed), (b'\t', false));
        assert!(layout(b"user,item\n1,2\n", Some(&["user", "item"])).unwrap().headed);
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        let refused = |content: &[u8], columns| layout(content, columns).unwrap_err().to_string();
        assert_eq!(refused(b"", None), "f.csv is empty");
        assert!(refused(b"\xff\xfea\0", None).contains("UTF-16"));
        assert!(refused(b"\x89PNG\r\n\x1a\n\0", None).contains("cannot be read"));
        assert!(refused(b"1,2,3\n", Some(&["user", "item"])).contains("has 3 fields, and 2 columns are named"));
    }
}
