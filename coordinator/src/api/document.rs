//! The OpenAPI document: what the routes say, and what is the same for all of them.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};

use super::problem::MEDIA_TYPE;
use super::scopes::{self, Needs};

/// What the routes' derive takes every body for.
const JSON: &str = "application/json";

/// What tokens are.
const TOKEN: &str = "The token of the settings (`api.token`, scope `admin`), or one that was made with it. Scopes: `read` looks \
                     and asks models; `operate` also brings in data, trains, promotes, pauses and cancels; `admin` also makes tokens, reads \
                     the audit trail and deletes.";

/// What the document says of itself; its paths and schemas come from the routes.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Refit",
        description = "Decides which models need retraining, trains them, judges them, and lets what is not worse go live.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(crate::views::Problem))
)]
pub(crate) struct Head;

/// Adds what holds for every operation: any may fail, with a problem; all but public ones need a token of some scope, where tokens are
/// asked for.
pub(crate) fn complete(mut document: OpenApi) -> OpenApi {
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(TOKEN)).build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            needs(operation, scopes::of(method, path));
            may_fail(operation);
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [("GET", &mut item.get), ("PUT", &mut item.put), ("POST", &mut item.post), ("DELETE", &mut item.delete)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Says which scope an operation needs, and what comes of a token without it. Where no token is set, on the loopback address, none is
/// asked for.
fn needs(operation: &mut Operation, needs: Needs) {
    let nothing = SecurityRequirement::default();
    let Needs::Scope(scope) = needs else {
        operation.security = Some(vec![nothing]);
        return;
    };
    operation.security = Some(vec![SecurityRequirement::new("token", [scope.as_str()]), nothing]);
    let problem = |description: &str| {
        RefOr::T(ResponseBuilder::new().description(description).content(JSON, as_problem()).build())
    };
    let responses = &mut operation.responses.responses;
    let answers = [
        ("401", problem("No token, one that is not known, or one that has expired")),
        ("403", problem(&format!("The token's scope is narrower than `{scope}`"))),
        ("429", problem("Too many wrong tokens came from this address: `Retry-After` says when to come back")),
    ];
    for (status, answer) in answers {
        // What a route says of itself is said.
        responses.entry(status.into()).or_insert(answer);
    }
}

fn may_fail(operation: &mut Operation) {
    let problem = ResponseBuilder::new().description("It did not work: why, and what to do next");
    let problem = problem.content(JSON, as_problem()).build();
    let responses = &mut operation.responses.responses;
    responses.insert("default".into(), RefOr::T(problem));
    for response in responses.values_mut() {
        if let RefOr::T(response) = response
            && response.content.get(JSON) == Some(&RefOr::T(as_problem()))
            && let Some(content) = response.content.shift_remove(JSON)
        {
            response.content.insert(MEDIA_TYPE.into(), content);
        }
    }
}

fn as_problem() -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_document_is_as_reviewed() {
        insta::assert_json_snapshot!("openapi", crate::api::document());
    }
}
