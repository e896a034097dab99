//! Every route, and what its caller needs. The router lets nobody past this table, and what is not in it needs `admin`.

use std::collections::HashMap;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use domain::access::TokenScope::{self, Admin, Operate, Read};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;

/// What a caller must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing: anybody may ask.
    Nothing,
    /// A token of this scope, or of a wider one.
    Scope(TokenScope),
}

const READ: Needs = Needs::Scope(Read);
const OPERATE: Needs = Needs::Scope(Operate);
const ADMIN: Needs = Needs::Scope(Admin);

/// Method and path as the document has them.
const TABLE: [(&str, &str, Needs); 101] = [
    ("GET", "/api/v1/alerts", READ),
    ("GET", "/api/v1/alerts/{alert}", READ),
    ("POST", "/api/v1/alerts/{alert}/acknowledge", OPERATE),
    ("GET", "/api/v1/audit", ADMIN),
    ("GET", "/api/v1/channels", READ),
    ("GET", "/api/v1/channels/{name}", READ),
    // Whoever names an address decides where this machine writes to.
    ("PUT", "/api/v1/channels/{name}", ADMIN),
    ("DELETE", "/api/v1/channels/{name}", ADMIN),
    ("GET", "/api/v1/channels/{name}/messages", READ),
    ("POST", "/api/v1/channels/{name}/pause", OPERATE),
    ("POST", "/api/v1/channels/{name}/resume", OPERATE),
    ("POST", "/api/v1/channels/{name}/test", OPERATE),
    ("POST", "/api/v1/cleanups", ADMIN),
    ("GET", "/api/v1/datasets", READ),
    ("GET", "/api/v1/datasets/{name}", READ),
    ("POST", "/api/v1/datasets/{name}/rows", OPERATE),
    ("GET", "/api/v1/dead-letters", READ),
    ("GET", "/api/v1/decisions", READ),
    ("POST", "/api/v1/evaluations", OPERATE),
    ("GET", "/api/v1/events", READ),
    ("POST", "/api/v1/forecasts", READ),
    ("GET", "/api/v1/health", Needs::Nothing),
    ("POST", "/api/v1/imports", OPERATE),
    ("GET", "/api/v1/invariants", READ),
    ("GET", "/api/v1/jobs", READ),
    ("GET", "/api/v1/jobs/{id}", READ),
    ("POST", "/api/v1/jobs/{id}/cancel", OPERATE),
    ("GET", "/api/v1/jobs/{id}/output", READ),
    ("GET", "/api/v1/models", READ),
    ("GET", "/api/v1/models/{family}/{name}", READ),
    ("PUT", "/api/v1/models/{family}/{name}", OPERATE),
    ("GET", "/api/v1/models/{family}/{name}/backups", READ),
    ("POST", "/api/v1/models/{family}/{name}/backups", OPERATE),
    ("POST", "/api/v1/models/{family}/{name}/backups/{id}/restore", OPERATE),
    ("GET", "/api/v1/models/{family}/{name}/compare", READ),
    ("POST", "/api/v1/models/{family}/{name}/labels", OPERATE),
    ("GET", "/api/v1/models/{family}/{name}/explanation", READ),
    ("GET", "/api/v1/models/{family}/{name}/ledger", READ),
    ("POST", "/api/v1/models/{family}/{name}/pause", OPERATE),
    ("POST", "/api/v1/models/{family}/{name}/predict", READ),
    ("GET", "/api/v1/models/{family}/{name}/predictions", READ),
    ("POST", "/api/v1/models/{family}/{name}/predictions/batch", OPERATE),
    ("POST", "/api/v1/models/{family}/{name}/promote", OPERATE),
    ("POST", "/api/v1/models/{family}/{name}/recommendations", READ),
    ("GET", "/api/v1/models/{family}/{name}/report", READ),
    ("POST", "/api/v1/models/{family}/{name}/resume", OPERATE),
    ("POST", "/api/v1/models/{family}/{name}/rollback", OPERATE),
    ("GET", "/api/v1/models/{family}/{name}/versions", READ),
    ("GET", "/api/v1/models/{family}/{name}/versions/{version}", READ),
    ("POST", "/api/v1/models/{family}/{name}/versions/{version}/reproduce", OPERATE),
    ("GET", "/api/v1/messages", READ),
    ("POST", "/api/v1/monitorings", OPERATE),
    ("GET", "/api/v1/pools", READ),
    ("POST", "/api/v1/pools/{pool}/drain", OPERATE),
    ("POST", "/api/v1/pools/{pool}/pause", OPERATE),
    ("POST", "/api/v1/pools/{pool}/resume", OPERATE),
    ("POST", "/api/v1/probes", OPERATE),
    ("POST", "/api/v1/replays", READ),
    ("GET", "/api/v1/reports", READ),
    ("POST", "/api/v1/reports", OPERATE),
    ("GET", "/api/v1/reports/daily", READ),
    ("GET", "/api/v1/reports/incremental", READ),
    ("GET", "/api/v1/reports/scheduler", READ),
    ("GET", "/api/v1/reports/weekly", READ),
    ("GET", "/api/v1/reports/{year}/{file}", READ),
    ("GET", "/api/v1/scaling/{pool}", READ),
    ("GET", "/api/v1/scheduler", READ),
    ("POST", "/api/v1/scheduler/look", OPERATE),
    ("GET", "/api/v1/scheduler/runs", READ),
    ("POST", "/api/v1/scheduler/runs", OPERATE),
    ("GET", "/api/v1/scheduler/runs/{run}", READ),
    ("POST", "/api/v1/scheduler/start", OPERATE),
    ("POST", "/api/v1/scheduler/stop", OPERATE),
    ("GET", "/api/v1/schedules", READ),
    ("DELETE", "/api/v1/schedules/{name}", OPERATE),
    ("GET", "/api/v1/schedules/{name}", READ),
    ("PUT", "/api/v1/schedules/{name}", OPERATE),
    ("POST", "/api/v1/schedules/{name}/pause", OPERATE),
    ("POST", "/api/v1/schedules/{name}/resume", OPERATE),
    ("POST", "/api/v1/schedules/{name}/run", OPERATE),
    ("GET", "/api/v1/schedules/{name}/runs", READ),
    ("GET", "/api/v1/searches", READ),
    ("POST", "/api/v1/searches", OPERATE),
    ("GET", "/api/v1/searches/{search}", READ),
    ("POST", "/api/v1/searches/{search}/cancel", OPERATE),
    ("POST", "/api/v1/searches/{search}/resume", OPERATE),
    ("GET", "/api/v1/silences", READ),
    ("POST", "/api/v1/silences", OPERATE),
    ("DELETE", "/api/v1/silences/{silence}", OPERATE),
    ("GET", "/api/v1/tokens", ADMIN),
    ("POST", "/api/v1/tokens", ADMIN),
    ("DELETE", "/api/v1/tokens/{name}", ADMIN),
    ("POST", "/api/v1/trainings", OPERATE),
    ("POST", "/api/v1/trainings/batch", OPERATE),
    ("GET", "/api/v1/workers", READ),
    ("POST", "/api/v1/workers/{id}/drain", OPERATE),
    ("POST", "/model/backup", OPERATE),
    ("GET", "/model/needs-retrain", READ),
    ("POST", "/model/reload", OPERATE),
    ("GET", "/model/status", READ),
    ("POST", "/recommendations/from-db", READ),
];

