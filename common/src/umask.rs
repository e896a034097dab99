//! What nobody but the user may do with the files and folders of these processes.

use std::fmt;
use std::str::FromStr;

use nix::sys::stat::{Mode, umask};
use serde::{Deserialize, Serialize};

/// Rights that files and folders do not get when they are made, as `umask(2)` takes them. Others than user and group never get any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Umask(u32);

/// The text is no umask that is taken.
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "{0:?} is no umask that keeps others out: write \"077\" (the user alone), \"027\" (the group reads) or \"007\" (the group writes)"
)]
pub struct InvalidUmask(String);

impl Umask {
    /// The user alone: `077`.
    pub const PRIVATE: Self = Self(0o077);

    /// Holds for all that this process, and those it starts from now on, make.
    pub fn apply(self) {
        let _before = umask(Mode::from_bits_truncate(self.0));
    }
}

impl Default for Umask {
    fn default() -> Self {
        Self::PRIVATE
    }
}

impl fmt::Display for Umask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03o}", self.0)
    }
}

impl FromStr for Umask {
    type Err = InvalidUmask;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidUmask(text.chars().take(80).collect());
        let is_octal = (3..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let mask = u32::from_str_radix(text, 8).ok().filter(|_| is_octal).ok_or_else(invalid)?;
        // Whoever runs Refit must be able to use what it makes, and nobody outside the group may.
        if mask <= 0o077 && mask & 0o007 == 0o007 { Ok(Self(mask)) } else { Err(invalid()) }
    }
}

impl TryFrom<String> for Umask {
    type Error = InvalidUmask;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Umask> for String {
    fn from(mask: Umask) -> Self {
        mask.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_kept_out_and_the_user_is_not() {
        for mask in ["077", "027", "007", "0077"] {
            let parsed: Umask = mask.parse().unwrap();
            assert!(mask.ends_with(&parsed.to_string()), "{mask}");
        }
        for open in ["022", "000", "777", "177", "77", "78", "o77", "0o077", "", "-07", "1077"] {
            assert!(open.parse::<Umask>().is_err(), "{open}");
        }
    }
}
