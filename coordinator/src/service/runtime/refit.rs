//! What Refit can be asked: the methods are beside what they do, in the rooms above.

use std::sync::Arc;

use super::Core;

/// What Refit can be asked; a handle that is cheap to clone. The API and the command line are thin faces of it.
#[derive(Clone, Debug)]
pub struct Refit {
    pub(crate) core: Arc<Core>,
}

impl Refit {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }
}
