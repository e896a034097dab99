//! Bars that contradict what is known: usual ones are taken, others are held and asked about.

use coordinator::service::Error;

use crate::kit::{Running, prices};

/// The bars with all prices scaled, and the days that are wanted.
fn scaled(text: &str, factor: f64, days: std::ops::Range<usize>) -> String {
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default();
    let row = |line: &str| {
        let cells = line.split(',').enumerate().map(|(at, cell)| match at {
            1..=5 => (cell.parse::<f64>().unwrap() * factor).to_string(),
            _ => cell.to_owned(),
        });
        cells.collect::<Vec<_>>().join(",")
    };
    let rows: Vec<String> = lines.enumerate().filter(|(at, _)| days.contains(at)).map(|(_, line)| row(line)).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

/// Another symbol's bars: the same days, other prices.
fn other(days: usize, later: usize) -> String {
    let mut text = String::new();
    for (at, line) in prices(days, later).lines().enumerate() {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        if at > 0 {
            let close = 40.0 + 8.0 * (at as f64 * 0.91).cos();
            let of = [close, close + 1.0, close - 1.0, close, close].map(|price| price.to_string());
            cells.splice(1..6, of);
        }
        text += &format!("{}\n", cells.join(","));
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn d6_another_symbols_bars_are_held_and_nothing_is_taken() {
    let running = Running::new().await;
    running.import_text("AAPL", &prices(400, 0)).await;
    running.import_text("MSFT", &other(400, 0)).await;
    let newest: Vec<String> = other(400, 0).lines().skip(362).map(str::to_owned).collect();
    let wrong = format!("date,open,high,low,close,adj_close,volume\n{}\n", newest.join("\n"));
    let Err(Error::Held { reason: why, hint }) = running.import_file("AAPL.csv", &wrong, false).await else {
        panic!("it is held")
    };
    assert!(
        why.contains("39 of the 39 days that are known already have a close that differs by more than 5 %"),
        "{why}"
    );
    assert!(why.contains("by no steady factor") && why.ends_with("these are the prices of MSFT"), "{why}");
    assert!(hint.contains("--accept-revision"), "{hint}");
    let again = running.import_text("AAPL", &prices(400, 0)).await;
    assert_eq!((again.unchanged, again.revised), (400, 0), "nothing was taken");
    // Whoever says that it is right is believed.
    let taken = running.import_file("AAPL.csv", &wrong, true).await.unwrap();
    assert_eq!((taken.revised, taken.refused), (39, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn d6_a_split_is_a_restated_history_and_half_a_split_is_held() {
    let running = Running::new().await;
    running.import_text("AAPL", &prices(400, 0)).await;
    let Err(Error::Held { reason: why, .. }) =
        running.import_file("AAPL.csv", &scaled(&prices(400, 0), 0.25, 361..400), false).await
    else {
        panic!("the bars before it keep their prices")
    };
    assert!(why.contains("a steady factor of 0.2500, as of a split"), "{why}");
    let report = running.import_text("AAPL", &scaled(&prices(400, 0), 0.25, 0..400)).await;
    assert_eq!((report.revised, report.refused), (400, 0));
    assert!(report.warnings.iter().any(|warning| warning.contains("by a steady factor of 0.2500")), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn d6_a_few_foreign_bars_and_new_days_that_do_not_go_on_are_held() {
    let running = Running::new().await;
    running.import_text("AAPL", &prices(400, 0)).await;
    running.import_text("MSFT", &other(400, 5)).await;
    let held = async |text: String| match running.import_file("AAPL.csv", &text, false).await {
        Err(Error::Held { reason: why, .. }) => why,
        other => panic!("it is held: {other:?}"),
    };
    let why = held(scaled(&other(400, 0), 1.0, 395..400)).await;
    assert!(why.contains("of the 5 days") && why.ends_with("these are the prices of MSFT"), "{why}");
    let why = held(scaled(&other(400, 5), 1.0, 400..405)).await;
    assert!(why.contains("away from the last known one") && why.ends_with("these are the prices of MSFT"), "{why}");
    let split = scaled(&prices(400, 5), 0.25, 400..405);
    let why = held(split.clone()).await;
    assert!(why.contains("as after a split by 4, but the bars before keep their old prices"), "{why}");
    let taken = running.import_file("AAPL.csv", &split, true).await.unwrap();
    assert_eq!((taken.accepted, taken.refused), (5, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn d6_a_file_of_several_companies_is_refused_and_nothing_is_taken() {
    let running = Running::new().await;
    for column in ["symbol", "Ticker", "Name"] {
        let names = |at: usize| if at == 0 { column } else { ["AAPL", "MSFT"][at / 201] };
        let lines = prices(400, 0);
        let lines: Vec<String> = lines.lines().enumerate().map(|(at, line)| format!("{line},{}", names(at))).collect();
        let refused = running.import_file("all.csv", &lines.join("\n"), false).await.unwrap_err().to_string();
        assert!(refused.contains("more than one company (AAPL, and MSFT on line 202)"), "{refused}");
        let one = format!("{}\n", lines[..=200].join("\n"));
        running.import_file("AAPL.csv", &one, false).await.unwrap();
    }
}
