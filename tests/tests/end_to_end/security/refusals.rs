//! What a service refuses is one clear line and the end: the settings have to change.

use refit_tests::Installation;

use crate::security::{Service, assert_refused, password};

/// A URL that leads somewhere else.
type Elsewhere = fn(&str) -> String;

/// Has the installation use another URL for a service.
fn change(refit: &mut Installation, service: Service, change: impl FnOnce(&str) -> String) {
    let url = refit.take(service.variable());
    refit.set(service.variable(), &change(&url));
}

#[test]
fn g4_a_wrong_password_is_refused() {
    let cases = [
        (Service::Queue, "ACCESS_REFUSED"),
        (Service::Bus, "uthentication failed"),
        (Service::Database, "correct user and password in storage.database"),
        (Service::Store, "SignatureDoesNotMatch"),
    ];
    for (service, reason) in cases {
        let Some(mut refit) = Installation::distributed() else { return };
        change(&mut refit, service, |url| url.replacen(password(url), "hunter2", 1));
        assert_refused(&refit, service, &["://", reason]);
    }
}

#[test]
fn g4_a_place_that_is_not_there_is_named() {
    let cases: [(Service, Elsewhere, &str); 4] = [
        (Service::Queue, |url| format!("{}/nowhere", url.rsplit_once('/').unwrap().0), "nowhere"),
        (Service::Bus, |url| url.replacen("/0?", "/9999?", 1), "database"),
        (Service::Database, |url| url.replacen("/refit?", "/nowhere?", 1), "\"nowhere\" does not exist: create it"),
        (Service::Store, |url| url.replacen("@refit/", "@nowhere/", 1), "there is no such bucket"),
    ];
    for (service, elsewhere, reason) in cases {
        let Some(mut refit) = Installation::distributed() else { return };
        change(&mut refit, service, elsewhere);
        assert_refused(&refit, service, &["://", reason]);
    }
}

#[test]
fn g4_a_permission_that_is_missing_is_named() {
    let cases = [
        (Service::Queue, "access to queue"),
        (Service::Bus, "no permissions"),
        (Service::Database, "grant the user the rights USAGE and CREATE on the schema"),
    ];
    for (service, reason) in cases {
        let Some(mut refit) = Installation::distributed() else { return };
        let unprivileged = refit.unprivileged_user();
        change(&mut refit, service, |url| unprivileged.instead_of_the_user_in(url));
        assert_refused(&refit, service, &["://", unprivileged.name(), reason]);
    }
}
