//! Routes of the services that Refit takes the place of, at their old places and with their old answers: thin, over what
//! [`Refit`](crate::service::Refit) does anyway. They speak for one model each, by the settings or because there is only one.

mod classifier;
mod recommendations;

use utoipa_axum::router::OpenApiRouter;

use crate::api::shared::Shared;

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().merge(classifier::routes()).merge(recommendations::routes())
}
