//! `docs/settings.md`, from the types.

use std::fmt::Write;

use schemars::schema_for;
use serde_json::Value;

use super::{Settings, catalogue};

const PREFACE: &str = "# Settings

<!-- Written by a test of `common::settings` from the types: change the comments there. -->

Defaults, then a TOML file (`--config FILE`, else `REFIT_CONFIG`, else `refit.toml` in the current folder), then the environment,
then flags: later ones win. `refit config` shows each value and where it came from.

A key `section.key` stands in the file as `key` under `[section]` and in the environment as `REFIT_SECTION__KEY`. Durations are
written as `90s`, `30min` or `1h 30min`. An unknown key of the file is refused; an unknown `REFIT_…` variable is a warning, for others put
such variables there, too (Kubernetes, beside a service called `refit`). A value marked as secret is never shown, and may lie in a file that `<key>_file` names.
";

/// The page, whole.
pub(super) fn page() -> String {
    let defaults = catalogue::values(&Settings::default());
    let mut page = PREFACE.to_owned();
    let mut section = None;
    for entry in catalogue::entries() {
        let of = entry.key.split_once('.').map_or("", |(section, _)| section).to_owned();
        if section.as_ref() != Some(&of) {
            page.push_str(&heading(&of));
            section = Some(of);
        }
        let default = defaults.get(&entry.key).map(catalogue::shown).filter(|text| !text.is_empty());
        let default = default.map_or("none".into(), |text| format!("`{text}`"));
        let secret = if entry.secret { " Secret." } else { "" };
        writeln!(page, "| `{}` | {default} | {} | {}{secret} |", entry.key, entry.range(), entry.description).unwrap();
    }
    page
}

fn heading(section: &str) -> String {
    let title = if section.is_empty() { "Without a section".to_owned() } else { format!("`[{section}]`") };
    let schema = schema_for!(Settings);
    let about = schema.pointer(&format!("/properties/{section}/description")).and_then(Value::as_str);
    let about = about.map(|text| format!("{text}\n\n")).unwrap_or_default();
    format!("\n## {title}\n\n{about}| key | default | range | meaning |\n|---|---|---|---|\n")
}
