//! `refit config`

use common::settings::Explained;

use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::table::table;

/// Shows each setting and where it came from; secrets are hidden.
pub(crate) fn run(context: &Context) -> Done {
    let settings = context.settings()?.explain();
    context.out.answer(&settings, |settings| text(settings))
}

fn text(settings: &[Explained]) -> String {
    let mut table = table(&["setting", "value", "from"]);
    for setting in settings {
        table.add_row([setting.key.clone(), setting.value.clone(), setting.origin.to_string()]);
    }
    table.to_string()
}
