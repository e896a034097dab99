//! What every artifact store promises.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use common::ports::{ArtifactStore, Created, PortError, StoreKey};
use common::vocabulary::ContentHash;
use futures::TryStreamExt;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// A store under test.
pub(crate) trait Fixture {
    /// A further instance on the same store, as another process would have.
    async fn connect(&self) -> Arc<dyn ArtifactStore>;
    /// A folder of this machine for files that go up and come down.
    fn scratch(&self) -> &Path;
    /// Whether anything lies outside the store that should be inside.
    async fn leaked(&self) -> bool;
}

fn key(text: &str) -> StoreKey {
    text.parse().unwrap()
}

pub(crate) async fn objects_reach_another_instance(fixture: &impl Fixture) {
    let (near, far) = (fixture.connect().await, fixture.connect().await);
    near.put(&key("a/b^c=d"), "body".into()).await.unwrap();
    assert_eq!(far.get(&key("a/b^c=d")).await.unwrap(), "body");
}

pub(crate) async fn put_replaces_and_create_does_not(fixture: &impl Fixture) {
    let store = fixture.connect().await;
    let name = key("jobs/seal");
    assert_eq!(store.create(&name, "one".into()).await.unwrap(), Created::Fresh);
    assert_eq!(store.create(&name, "two".into()).await.unwrap(), Created::Exists);
    assert_eq!(store.get(&name).await.unwrap(), "one");
    store.put(&name, "three".into()).await.unwrap();
    assert_eq!(store.get(&name).await.unwrap(), "three");
}

pub(crate) async fn one_of_many_creates_wins(fixture: &impl Fixture) {
    for round in 0..10 {
        let name = key(&format!("jobs/{round}/seal"));
        let mut racers = tokio::task::JoinSet::new();
        for racer in 0..8_u8 {
            let (store, name) = (fixture.connect().await, name.clone());
            racers.spawn(async move { (racer, store.create(&name, Bytes::from(vec![racer; 1000])).await.unwrap()) });
        }
        let results = racers.join_all().await;
        let winners: Vec<u8> =
            results.iter().filter(|(_, created)| *created == Created::Fresh).map(|(racer, _)| *racer).collect();
        assert_eq!(winners.len(), 1);
        assert_eq!(fixture.connect().await.get(&name).await.unwrap(), vec![winners[0]; 1000]);
    }
}

pub(crate) async fn a_file_goes_up_and_comes_down(fixture: &impl Fixture) {
    let store = fixture.connect().await;
    // Longer than one piece, and not a multiple of it.
    let body: Vec<u8> = (0..20_000_001_u32).map(|i| (i % 251) as u8).collect();
    let (source, target) = (fixture.scratch().join("source"), fixture.scratch().join("target"));
    std::fs::write(&source, &body).unwrap();
    store.upload(&key("artifact/weights"), &source).await.unwrap();
    store.download(&key("artifact/weights"), &target, &ContentHash::of(&body)).await.unwrap();
    assert!(std::fs::read(&target).unwrap() == body);
    for whole in [0, 8 << 20] {
        std::fs::write(&source, &body[..whole]).unwrap();
        store.upload(&key("artifact/weights"), &source).await.unwrap();
        store.download(&key("artifact/weights"), &target, &ContentHash::of(&body[..whole])).await.unwrap();
    }
}

/// What is large is read a piece at a time; whoever stops taking pieces stops the reading.
pub(crate) async fn an_object_is_read_piece_by_piece(fixture: &impl Fixture) {
    let store = fixture.connect().await;
    let body: Vec<u8> = (0..20_000_001_u32).map(|i| (i % 251) as u8).collect();
    store.put(&key("artifact/weights"), body.clone().into()).await.unwrap();
    let mut pieces = store.read(&key("artifact/weights")).await.unwrap();
    let (mut read, mut longest) = (Vec::new(), 0);
    while let Some(piece) = pieces.try_next().await.unwrap() {
        longest = longest.max(piece.len());
        read.extend_from_slice(&piece);
    }
    assert!(read == body);
    assert!(longest <= 8 << 20, "a piece of {longest} bytes");
    assert_eq!(store.hash(&key("artifact/weights")).await.unwrap(), ContentHash::of(&body));
    let missing = store.read(&key("no/such/object")).await.err().unwrap();
    assert!(matches!(&missing, PortError::NotFound { what } if what == "no/such/object"), "{missing}");
}

