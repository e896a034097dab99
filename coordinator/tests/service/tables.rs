//! Data sets: rows come in, are superseded and deleted, and become immutable files (C1, C10, D6, G10).

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::NaiveDate;
use common::ports::StoreKey;
use common::table::{Cell, Entry, decode};
use common::vocabulary::{ContentHash, DatasetName, TablePart};
use coordinator::views::{
    CheckRequest, CleanupRequest, Event, ModelFilter, ModelRequest, RowsEvent, TableImportReport, TableImportRequest,
};

use crate::kit::{Environment, Running, receive, wait_for};

fn name() -> DatasetName {
    "movies".parse().unwrap()
}

fn ratings() -> TableImportRequest {
    TableImportRequest {
        file: "u.data".into(),
        key: Some("user,item".into()),
        time: Some("at".into()),
        columns: Some("user,item,rating,at".into()),
        ..TableImportRequest::default()
    }
}

/// So many ratings, of MovieLens' form.
fn text(rows: std::ops::Range<u32>, rating: impl Fn(u32) -> u32) -> String {
    rows.map(|n| format!("{}\t{}\t{}\t{}\n", n % 943, n, rating(n), 881_250_949 + n)).collect()
}

impl Running {
    async fn rows(&self, request: &TableImportRequest, text: &str) -> TableImportReport {
        self.refit.import_rows(&name(), request.clone(), text.as_bytes()).await.unwrap()
    }

    async fn log(&self, parts: &[TablePart]) -> Vec<Entry> {
        let mut all = Vec::new();
        for part in parts {
            let file = self.environment.ports.store.get(&StoreKey::snapshot(&part.hash)).await.unwrap();
            assert_eq!(ContentHash::of(&file), part.hash);
            let (_, entries) = decode(file).unwrap();
            assert_eq!((entries.seq.first(), entries.len() as u64), (Some(&part.first_seq), part.entries));
            all.extend(entries.iter());
        }
        assert!(all.iter().map(|entry| entry.seq).eq(1..=all.len() as u64), "every entry, once, in order");
        all
    }
}

/// The rows as they stand after a log.
fn standing(log: &[Entry]) -> BTreeMap<String, Option<f64>> {
    let mut rows = BTreeMap::new();
    for entry in log {
        match (entry.deleted, &entry.cells[2]) {
            (true, _) => rows.remove(&entry.key),
            (false, Some(Cell::Number(rating))) => rows.insert(entry.key.clone(), Some(*rating)),
            (false, _) => rows.insert(entry.key.clone(), None),
        };
    }
    rows
}

/// C1, G10: ratings come in, are rated again and deleted; the log keeps everything, earlier files are used again, to the bit.
#[tokio::test(flavor = "multi_thread")]
async fn c1_g10_rows_are_superseded_and_deleted_and_never_lost() {
    let running = Running::new().await;
    let mut events = running.listen();
    let first = running.rows(&ratings(), &text(0..5000, |n| 1 + n % 5)).await;
    assert_eq!((first.rows, first.new, first.refused, first.total, first.entries), (5000, 5000, 0, 5000, 5000));
    let kinds: Vec<&str> = first.columns.iter().map(|column| column.kind.as_str()).collect();
    assert_eq!(kinds, ["text", "text", "number", "time"]);
    let rows = receive(&mut events, "the rows", |event| match event {
        Event::Rows(rows) => Some(rows),
        _ => None,
    });
    assert_eq!(rows.await, RowsEvent::from(&first));
    let before = running.refit.freeze_dataset(&name(), None).await.unwrap();

    let again = running.rows(&ratings(), &text(0..5000, |n| 1 + n % 5)).await;
    assert_eq!((again.new, again.unchanged, again.entries), (0, 5000, 5000), "{again:?}");
    let rated_again = running.rows(&ratings(), &text(4000..6000, |n| if n < 4010 { 9 } else { 1 + n % 5 })).await;
    assert_eq!((rated_again.new, rated_again.superseded, rated_again.unchanged), (1000, 10, 990));
    let listed = TableImportRequest { delete: true, columns: Some("user,item".into()), ..ratings() };
    let deleted = running.rows(&TableImportRequest { time: None, ..listed }, "0\t0\n1\t1\n77\t999999\n").await;
    assert_eq!((deleted.deleted, deleted.total, deleted.entries), (2, 5998, 6012), "{deleted:?}");
    assert!(deleted.warnings.iter().any(|warning| warning == "1 rows to delete were not there"));
    let back = running.rows(&ratings(), "0\t0\t2\t881250949\n").await;
    assert_eq!((back.new, back.total), (1, 5999), "what was deleted can come again");

    let view = running.refit.dataset(&name()).await.unwrap();
    assert_eq!((view.rows, view.entries, view.key.join(",")), (5999, 6013, "user,item".into()));
    assert_eq!(view.first.map(|day| day.to_string()).as_deref(), Some("1997-12-04"));
    let after = running.refit.freeze_dataset(&name(), None).await.unwrap();
    assert_eq!((after.len(), &after[0]), (2, &before[0]), "the first file is used again");
    let log = running.log(&after).await;
    let rows = standing(&log);
    assert_eq!((rows.len(), rows.get("0|0"), rows.get("1|1")), (5999, Some(&Some(2.0)), None));
    assert_eq!(rows["228|4000"], Some(9.0));

    // As of an earlier entry it is what it was then, also after its files were forgotten: the same bits.
    let then = running.refit.freeze_dataset(&name(), Some(5000)).await.unwrap();
    assert_eq!(then, before);
    running.environment.database.execute("DELETE FROM dataset_parts").await.unwrap();
    assert_eq!(running.refit.freeze_dataset(&name(), Some(5000)).await.unwrap(), before);
    assert!(running.refit.freeze_dataset(&name(), Some(6014)).await.is_err());
}

