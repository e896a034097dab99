//! What is told of something that has happened is kept in a column of text: as JSON, by its code and numbers. Earlier releases kept a
//! sentence there, and it is told as it stands.

use domain::job_reason::JobReason;
use domain::ledger::LedgerReason;
use serde::de::DeserializeOwned;

use super::Message;

/// A message that is kept in a column of text.
pub(crate) trait StoredMessage: Message + DeserializeOwned {
    /// A sentence that an earlier release has left.
    fn recorded(text: String) -> Self;

    /// What a column says.
    fn read(column: String) -> Self {
        let coded = column.starts_with('{').then(|| serde_json::from_str(&column).ok()).flatten();
        coded.unwrap_or_else(|| Self::recorded(column))
    }

    /// What a column shall say.
    fn written(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}

impl StoredMessage for JobReason {
    fn recorded(text: String) -> Self {
        Self::Recorded { text }
    }
}

impl StoredMessage for LedgerReason {
    fn recorded(text: String) -> Self {
        Self::Recorded { text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wording::text;

    #[test]
    fn what_is_kept_is_read_again_and_sentences_of_earlier_releases_stand() {
        let reason = JobReason::AttemptEnded {
            number: 2,
            class: common::vocabulary::FailureClass::Crash,
            message: "signal 9".into(),
        };
        let column = reason.written().unwrap();
        assert_eq!(column, r#"{"code":"attempt_ended","number":2,"class":"crash","message":"signal 9"}"#);
        assert_eq!(JobReason::read(column), reason);
        for sentence in ["done", "{braces} of a person", r#"{"code":"unheard_of"}"#] {
            let read = JobReason::read(sentence.into());
            assert_eq!(text(&read), sentence);
            assert_eq!(JobReason::read(read.written().unwrap()), read);
        }
    }
}
