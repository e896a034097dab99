//! What an import asks for, in our terms. Pure.

use std::collections::BTreeMap;
use std::path::PathBuf;

use common::vocabulary::ColumnKind;

use crate::service::data::outcomes::Expected;
use crate::service::error::{Error, Result};
use crate::views::TableImportRequest;

/// How a file is to be read, as far as it is said.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Options {
    /// The name of the file.
    pub(super) file: String,
    /// The columns that name a row.
    pub(super) key: Option<Vec<String>>,
    /// The column of time.
    pub(super) time: Option<String>,
    /// The columns of a file that does not name them.
    pub(super) columns: Option<Vec<String>>,
    /// Kinds that are not to be inferred.
    pub(super) kinds: BTreeMap<String, ColumnKind>,
    /// What separates fields.
    pub(super) delimiter: Option<u8>,
    /// Not UTF-8.
    pub(super) latin1: bool,
    /// The file lists what is to be deleted.
    pub(super) delete: bool,
    /// Words that no row has had so far are taken for outcomes.
    pub(super) accept_new_words: bool,
    /// What rows may say in columns that models predict.
    pub(super) outcomes: Vec<Expected>,
    /// A folder for what does not fit into the memory.
    pub(super) scratch: PathBuf,
}

impl Options {
    /// As the request says.
    pub(super) fn of(request: TableImportRequest) -> Result<Self> {
        let mut kinds = BTreeMap::new();
        for pair in request.kinds.iter().flat_map(|text| list(text)) {
            let Some((name, kind)) = pair.rsplit_once(':') else {
                return Err(Error::invalid(format!("kinds hold {pair:?}: write it as column:kind, such as user:text")));
            };
            kinds.insert(name.trim().to_owned(), kind.trim().parse()?);
        }
        Ok(Self {
            file: request.file,
            key: request.key.as_deref().map(list),
            time: request.time.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
            columns: request.columns.as_deref().map(list),
            kinds,
            delimiter: request.delimiter.as_deref().map(delimiter).transpose()?,
            latin1: latin1(request.encoding.as_deref())?,
            delete: request.delete,
            accept_new_words: request.accept_new_words,
            outcomes: Vec::new(),
            scratch: PathBuf::new(),
        })
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

fn delimiter(text: &str) -> Result<u8> {
    match text.as_bytes() {
        _ if text == "tab" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n\0".contains(byte) => Ok(*byte),
        _ => Err(Error::invalid(format!(
            "the delimiter is {text:?}: give one character, such as ; or |, or the word tab"
        ))),
    }
}

fn latin1(encoding: Option<&str>) -> Result<bool> {
    match encoding.map(str::to_lowercase).as_deref() {
        None | Some("utf-8" | "utf8" | "") => Ok(false),
        Some("latin1" | "latin-1" | "iso-8859-1") => Ok(true),
        Some(other) => Err(Error::invalid(format!("the encoding is {other:?}: use utf-8 or latin1"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_understood_or_says_what_is_wrong() {
        let request = TableImportRequest {
            key: Some("user, item".into()),
            kinds: Some("user:text,item:text".into()),
            delimiter: Some("tab".into()),
            encoding: Some("Latin-1".into()),
            ..TableImportRequest::default()
        };
        let options = Options::of(request).unwrap();
        assert_eq!(options.key, Some(vec!["user".into(), "item".into()]));
        assert_eq!((options.delimiter, options.latin1, options.kinds.len()), (Some(b'\t'), true, 2));
        let refused = |request: TableImportRequest| Options::of(request).unwrap_err().to_string();
        let empty = TableImportRequest::default;
        assert!(refused(TableImportRequest { kinds: Some("user".into()), ..empty() }).contains("column:kind"));
        assert!(
            refused(TableImportRequest { kinds: Some("a:float".into()), ..empty() }).contains("use number, text, time")
        );
        assert!(refused(TableImportRequest { delimiter: Some("::".into()), ..empty() }).contains("one character"));
        assert!(
            refused(TableImportRequest { encoding: Some("utf-16".into()), ..empty() }).contains("use utf-8 or latin1")
        );
    }
}