/// D6: what people read as rows are rows as they stand, however often they were corrected.
#[tokio::test(flavor = "multi_thread")]
async fn d6_rows_that_were_corrected_are_counted_once() {
    let running = Running::new().await;
    for round in 0..3 {
        running.rows(&ratings(), &text(0..1200, |n| 1 + (n + round) % 5)).await;
    }
    let listed = TableImportRequest { delete: true, columns: Some("user,item".into()), time: None, ..ratings() };
    running.rows(&listed, "0\t0\n1\t1\n").await;
    let view = running.refit.dataset(&name()).await.unwrap();
    assert_eq!((view.rows, view.entries), (1198, 3602));
    let key = "recommender/movies".parse().unwrap();
    let model = ModelRequest { dataset: Some("movies".into()), ..ModelRequest::default() };
    let model = running.refit.put_model(&key, model).await.unwrap();
    assert_eq!((model.rows, model.new_rows), (1198, 1198));
    assert_eq!(running.refit.models(ModelFilter::default()).await.unwrap().items[0].rows, 1198);
    let early = CheckRequest { as_of: NaiveDate::from_ymd_opt(1997, 12, 3), ..CheckRequest::default() };
    let decision = running.refit.check(early).await.unwrap().items.remove(0);
    assert!(decision.holds[0].text.starts_with("0 rows"), "{decision:?}");
    assert_eq!(running.refit.incremental_report(None).await.unwrap().models[0].new_rows, 1198);
}

/// D6: what cannot be taken is refused row by row, and says where and why.
#[tokio::test(flavor = "multi_thread")]
async fn d6_bad_rows_are_refused_one_by_one() {
    let running = Running::new().await;
    let good: String = (0..400).map(|n| format!("u{n},{n},4\n")).collect();
    let text = format!("user,item,rating\n{good}bob,7,inf\n,8,3\ncat,9\ndan,10,2\ndan,10,3\nu0,0,4,5\n");
    let request =
        TableImportRequest { file: "r.csv".into(), key: Some("user,item".into()), ..TableImportRequest::default() };
    let report = running.rows(&request, &text).await;
    assert_eq!((report.rows, report.new, report.repeated, report.refused), (406, 401, 1, 4), "{report:?}");
    let reasons: Vec<(u64, &str)> = report.refusals.iter().map(|row| (row.line, row.reason.as_str())).collect();
    assert_eq!(
        reasons,
        [
            (402, "rating is inf, not a finite number"),
            (403, "user is empty, and is part of the key"),
            (404, "it has 2 fields, there are 3 columns"),
            (407, "it has 4 fields, there are 3 columns"),
        ]
    );
    let again = running.rows(&request, &text).await;
    assert_eq!(
        (again.new, again.superseded, again.unchanged, again.entries),
        (0, 0, 401, 401),
        "the same file adds nothing"
    );
    let refused = async |text: &str| {
        let report = running.refit.import_rows(&name(), request.clone(), text.as_bytes()).await;
        report.unwrap_err().to_string()
    };
    assert!(refused("user,item,rating,mood\na,1,2,x\n").await.contains("a column mood that the data set has not"));
    assert!(refused("user,item\na,1\n").await.contains("no column rating"));
    let unknown = running.refit.dataset(&"movie".parse().unwrap()).await.unwrap_err().to_string();
    assert_eq!(unknown, "there is no data set movie: did you mean movies?");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_imports_at_once_are_both_whole() {
    let running = Running::new().await;
    let one = text(0..20_000, |_| 3);
    let other = text(10_000..30_000, |_| 4);
    let importing = [one, other].map(|text| {
        let refit = running.refit.clone();
        tokio::spawn(async move { refit.import_rows(&name(), ratings(), text.as_bytes()).await.unwrap() })
    });
    let mut reports = Vec::new();
    for import in importing {
        reports.push(import.await.unwrap());
    }
    assert_eq!(reports.iter().map(|report| report.new + report.superseded).collect::<Vec<_>>(), [20_000, 20_000]);
    let view = running.refit.dataset(&name()).await.unwrap();
    assert_eq!((view.rows, view.entries), (30_000, 40_000));
    let log = running.log(&running.refit.freeze_dataset(&name(), None).await.unwrap()).await;
    let later = if reports[0].entries == 40_000 { 3.0 } else { 4.0 };
    assert_eq!(standing(&log)[&format!("{}|15000", 15_000 % 943)], Some(later), "the later of the two stands");
}

/// C10: an import that died in the middle has left nothing to see, and the next one clears it away.
#[tokio::test(flavor = "multi_thread")]
async fn c10_what_a_dead_import_left_is_never_seen() {
    let running = Running::new().await;
    running.rows(&ratings(), &text(0..1000, |_| 3)).await;
    let environment = running.crash().await;
    // As an import leaves it that is killed after its second transaction.
    let left = "INSERT INTO imports (id, file, target, at, report) VALUES (77, 'dead.csv', 'movies', 0, '{}')";
    environment.database.execute(left).await.unwrap();
    for left in [
        "INSERT INTO entries (dataset, seq, import, key, at, deleted, cells)
             SELECT dataset, seq + 1000, 77, key, at, 0, '[1,2,5.0,0]' FROM entries WHERE seq <= 1000",
        "UPDATE datasets SET writer = 77, beat = beat + 2",
    ] {
        environment.database.execute(left).await.unwrap();
    }
    let running = environment.start().await;
    let view = running.refit.dataset(&name()).await.unwrap();
    assert_eq!((view.rows, view.entries), (1000, 1000));
    let log = running.log(&running.refit.freeze_dataset(&name(), None).await.unwrap()).await;
    assert!(standing(&log).values().all(|rating| *rating == Some(3.0)));
    let next = running.rows(&ratings(), "5\t5\t1\t881250949\n").await;
    assert_eq!((next.superseded, next.entries), (1, 1001), "numbers go on where what is visible ends");
    assert_eq!(running.log(&running.refit.freeze_dataset(&name(), None).await.unwrap()).await.len(), 1001);
}

/// Nothing of the log can be changed, whoever tries.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_append_only() {
    let running = Running::new().await;
    running.rows(&ratings(), &text(0..10, |_| 3)).await;
    let refused = running.environment.database.execute("UPDATE entries SET cells = '[]'").await.unwrap_err();
    assert!(refused.to_string().contains("append-only"), "{refused}");
}

