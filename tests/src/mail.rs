//! A mail server for tests: SMTP as of RFC 5321, with STARTTLS (RFC 3207) and a password (RFC 4954), of which it takes all letters.

use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::front::Authority;

/// A letter as it has come in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letter {
    /// Whom it comes from.
    pub from: String,
    /// To whom it goes.
    pub to: Vec<String>,
    /// Head and body, as they were sent, but for the soft breaks of long lines (RFC 2045).
    pub text: String,
    /// The words of the login, if there was one (base64).
    pub login: Option<String>,
    /// Whether it came through TLS.
    pub encrypted: bool,
}

/// Takes letters until it is dropped.
pub struct MailServer {
    address: SocketAddr,
    letters: Arc<Mutex<Vec<Letter>>>,
    _runtime: Runtime,
}

impl MailServer {
    /// One that speaks TLS when it is asked to, under a certificate of this authority for `host`; or never, without one.
    ///
    /// # Panics
    /// There is no free port.
    pub fn start(tls: Option<(&Authority, &str)>) -> Self {
        let tls = tls.map(|(authority, host)| TlsAcceptor::from(authority.certify(host)));
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port to listen on");
        let address = listener.local_addr().expect("its address");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let letters: Arc<Mutex<Vec<Letter>>> = Arc::default();
        let taken = letters.clone();
        runtime.spawn(async move {
            listener.set_nonblocking(true)?;
            let listener = TcpListener::from_std(listener)?;
            loop {
                let (client, _) = listener.accept().await?;
                tokio::spawn(talk(client, tls.clone(), taken.clone()));
            }
            #[allow(unreachable_code, reason = "the type of the errors above")]
            std::io::Result::Ok(())
        });
        Self { address, letters, _runtime: runtime }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What has come in so far.
    pub fn letters(&self) -> Vec<Letter> {
        locked(&self.letters).clone()
    }
}

fn locked(letters: &Mutex<Vec<Letter>>) -> MutexGuard<'_, Vec<Letter>> {
    letters.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn talk(client: TcpStream, tls: Option<TlsAcceptor>, letters: Arc<Mutex<Vec<Letter>>>) -> std::io::Result<()> {
    let mut client = BufStream::new(client);
    say(&mut client, "220 mail.test").await?;
    if session(&mut client, tls.is_some(), false, &letters).await? {
        let Some(tls) = tls else { return Ok(()) };
        let mut client = BufStream::new(tls.accept(client.into_inner()).await?);
        session(&mut client, false, true, &letters).await?;
    }
    Ok(())
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(client: &mut BufStream<S>, line: &str) -> std::io::Result<()> {
    client.write_all(format!("{line}\r\n").as_bytes()).await?;
    client.flush().await
}

/// Answers a client until it leaves; `true`: it goes on with TLS.
async fn session<S: AsyncRead + AsyncWrite + Unpin>(
    client: &mut BufStream<S>,
    offers_tls: bool,
    encrypted: bool,
    letters: &Mutex<Vec<Letter>>,
) -> std::io::Result<bool> {
    let mut letter = Letter { encrypted, ..Letter::default() };
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await? == 0 {
            return Ok(false);
        }
        let line = line.trim_end();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" if offers_tls => say(client, "250-mail.test\r\n250 STARTTLS").await?,
            "EHLO" | "HELO" => say(client, "250-mail.test\r\n250 AUTH PLAIN").await?,
            "STARTTLS" if offers_tls => {
                say(client, "220 go ahead").await?;
                return Ok(true);
            }
            "AUTH" => {
                letter.login = rest.split_whitespace().nth(1).map(str::to_owned);
                say(client, "235 welcome").await?;
            }
            "MAIL" => {
                letter.from = address(rest);
                say(client, "250 ok").await?;
            }
            "RCPT" => {
                letter.to.push(address(rest));
                say(client, "250 ok").await?;
            }
            "DATA" => {
                say(client, "354 go ahead").await?;
                letter.text = text(client).await?.replace("=\r\n", "");
                let next = Letter { login: letter.login.clone(), encrypted, ..Letter::default() };
                locked(letters).push(std::mem::replace(&mut letter, next));
                say(client, "250 taken").await?;
            }
            "QUIT" => {
                say(client, "221 bye").await?;
                return Ok(false);
            }
            "RSET" | "NOOP" => say(client, "250 ok").await?,
            _ => say(client, "502 what?").await?,
        }
    }
}

/// `FROM:<a@b.c> …`
fn address(rest: &str) -> String {
    let inner = rest.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or(rest, |(address, _)| address).to_owned()
}

/// The lines up to one with nothing but a dot.
async fn text<S: AsyncRead + AsyncWrite + Unpin>(client: &mut BufStream<S>) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await? == 0 || line.trim_end() == "." {
            return Ok(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
