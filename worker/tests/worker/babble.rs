//! A child that says what no child says: it is ended, and the failure says what it was.

use std::os::unix::fs::PermissionsExt;

use common::vocabulary::FailureClass;
use worker::Failure;
use worker::process::{Event, ExecutorProcess, Launch};

use crate::stage::{LIMIT, lives};

/// The end of a child that writes this (as `printf` has it) and then lives on.
async fn end_after(words: &str) -> Failure {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("child");
    std::fs::write(&program, format!("#!/bin/sh\nprintf '{words}'\nexec sleep 1000\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let launch = Launch { program, cuda: None, log_level: "warn".into() };
    let mut child = ExecutorProcess::spawn(&launch, "cpu", "test").unwrap();
    let pid = child.pid();
    let Event::Died(failure) = tokio::time::timeout(LIMIT, child.next()).await.expect("its end") else {
        panic!("{words} was understood")
    };
    assert!(!lives(pid), "{words}: it lives on");
    failure
}

#[tokio::test]
async fn a_child_that_cannot_be_understood_is_ended() {
    let nested = format!(r"\050\000\000\000{}", r"\221".repeat(40));
    let cases = [
        (r"\377\377\377\377", "a frame of 4294967295 bytes"),
        (r"\001\000\000\000\301", "byte 0xc1 is not MessagePack"),
        (&nested, "nested deeper than"),
        (r"\003\000\000\000\223\001\002", "the message is cut off"),
        (r"\012\000\000\000\202\241v\001\244body\300", "the message cannot be understood"),
        (r"\012\000\000\000\202\241v\002\244body\300", "the message is of version 2"),
        ("hello from a library\\n", "a frame of 1819043176 bytes"),
    ];
    for (words, reason) in cases {
        let failure = end_after(words).await;
        assert_eq!(failure.class, FailureClass::Crash, "{words}");
        assert!(failure.message.starts_with("the executor said something that cannot be understood"), "{failure:?}");
        assert!(failure.message.contains(reason) && failure.message.ends_with("it was replaced"), "{failure:?}");
    }
}