/// With more than eight files, all is written anew as one; cleanup takes the others, and what is needed again is unmarked.
#[tokio::test(flavor = "multi_thread")]
async fn many_small_files_become_one_and_cleanup_takes_the_rest() {
    let mut environment = Environment::new().await;
    environment.settings.coordinator.condemned_for = Duration::ZERO;
    let running = environment.start().await;
    let mut parts = Vec::new();
    for day in 0..9 {
        running.rows(&ratings(), &text(day * 10..day * 10 + 10, |_| 3)).await;
        parts = running.refit.freeze_dataset(&name(), None).await.unwrap();
        assert_eq!(parts.len(), if day == 8 { 1 } else { day as usize + 1 });
    }
    assert_eq!(running.log(&parts).await.len(), 90);
    let condemned = running.refit.cleanup(CleanupRequest::default()).await.unwrap().condemned;
    assert_eq!(condemned.len(), 9, "no job or version refers to any of them");
    assert_eq!(running.refit.freeze_dataset(&name(), None).await.unwrap(), parts, "taken back");
    assert_eq!(running.refit.cleanup(CleanupRequest::default()).await.unwrap().deleted.len(), 8);
    assert_eq!(running.log(&running.refit.freeze_dataset(&name(), None).await.unwrap()).await.len(), 90);
    let earlier = running.refit.freeze_dataset(&name(), Some(10)).await.unwrap();
    assert_eq!(running.log(&earlier).await.len(), 10, "what was deleted is written again");
}

/// C10: probes go through while rows come in, and none of their transactions waits for long.
#[tokio::test(flavor = "multi_thread")]
async fn c10_others_write_while_rows_come_in() {
    let running = Running::new().await;
    let refit = running.refit.clone();
    let rows = text(0..60_000, |_| 3);
    let import = tokio::spawn(async move { refit.import_rows(&name(), ratings(), rows.as_bytes()).await.unwrap() });
    let mut longest = Duration::ZERO;
    let mut written = 0;
    while !import.is_finished() {
        let began = std::time::Instant::now();
        running.import(&format!("A{written}"), 5).await;
        longest = longest.max(began.elapsed());
        written += 1;
    }
    assert_eq!(import.await.unwrap().new, 60_000);
    assert!(written > 5 && longest < Duration::from_secs(3), "{written} imports, the slowest took {longest:?}");
    wait_for("every series to be there", || async {
        let last = ModelFilter { key: Some(format!("forecaster/A{}", written - 1)), ..ModelFilter::default() };
        running.refit.models(last).await.unwrap().items.pop()
    })
    .await;
}