/// What the operation at a place needs.
pub(super) fn of(method: &str, path: &str) -> Needs {
    let entry = TABLE.iter().find(|(listed, at, _)| *listed == method && *at == path);
    entry.map_or(ADMIN, |(_, _, needs)| *needs)
}

/// The operations of an item of the document, with their methods.
pub(super) fn operations(item: &PathItem) -> impl Iterator<Item = &'static str> {
    let all = [("GET", &item.get), ("PUT", &item.put), ("POST", &item.post), ("DELETE", &item.delete)];
    all.into_iter()
        .filter(|(_, operation)| operation.is_some())
        .map(|(method, _)| method)
        .collect::<Vec<_>>()
        .into_iter()
}

/// The routes that there are, with what each needs.
#[derive(Debug)]
pub(super) struct Routes(HashMap<(&'static str, String), Needs>);

/// A route that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Route {
    /// Its path, as the document has it.
    pub(super) path: String,
    /// What it needs.
    pub(super) needs: Needs,
}

impl Routes {
    /// Those of a document: what is served is in it.
    pub(super) fn of(document: &OpenApi) -> Self {
        let routes =
            document.paths.paths.iter().flat_map(|(path, item)| {
                operations(item).map(move |method| ((method, path.clone()), of(method, path)))
            });
        Self(routes.collect())
    }

    /// The one that a request is for, if there is one.
    pub(super) fn find(&self, request: &Request) -> Option<Route> {
        let path = request.extensions().get::<MatchedPath>()?.as_str();
        let method = match *request.method() {
            Method::GET | Method::HEAD => "GET",
            Method::PUT => "PUT",
            Method::POST => "POST",
            Method::DELETE => "DELETE",
            _ => return None,
        };
        let needs = *self.0.get(&(method, path.to_owned()))?;
        Some(Route { path: path.to_owned(), needs })
    }
}

impl Route {
    /// Whether calls of it change something, and are noted: questions to models are none, though they are posted.
    pub(super) fn changes(&self, method: &Method) -> bool {
        !method.is_safe() && matches!(self.needs, Needs::Scope(Operate | Admin))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The table lists what is served, and nothing else.
    #[test]
    fn every_route_is_in_the_table() {
        let document = crate::api::document();
        let served: BTreeSet<(&str, &str)> = document
            .paths
            .paths
            .iter()
            .flat_map(|(path, item)| operations(item).map(move |method| (method, path.as_str())))
            .collect();
        let listed: BTreeSet<(&str, &str)> = TABLE.iter().map(|(method, path, _)| (*method, *path)).collect();
        assert_eq!(served, listed);
        assert_eq!(listed.len(), TABLE.len(), "one is listed twice");
        // Items of methods that nobody looks for would be past the table.
        for (path, item) in &document.paths.paths {
            let others = [&item.options, &item.head, &item.patch, &item.trace];
            assert!(others.iter().all(|operation| operation.is_none()), "{path}");
        }
    }

    #[test]
    fn what_is_not_listed_needs_admin_and_what_reads_needs_little() {
        assert_eq!(of("POST", "/api/v1/surprises"), ADMIN);
        for (method, path, needs) in TABLE {
            let is_secret = ["/api/v1/tokens", "/api/v1/audit"].contains(&path);
            if method == "GET" && !is_secret {
                assert_ne!(needs, OPERATE, "{path}");
                assert_ne!(needs, ADMIN, "{path}");
            }
            if ["PUT", "DELETE"].contains(&method) {
                assert_ne!(needs, READ, "{path}");
            }
        }
    }
}
