//! Slow clients, and the end of a server.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::{get, post};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::*;

/// Longest wait for what is due at once.
const LIMIT: Duration = Duration::from_secs(60);

/// A server that answers `/`, and `/slow` once it is told to.
struct Running {
    address: SocketAddr,
    answer: CancellationToken,
    stopping: CancellationToken,
    ended: JoinHandle<()>,
}

impl Running {
    async fn start(connections: u32) -> Self {
        let answer = CancellationToken::new();
        let told = answer.clone();
        let slow = || async move {
            told.cancelled().await;
            "late"
        };
        let routes = Router::new().route("/", get(|| async { "here" })).route("/slow", get(slow));
        Self { answer, ..Self::serving(routes, connections, Limits::default()).await }
    }

    async fn serving(routes: Router, connections: u32, limits: Limits) -> Self {
        let (answer, stopping) = (CancellationToken::new(), CancellationToken::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let ended = tokio::spawn(Server::with(routes, connections, limits).run(listener, stopping.clone()));
        Self { address, answer, stopping, ended }
    }

    /// A client that has sent this.
    async fn client(&self, sent: &str) -> TcpStream {
        let mut client = TcpStream::connect(self.address).await.unwrap();
        client.write_all(sent.as_bytes()).await.unwrap();
        client
    }

    /// Asks the server to end, and waits until it has.
    async fn stop(self) {
        self.stopping.cancel();
        timeout(LIMIT, self.ended).await.unwrap().unwrap();
    }
}

/// What a client gets until the server hangs up.
async fn all(mut client: TcpStream) -> String {
    let mut text = String::new();
    timeout(LIMIT, client.read_to_string(&mut text)).await.unwrap().unwrap();
    text
}

const REQUEST: &str = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
const SLOW: &str = "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n";

#[tokio::test]
async fn an_answer_that_is_under_way_is_given_before_the_end() {
    let running = Running::start(10).await;
    let mut slow = running.client(SLOW).await;
    assert!(all(running.client(REQUEST).await).await.ends_with("here"));
    let (answer, address) = (running.answer.clone(), running.address);
    let stopped = tokio::spawn(running.stop());
    // Nobody is let in any more.
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    answer.cancel();
    let mut text = String::new();
    timeout(LIMIT, slow.read_to_string(&mut text)).await.unwrap().unwrap();
    assert!(text.ends_with("late"), "{text}");
    stopped.await.unwrap();
}

#[tokio::test]
async fn clients_that_send_slowly_do_not_hold_up_the_end() {
    let routes = Router::new().route("/", get(|| async { "here" })).route("/slow", get(std::future::pending::<&str>));
    let limits = Limits { grace: Duration::from_millis(300), ..Limits::default() };
    let running = Running::serving(routes, 10, limits).await;
    let clients = [running.client("").await, running.client("GET / HT").await, running.client(SLOW).await];
    let body = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nx";
    let sending = running.client(body).await;
    assert!(all(running.client(REQUEST).await).await.ends_with("here"));
    running.stop().await;
    drop((clients, sending));
}

#[tokio::test]
async fn a_client_beyond_the_limit_waits_until_another_is_gone() {
    let running = Running::start(2).await;
    let (first, second) = (running.client(SLOW).await, running.client(SLOW).await);
    let mut third = running.client(REQUEST).await;
    let answered = timeout(Duration::from_millis(200), third.read_u8()).await;
    assert!(answered.is_err(), "there is no place for it");
    drop(first);
    assert!(all(third).await.ends_with("here"));
    drop(second);
}

/// A refusal comes before the body has: whoever sends on reads why, and may ask again on the same connection.
#[tokio::test]
async fn whoever_still_sends_gets_to_read_why_they_were_refused() {
    let routes = Router::new().route("/", post(|| async { StatusCode::UNAUTHORIZED }));
    let running = Running::serving(crate::api::layers::around(routes), 10, Limits::default()).await;
    let part = vec![b'x'; 1 << 20];
    let mut client =
        running.client(&format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", 4 * part.len())).await;
    let mut answer = [0; 12];
    timeout(LIMIT, client.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 401");
    for _ in 0..4 {
        timeout(LIMIT, client.write_all(&part)).await.unwrap().unwrap();
    }
    client.write_all(b"GET /other HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(all(client).await.contains("HTTP/1.1 404"));
    running.stop().await;
}

/// Far less than a client takes that is waited for.
const SHORT: Limits = Limits { head: Duration::from_millis(200), grace: Duration::from_secs(10) };

#[tokio::test]
async fn a_head_that_does_not_end_is_not_waited_for() {
    let running = Running::serving(Router::new(), 10, SHORT).await;
    for sent in ["", "GET / HT"] {
        let _answer_or_none = all(running.client(sent).await).await;
    }
    running.stop().await;
}

/// A listener says nothing for hours, and is no slow client: it is written to.
#[tokio::test]
async fn a_listener_that_only_reads_is_not_cut_off() {
    let silent = || async {
        let signs = KeepAlive::new().interval(SHORT.head / 10);
        Sse::new(futures::stream::pending::<Result<Event, Infallible>>()).keep_alive(signs)
    };
    let running = Running::serving(Router::new().route("/events", get(silent)), 10, SHORT).await;
    let client = running.client("GET /events HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut lines = BufReader::new(client).lines();
    let began = Instant::now();
    while began.elapsed() < 5 * SHORT.head {
        timeout(LIMIT, lines.next_line()).await.unwrap().unwrap().expect("the connection is there");
    }
}

#[test]
fn no_more_connections_than_files_may_be_open() {
    for (wanted, files, expected) in
        [(2048, 1_048_576, 2048), (2048, 1024, 768), (2048, 256, 128), (10, 1024, 10), (8, 0, 1)]
    {
        assert_eq!(affordable(wanted, files), expected, "{wanted} of {files}");
    }
}
