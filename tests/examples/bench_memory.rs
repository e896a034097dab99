//! `make bench-memory`: the most memory a coordinator has had, while a file of tiny rows comes in, and while many who asked for the
//! output of a batch take nothing of it.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Read, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use refit_tests::draw::draw;
use refit_tests::installation::LIMIT;
use refit_tests::{Installation, wait};

const MODEL: &str = "text/bench";
/// Size of the file of tiny rows, in MiB, unless `REFIT_BENCH_MIB` says otherwise.
const MIB: u64 = 100;
/// Who takes nothing.
const STALLED: usize = 600;
/// Rows of the batch.
const ROWS: u64 = 300_000;
/// What a coordinator may have, in MiB.
const GOAL: f64 = 300.0;

fn main() {
    let mib = std::env::var("REFIT_BENCH_MIB").ok().and_then(|n| n.parse().ok()).unwrap_or(MIB);
    tiny_rows(mib);
    stalled_readers();
}

fn report(name: &str, mib: f64) {
    println!("bench: {name} {mib:.0} MiB, goal {GOAL:.0} MiB, ratio {:.2}", mib / GOAL);
}

/// The most resident memory the coordinator has had, in MiB.
fn peak(refit: &Installation) -> f64 {
    let pid = refit.coordinator.as_ref().expect("a coordinator runs").pid();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process is there");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the kernel says so");
    line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
}

/// Rows of one digit, most of them repeated: what tells keys apart was the most of it.
fn tiny_rows(mib: u64) {
    let mut refit = Installation::new();
    refit.start_coordinator(&[]);
    let idle = peak(&refit);
    let path = refit.folder().join("tiny.csv");
    let mut file = BufWriter::new(File::create(&path).expect("the folder can be written to"));
    file.write_all(b"digit\n").expect("room on the disk");
    for row in 0..mib << 19 {
        file.write_all(&[b'0' + draw(row, 0, 10) as u8, b'\n']).expect("room on the disk");
    }
    file.flush().expect("room on the disk");
    let begin = Instant::now();
    refit.json(&["data", "import", "tiny", &path.to_string_lossy()]);
    println!("{mib} MiB of tiny rows came in within {:.0} s; idle: {idle:.0} MiB", begin.elapsed().as_secs_f64());
    report("memory_import_of_tiny_rows", peak(&refit));
}

/// A classifier that has been trained and answers.
fn classifier(refit: &Installation) {
    let word =
        |number: u64| format!("w{}", char::from(b'a' + (number % 26) as u8)).repeat(1 + number as usize / 26 % 3);
    let mut csv = "text,label\n".to_owned();
    for row in 0..2_000_u64 {
        let rude = draw(row, 0, 3) == 0;
        // Nine times in ten: a word that tells the class for sure would have to be confirmed.
        let telling = if (draw(row, 1, 10) == 0) != rude { "idiot" } else { "thanks" };
        let words: Vec<String> = (0..8).map(|place| word(draw(row, 10 + place, 78))).collect();
        writeln!(csv, "{} {telling},{}", words.join(" "), u8::from(rude)).expect("a text can be written to");
    }
    let file = refit.folder().join("texts.csv");
    std::fs::write(&file, csv).expect("the folder can be written to");
    refit.json(&["data", "import", "bench", &file.to_string_lossy()]);
    refit.json(&["model", MODEL]);
    let job = refit.ended(&refit.train(MODEL, &[]));
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
}

fn stalled_readers() {
    let mut refit = Installation::running();
    classifier(&refit);
    let mut rows = "text\n".to_owned();
    (0..ROWS).for_each(|row| writeln!(rows, "thanks {}", draw(row, 0, 1000)).expect("a text can be written to"));
    let file = refit.folder().join("rows.csv");
    std::fs::write(&file, rows).expect("the folder can be written to");
    let output = refit.folder().join("out.csv");
    let (from, to) = (file.to_string_lossy(), output.to_string_lossy());
    let job = refit.json(&["predict", MODEL, "--file", &from, "--batch", "--output", &to]);
    let job = job["id"].as_str().expect("a job has an id").to_owned();

    // What came before does not count.
    refit.coordinator.as_mut().expect("a coordinator runs").kill();
    refit.start_coordinator(&[]);
    let idle = peak(&refit);
    let address = refit.address().expect("the coordinator listens");
    let host = address.trim_start_matches("http://").to_owned();
    let ask = |_| {
        let mut socket = TcpStream::connect(&host).expect("the coordinator accepts");
        let words = format!("GET /api/v1/jobs/{job}/output HTTP/1.1\r\nhost: {host}\r\n\r\n");
        socket.write_all(words.as_bytes()).expect("the coordinator listens");
        socket
    };
    let mut sockets: Vec<TcpStream> = (0..STALLED).map(ask).collect();
    let mut answered = |status: &str| -> usize {
        let mut head = [0; 12];
        let mut is = |socket: &mut TcpStream| socket.read_exact(&mut head).is_ok() && head.ends_with(status.as_bytes());
        sockets.iter_mut().filter_map(|socket| is(socket).then_some(())).count()
    };
    let sent = answered("200");
    let begin = Instant::now();
    let trained = refit.ended(&refit.train(MODEL, &["--mode", "complete"]));
    let recorded = trained["state"] == "completed";
    let seconds = begin.elapsed().as_secs_f64();
    assert!(recorded, "{trained}\n{}", refit.logs());
    wait::until("the coordinator to be healthy", LIMIT, || (refit.get("health")?["healthy"] == true).then_some(()));
    println!(
        "{STALLED} asked for an output, {sent} were being sent it, and a training was recorded within {seconds:.1} s; idle: {idle:.0} MiB"
    );
    report("memory_stalled_readers", peak(&refit));
}
