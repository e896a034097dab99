//! `compat`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::vocabulary::ModelKey;

/// Routes of the services that Refit takes the place of: each speaks for one model.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Compat {
    /// The classifier of texts behind `/model/…`, such as `text/toxicity`. Without it: the only one there is.
    #[schemars(with = "Option<String>")]
    pub classifier: Option<ModelKey>,
    /// The recommender behind `/recommendations/…`, such as `recommender/movies`. Without it: the only one there is.
    #[schemars(with = "Option<String>")]
    pub recommender: Option<ModelKey>,
}
