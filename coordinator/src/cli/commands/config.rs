//! `refit config`

use common::settings::Explained;

use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::table::table;

/// Shows each setting and where it came from; secrets are hidden. Beside it, variables that were ignored.
pub(crate) fn run(context: &Context) -> Done {
    let settings = context.settings()?;
    context.out.answer(&settings.explain(), |explained| text(explained))?;
    settings.ignored().iter().for_each(|ignored| context.out.note(format!("refit: {ignored}")));
    Ok(())
}

fn text(settings: &[Explained]) -> String {
    let mut table = table(&["setting", "value", "from"]);
    for setting in settings {
        table.add_row([setting.key.clone(), setting.value.clone(), setting.origin.to_string()]);
    }
    table.to_string()
}
