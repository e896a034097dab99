//! E-mail, given to the server of the settings.

use async_trait::async_trait;
use common::connect::Trust;
use common::settings::Settings;
use domain::report::ReportFormat;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use newtype_uuid::GenericUuid as _;
use percent_encoding::percent_decode_str;
use reqwest::Url;

use super::outgoing::{Outgoing, escaped};
use super::port::Channel;

/// Ports, unless the settings name another: submission, and submission with TLS from the start.
const SUBMISSION: u16 = 587;
const SUBMISSIONS: u16 = 465;

/// To some addresses.
pub(super) struct Email {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

/// An address, as people write it.
pub(in crate::service::alerts) fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|_| format!("{text:?} is no address of e-mail: write it like ops@example.com"))
}

impl Email {
    /// To these, by the server of the settings.
    pub(super) fn new(settings: &Settings, to: Vec<String>) -> Result<Self, String> {
        let Some(url) = settings.alerts.smtp() else {
            return Err("no server is named that takes e-mail: set alerts.smtp and alerts.sender".into());
        };
        let to: Result<Vec<Mailbox>, String> = to.iter().map(|to| mailbox(to)).collect();
        let trust = Trust::by(&settings.storage).map_err(|error| error.to_string())?;
        Ok(Self {
            server: server(&url, &trust)?,
            from: mailbox(&settings.alerts.sender).map_err(|flaw| format!("alerts.sender: {flaw}"))?,
            to: to?,
        })
    }

    fn letter(&self, message: &Outgoing) -> Result<Message, String> {
        let unsaid = |error: lettre::error::Error| format!("the letter cannot be written: {error}");
        let id = format!("<{}@refit>", message.id.into_untyped_uuid());
        let mut letter = Message::builder().from(self.from.clone()).subject(&message.subject).message_id(Some(id));
        for to in &self.to {
            letter = letter.to(to.clone());
        }
        // No holiday note is an answer to this.
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into());
        let letter = letter.raw_header(automatic);
        let part = |kind, text: String| SinglePart::builder().header(kind).body(text);
        let parts = MultiPart::alternative()
            .singlepart(part(ContentType::TEXT_PLAIN, message.plain()))
            .singlepart(part(ContentType::TEXT_HTML, html(message)));
        let Some(report) = &message.report else { return letter.multipart(parts).map_err(unsaid) };
        let page = ContentType::parse(ReportFormat::Html.media_type()).unwrap_or(ContentType::TEXT_HTML);
        let file = format!("{}.{}", report.name.file(), ReportFormat::Html.extension());
        let attached = Attachment::new(file).body(report.html.clone(), page);
        letter.multipart(MultiPart::mixed().multipart(parts).singlepart(attached)).map_err(unsaid)
    }
}

#[async_trait]
impl Channel for Email {
    /// To each by itself: an address that there is not any more keeps the letter from nobody else.
    async fn send(&self, message: &Outgoing) -> Result<(), String> {
        let letter = self.letter(message)?;
        let (envelope, text) = (letter.envelope(), letter.formatted());
        let (mut taken, mut refused) = (0, Vec::new());
        for to in envelope.to() {
            let one = Envelope::new(envelope.from().cloned(), vec![to.clone()]).map_err(|error| error.to_string())?;
            match self.server.send_raw(&one, &text).await {
                Ok(_) => taken += 1,
                Err(error) if error.is_permanent() => refused.push(format!("{to}: {}", in_words(&error))),
                Err(error) => return Err(format!("the mail server: {}", in_words(&error))),
            }
        }
        let refused = refused.join("; ");
        match (taken, refused.is_empty()) {
            (_, true) => Ok(()),
            (0, false) => Err(format!("the mail server: {refused}")),
            (_, false) => {
                tracing::warn!(refused, "a letter was not taken for some of those it was for");
                Ok(())
            }
        }
    }
}

fn in_words(error: &lettre::transport::smtp::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(deeper) = source {
        let said = deeper.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        source = deeper.source();
    }
    text
}

/// The server of a URL: `smtp` with STARTTLS, `smtps` with TLS from the start, `smtp+plain` with neither.
fn server(url: &str, trust: &Trust) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let url = Url::parse(url).map_err(|error| format!("alerts.smtp: {error}"))?;
    let host = url.host_str().ok_or("alerts.smtp names no server")?;
    let tls = || tls(host, trust);
    let (tls, port) = match url.scheme() {
        "smtps" => (Tls::Wrapper(tls()?), SUBMISSIONS),
        "smtp+plain" => (Tls::None, SUBMISSION),
        _ => (Tls::Required(tls()?), SUBMISSION),
    };
    let server = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host);
    let server = server.port(url.port().unwrap_or(port)).tls(tls);
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Ok(match (url.username(), url.password()) {
        ("", None) => server.build(),
        (user, password) => {
            server.credentials(Credentials::new(decoded(user), decoded(password.unwrap_or_default()))).build()
        }
    })
}

fn tls(host: &str, trust: &Trust) -> Result<TlsParameters, String> {
    let mut tls = TlsParameters::builder(host.to_owned());
    if let Some(pem) = trust.pem() {
        let own = Certificate::from_pem(pem.as_bytes()).map_err(|error| format!("storage.ca_file: {error}"))?;
        tls = tls.add_root_certificate(own);
    }
    tls.build().map_err(|error| format!("TLS: {error}"))
}

/// The letter for those whose reader shows more than text; nothing of it is loaded from anywhere.
fn html(message: &Outgoing) -> String {
    let item = |text: &str| format!("<li>{}</li>", escaped(text));
    let items: String = message.lines.iter().map(|line| item(&line.text)).collect();
    let more = escaped(&message.more);
    let subject = escaped(&message.subject);
    if let Some(report) = &message.report {
        return format!("<html><body><pre>{}</pre></body></html>", escaped(&report.text));
    }
    format!("<html><body><h3>{subject}</h3><ul>{items}</ul><p>{more}</p></body></html>")
}
