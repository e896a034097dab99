//! How the database is opened: by several at once, and never by a release that is too old for it.

use coordinator::service::{Coordinator, Fault};

use crate::kit::{House, Running};

#[tokio::test(flavor = "multi_thread")]
async fn coordinators_that_start_at_once_find_one_schema() {
    let house = House::new().await;
    let starting = (0..6).map(|_| {
        let (settings, ports) = (house.settings.clone(), house.ports.clone());
        tokio::spawn(async move { Coordinator::with(settings, ports, Fault::None).await })
    });
    for started in starting.collect::<Vec<_>>() {
        started.await.unwrap().unwrap().stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_later_release_is_left_alone() {
    let house = Running::new().await.crash().await;
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', TRUE, '', 0)";
    house.database.execute(later).await.unwrap();
    let refused = Coordinator::with(house.settings.clone(), house.ports.clone(), Fault::None).await.unwrap_err();
    let text = refused.to_string();
    assert!(
        text.contains("cannot be opened: it belongs to a later release of Refit (its schema has step 9999"),
        "{text}"
    );
}
