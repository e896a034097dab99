use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use common::connect::Trust;

use super::super::Database;
use super::*;

/// What a server that answers the first message with these bytes is met with.
async fn met_with(answer: Vec<u8>, query: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut message = [0; 1024];
        let _length: usize = stream.read(&mut message).await.unwrap();
        stream.write_all(&answer).await.unwrap();
        stream.read(&mut message).await
    });
    let url = format!("postgres://refit:hush@127.0.0.1:{port}/fleet?{query}");
    let error = Database::open(&url, &Trust::default()).await.unwrap_err().to_string();
    server.abort();
    assert!(!error.contains("hush") && !error.contains('\n'), "{error}");
    let shown = format!("the database postgres://refit:***@127.0.0.1:{port}/fleet?*** cannot be opened: ");
    error.strip_prefix(&shown).unwrap_or_else(|| panic!("{error}")).to_owned()
}

/// PostgreSQL's message of an error.
fn refusal(code: &str, message: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for field in [format!("SFATAL\0VFATAL\0C{code}\0M{message}\0"), "\0".into()] {
        body.extend(field.bytes());
    }
    [b"E".as_slice(), &(body.len() as u32 + 4).to_be_bytes(), &body].concat()
}

#[tokio::test]
async fn a_server_that_refuses_says_why_and_what_would_help() {
    let cases = [
        ("28P01", "password authentication failed for user \"refit\"", "correct user and password in storage.database"),
        ("28000", "no pg_hba.conf entry for host", "correct user and password in storage.database"),
        ("3D000", "database \"fleet\" does not exist", "create it, or correct the name"),
        ("42501", "permission denied for schema public", "grant the user the rights USAGE and CREATE"),
        ("53300", "sorry, too many clients already", "raise max_connections"),
    ];
    for (code, message, help) in cases {
        let met = met_with(refusal(code, message), "sslmode=disable").await;
        assert!(met.starts_with(&format!("{message}: {help}")), "{met}");
    }
    let met = met_with(refusal("XX000", "out of luck"), "sslmode=disable").await;
    assert_eq!(met, "out of luck");
    let met = met_with(b"N".to_vec(), "sslmode=verify-full").await;
    assert!(met.starts_with("it does not offer TLS, and sslmode asks for it"), "{met}");
    let met = met_with(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "sslmode=verify-full").await;
    assert!(met.starts_with("what answers there does not speak its language: "), "{met}");
}

#[tokio::test]
async fn what_cannot_be_opened_says_so_at_once() {
    let cases = [
        (
            "postgres://u:hush@127.0.0.1:1/d",
            "the database postgres://u:***@127.0.0.1:1/d cannot be opened: it cannot be reached: ",
        ),
        (
            "postgres://u:hush@127.0.0.1:1/d?sslmode=most",
            "the database postgres://u:***@127.0.0.1:1/d?*** cannot be opened: the URL cannot be read: ",
        ),
        (
            "mysql://u:hush@h/d",
            "the database mysql://u:***@h/d cannot be opened: the URL must begin with sqlite:// or postgres://",
        ),
        (
            "sqlite:///proc/refit.db",
            "the database sqlite:///proc/refit.db cannot be opened: unable to open database file: ",
        ),
    ];
    for (url, text) in cases {
        let error = Database::open(url, &Trust::default()).await.unwrap_err().to_string();
        assert!(error.starts_with(text), "{error}");
        assert!(!error.contains("hush"), "{error}");
    }
}

#[test]
fn what_tls_says_is_told_by_meaning() {
    let refused = |text: &str| reason(&sqlx::Error::Io(io::Error::new(ErrorKind::InvalidData, text.to_owned())));
    let unknown = refused("invalid peer certificate: UnknownIssuer");
    assert!(unknown.contains("storage.ca_file must name a file with the authority that signed it"), "{unknown}");
    let other =
        refused("invalid peer certificate: certificate not valid for name \"db1\"; certificate is only valid for db");
    assert!(other.contains("the URL must name the host as the certificate does"), "{other}");
}

#[test]
fn what_passes_is_told_from_what_does_not() {
    for code in ["08006", "57P01", "57P03", "53300", "55P03", "40P01", "25P03", "5", "517", "6"] {
        assert!(passes(code), "{code}");
    }
    for code in ["23505", "42601", "28P01", "XX000", "22021", "14", "2067", "11"] {
        assert!(!passes(code), "{code}");
    }
    assert!(matches!(Error::from(sqlx::Error::PoolTimedOut), Error::Lost { .. }));
    assert!(matches!(Error::from(sqlx::Error::RowNotFound), Error::Sql(_)));
}
