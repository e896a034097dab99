//! What people call things that the API names in its paths: tokens, schedules.

/// The rule, in words.
pub(crate) const RULE: &str = "letters, digits, '.', '_' and '-' only, 1 to 64 of them, not starting with '.' or '-'";

/// Whether a text keeps it.
pub(crate) fn is_plain_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && !text.starts_with(['.', '-'])
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}