pub(crate) async fn what_is_too_large_is_not_read_whole(fixture: &impl Fixture) {
    let store = fixture.connect().await;
    store.put(&key("jobs/seal"), "0123456789".into()).await.unwrap();
    assert_eq!(store.get_within(&key("jobs/seal"), 10).await.unwrap(), "0123456789");
    let refused = store.get_within(&key("jobs/seal"), 9).await.unwrap_err();
    assert!(matches!(&refused, PortError::Damaged { what, .. } if what == "jobs/seal"), "{refused}");
}

pub(crate) async fn an_altered_object_is_found_out(fixture: &impl Fixture) {
    let store = fixture.connect().await;
    let target = fixture.scratch().join("altered");
    store.put(&key("artifact/weights"), "altered".into()).await.unwrap();
    let refused = store.download(&key("artifact/weights"), &target, &ContentHash::of(b"original")).await.unwrap_err();
    assert!(matches!(&refused, PortError::Damaged { what, .. } if what == "artifact/weights"), "{refused}");
    assert_eq!(std::fs::read_dir(fixture.scratch()).unwrap().count(), 0, "the download left a file");
}

pub(crate) async fn what_is_not_there_is_said(fixture: &impl Fixture) {
    let store = fixture.connect().await;
    let nothing = key("no/such/object");
    assert!(matches!(store.get(&nothing).await, Err(PortError::NotFound { what }) if what == "no/such/object"));
    let target = fixture.scratch().join("nothing");
    let refused = store.download(&nothing, &target, &ContentHash::of(b"")).await;
    assert!(matches!(refused, Err(PortError::NotFound { .. })));
    assert!(matches!(store.upload(&nothing, &target).await, Err(PortError::NotFound { .. })));
    assert!(matches!(store.get(&nothing).await, Err(PortError::NotFound { .. })));
}

pub(crate) async fn a_list_stays_below_its_folder(fixture: &impl Fixture) {
    let store = fixture.connect().await;
    for name in ["jobs/1/a", "jobs/1/b/c", "jobs/10/a", "snapshots/x"] {
        store.put(&key(name), name.into()).await.unwrap();
    }
    let list = async |below: Option<&str>| -> Vec<(String, u64)> {
        let below = below.map(key);
        let entries = store.list(below.as_ref()).await.unwrap();
        entries.into_iter().map(|entry| (entry.key.to_string(), entry.bytes)).collect()
    };
    assert_eq!(list(Some("jobs/1")).await, [("jobs/1/a".into(), 8), ("jobs/1/b/c".into(), 10)]);
    assert_eq!(list(Some("nothing")).await, []);
    assert_eq!(list(None).await.len(), 4);
}

pub(crate) async fn deleting_twice_is_fine(fixture: &impl Fixture) {
    let store = fixture.connect().await;
    store.put(&key("a/b"), "body".into()).await.unwrap();
    store.delete(&key("a/b")).await.unwrap();
    store.delete(&key("a/b")).await.unwrap();
    assert!(matches!(store.get(&key("a/b")).await, Err(PortError::NotFound { .. })));
}

/// Whatever text is accepted as a key, its object lies in the store and is found under the same name.
pub(crate) async fn every_key_stays_in_the_store(fixture: &impl Fixture) {
    let store = fixture.connect().await;
    let texts = prop_oneof![
        "[a-z./_^=-]{1,12}",
        ".*",
        Just("../../etc/passwd".to_owned()),
        Just("/etc/passwd".to_owned()),
        Just("a/..".to_owned())
    ];
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let runtime = tokio::runtime::Handle::current();
    let tested = tokio::task::block_in_place(|| {
        runner.run(&texts, |text| {
            let Ok(name) = text.parse::<StoreKey>() else { return Ok(()) };
            prop_assert!(!name.as_str().split('/').any(|segment| segment.is_empty() || segment.starts_with('.')));
            runtime.block_on(async {
                store.put(&name, "body".into()).await.unwrap();
                assert!(store.list(None).await.unwrap().iter().any(|entry| entry.key == name));
                // So that a later key may have this one as its folder.
                store.delete(&name).await.unwrap();
            });
            Ok(())
        })
    });
    tested.unwrap();
    assert!(!fixture.leaked().await);
}

/// Also when many ask at once: a folder that empties goes, and nobody's next object may lie in it.
pub(crate) async fn the_store_answers(fixture: &impl Fixture) {
    let store = fixture.connect().await;
    store.probe().await.unwrap();
    let asked = &store;
    let probes = (0..8).map(|_| async move {
        for _ in 0..20 {
            asked.probe().await.unwrap();
        }
    });
    futures::future::join_all(probes).await;
    assert_eq!(store.list(None).await.unwrap().len(), 0, "the probe left an object");
}
