//! What a command is given: its settings, where its answer goes, and how to reach the coordinator.

use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use common::settings::{Settings, SettingsError, Sources};

use super::args::Global;
use super::client::{Client, Texts};
use super::exit::{Code, Failure};
use super::output::Output;
use crate::wording::Language;

/// The surroundings of a command.
pub(crate) struct Context {
    /// Where the answer goes.
    pub(crate) out: Output,
    global: Global,
}

impl Context {
    /// The surroundings these flags ask for.
    pub(crate) fn new(global: Global) -> Self {
        Self { out: Output::new(global.json), global }
    }

    /// Where settings come from: a file, the environment, and the flags every verb takes.
    pub(crate) fn sources(&self) -> Sources {
        let data_dir = self.global.data_dir.as_ref().map(|folder| folder.display());
        Sources::of_process(self.global.config.clone()).with_flag("--data-dir", "data_dir", data_dir)
    }

    /// The language of whoever gives the command.
    pub(crate) fn language(&self) -> Language {
        self.global.lang.or_else(Language::of_process).unwrap_or_default()
    }

    /// The file of settings that was named, if one was.
    pub(crate) fn config_file(&self) -> Option<PathBuf> {
        self.global.config.clone()
    }

    /// The settings of this process.
    ///
    /// # Errors
    /// One of the sources cannot be used.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        Ok(Settings::load(&self.sources())?)
    }

    /// A client of the coordinator: at the address given by `--api`, else where the one on this data folder says it
    /// listens, else where the settings say one should.
    ///
    /// # Errors
    /// The settings cannot be used, or the address is none.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let settings = self.settings()?;
        let address = self.global.api.clone().or_else(|| address::read(&settings.data_dir));
        let address = address.unwrap_or_else(|| address::of(settings.api.listen));
        let texts = if self.out.is_json() { Texts::Faithful } else { Texts::Visible };
        Ok(Client::new(&address, token(&settings))?.taking(texts).reading(self.language()))
    }
}

/// What a client of a coordinator with these settings must present.
pub(crate) fn token(settings: &Settings) -> Option<String> {
    Some(settings.api.token.expose().to_owned()).filter(|token| !token.is_empty())
}

/// The file in the data folder that says where its coordinator listens: with port 0 nobody else knows.
pub(crate) mod address {
    use super::*;

    const FILE: &str = "api.address";
    /// Who is there answers within this.
    const TIME_LIMIT: std::time::Duration = std::time::Duration::from_millis(500);

    /// The URL of an API that listens here; one that listens everywhere is asked on this machine.
    pub(crate) fn of(listen: SocketAddr) -> String {
        let ip = match listen.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        format!("http://{}", SocketAddr::new(ip, listen.port()))
    }

    /// Writes it; readers never see half of it.
    pub(crate) fn write(data_dir: &Path, url: &str) -> std::io::Result<()> {
        // With the rights that any file gets, so that the umask of the settings decides.
        let rights = std::fs::Permissions::from_mode(0o666);
        let file = tempfile::Builder::new().permissions(rights).tempfile_in(data_dir)?;
        std::fs::write(file.path(), url)?;
        file.persist(data_dir.join(FILE)).map(drop).map_err(|error| error.error)
    }

    /// Reads it, if there is one.
    pub(crate) fn read(data_dir: &Path) -> Option<String> {
        let text = std::fs::read_to_string(data_dir.join(FILE)).ok()?;
        Some(text.trim().to_owned()).filter(|url| !url.is_empty())
    }

    /// Removes it, if it is that of the coordinator which has ended.
    pub(crate) fn remove(data_dir: &Path, url: &str) {
        if read(data_dir).as_deref() == Some(url) {
            let _already_gone = std::fs::remove_file(data_dir.join(FILE));
        }
    }

    /// Writes it, unless it stands there, or another coordinator on this folder is there.
    pub(crate) fn claim(data_dir: &Path, url: &str) -> std::io::Result<()> {
        let stands = read(data_dir).as_deref() == Some(url);
        if stands || is_taken(data_dir, url) { Ok(()) } else { write(data_dir, url) }
    }

    /// Whether another coordinator on this folder is there, whose address is to stay.
    fn is_taken(data_dir: &Path, url: &str) -> bool {
        let other = read(data_dir).filter(|other| other != url);
        let listens = other.and_then(|other| other.strip_prefix("http://")?.parse::<SocketAddr>().ok());
        listens.is_some_and(|listens| std::net::TcpStream::connect_timeout(&listens, TIME_LIMIT).is_ok())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn an_address_is_found_where_it_was_written() {
            let folder = tempfile::tempdir().unwrap();
            assert_eq!(read(folder.path()), None);
            write(folder.path(), &of("0.0.0.0:7438".parse().unwrap())).unwrap();
            assert_eq!(read(folder.path()).as_deref(), Some("http://127.0.0.1:7438"));
            remove(folder.path(), "http://127.0.0.1:1");
            assert!(read(folder.path()).is_some(), "another one's");
            remove(folder.path(), "http://127.0.0.1:7438");
            assert_eq!(read(folder.path()), None);
        }

        #[test]
        fn the_address_of_who_is_there_stays() {
            let folder = tempfile::tempdir().unwrap();
            let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            write(folder.path(), &of(other.local_addr().unwrap())).unwrap();
            assert!(is_taken(folder.path(), "http://127.0.0.1:1"));
            assert!(!is_taken(folder.path(), &of(other.local_addr().unwrap())), "its own");
            claim(folder.path(), "http://127.0.0.1:1").unwrap();
            assert_ne!(read(folder.path()).as_deref(), Some("http://127.0.0.1:1"));
            drop(other);
            claim(folder.path(), "http://127.0.0.1:1").unwrap();
            assert_eq!(read(folder.path()).as_deref(), Some("http://127.0.0.1:1"), "it is gone");
        }
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self::new(Code::Usage, error.to_string()).next("docs/settings.md lists every setting with its range")
    }
}
