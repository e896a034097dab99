//! Clients of the API that send a byte a second, and never come to an end.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Between two bytes.
const PACE: Duration = Duration::from_secs(1);
/// How they begin: half of them are in the middle of a head, half in the middle of a body.
const BEGINNINGS: [&str; 2] = [
    "GET /api/v1/health HTTP/1.1\r\nhost: localhost\r\nx-slow: ",
    "POST /api/v1/trainings HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n",
];

/// Clients that are there until they are dropped.
pub struct SlowClients {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl SlowClients {
    /// So many of them, at `http://HOST:PORT`. They have begun when this returns.
    ///
    /// # Panics
    /// Nobody listens there.
    pub fn start(address: &str, count: usize) -> Self {
        let place = address.trim_start_matches("http://");
        let clients = (0..count).map(|number| {
            let mut client = TcpStream::connect(place).expect("the API listens");
            client.write_all(BEGINNINGS[number % 2].as_bytes()).expect("the API reads");
            client
        });
        let mut clients: Vec<TcpStream> = clients.collect();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                std::thread::park_timeout(PACE);
                clients.retain_mut(|client| client.write_all(b" ").is_ok());
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for SlowClients {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ended = thread.join();
        }
    }
}
