//! The OpenAPI document: what the routes say, and what is the same for all of them.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};

use super::problem::MEDIA_TYPE;

/// What the routes' derive takes every body for.
const JSON: &str = "application/json";

/// What the document says of itself; its paths and schemas come from the routes.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Refit",
        description = "Decides which models need retraining, trains them, judges them, and lets what is not worse go live.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(crate::views::Problem)),
    security(("token" = []), ()),
)]
pub(crate) struct Head;

/// Adds what holds for every operation: any may fail, with a problem; all but public ones may need a token.
pub(crate) fn complete(mut document: OpenApi) -> OpenApi {
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    for item in document.paths.paths.values_mut() {
        operations(item).for_each(may_fail);
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete].into_iter().flatten()
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
