//! Whose certificates are believed, what is said of those that are not, and whether it goes without.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::ports::PortError;
use crate::settings::Storage;

/// The authorities that servers' certificates are checked against: the system's, and those of one file.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    own: Option<Arc<Own>>,
    /// The network itself is trusted: other machines may be asked without TLS.
    plaintext: bool,
}

#[derive(Debug)]
struct Own {
    file: PathBuf,
    pem: String,
}

impl Trust {
    /// The system's authorities, and those in this file (PEM) if one is named.
    ///
    /// # Errors
    /// The file cannot be read, or holds no certificate.
    pub fn of(file: Option<&Path>) -> Result<Self, PortError> {
        let Some(file) = file else { return Ok(Self::default()) };
        let unusable = |reason: String| PortError::Unusable {
            what: format!("the file {} (storage.ca_file)", file.display()),
            reason,
        };
        let pem = std::fs::read_to_string(file).map_err(|error| unusable(error.to_string()))?;
        if !pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(unusable("it holds no certificate in PEM".into()));
        }
        Ok(Self { own: Some(Arc::new(Own { file: file.to_owned(), pem })), plaintext: false })
    }

    /// As the settings say.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn by(storage: &Storage) -> Result<Self, PortError> {
        Ok(Self { plaintext: storage.allow_plaintext, ..Self::of(storage.ca_file.as_deref())? })
    }

    /// Whether another machine may be asked without TLS.
    pub fn allows_plaintext(&self) -> bool {
        self.plaintext
    }

    /// The file, where one is named.
    pub fn file(&self) -> Option<&Path> {
        self.own.as_ref().map(|own| own.file.as_path())
    }

    /// The text of the file.
    pub fn pem(&self) -> Option<&str> {
        self.own.as_ref().map(|own| own.pem.as_str())
    }
}

/// What an error of TLS means, and what would help, if it is one that trying again cannot mend. Known by its text: the client
/// libraries wrap the error itself each in their own way.
pub fn mistrusted(text: &str) -> Option<String> {
    if text.contains("not valid for name") {
        Some(format!(
            "its certificate is for another host ({text}): the URL must name the host as the certificate does"
        ))
    } else if text.contains("invalid peer certificate") {
        Some(format!(
            "its certificate is refused ({text}): storage.ca_file must name a file with the authority that signed it"
        ))
    } else if text.contains("corrupt message") {
        Some(format!("no TLS is spoken there ({text}): the URL must name the port for TLS, or a scheme without it"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_certificate_is_refused() {
        assert!(Trust::of(None).unwrap().file().is_none());
        let gone = Trust::of(Some(Path::new("/no/such.pem"))).unwrap_err().to_string();
        assert!(gone.starts_with("the file /no/such.pem (storage.ca_file) cannot be used: "), "{gone}");
        let file = tempfile::NamedTempFile::new().unwrap();
        let empty = Trust::of(Some(file.path())).unwrap_err().to_string();
        assert!(empty.ends_with("it holds no certificate in PEM"), "{empty}");
    }

    #[test]
    fn what_cannot_be_mended_by_trying_again_is_told_by_meaning() {
        let told = |text: &str| mistrusted(text).unwrap_or_default();
        assert!(told("invalid peer certificate: UnknownIssuer").contains("storage.ca_file must name"));
        assert!(told("invalid peer certificate: certificate not valid for name \"a\"").contains("must name the host"));
        assert!(told("received corrupt message of type InvalidContentType").contains("the port for TLS"));
        assert_eq!(mistrusted("Connection refused (os error 111)"), None);
    }
}
