//! A report goes to the terminal, to a file, or to the browser.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use domain::report::ReportFormat;
use serde::Serialize;
use strum::VariantArray as _;

use super::Form;
use crate::cli::context::Context;
use crate::cli::exit::{Code, Done, Failure};
use crate::cli::file;
use crate::render::reports::Paper;
use crate::render::{html, terminal_width, text};

/// Columns of a report in a file.
const WIDTH: usize = 100;

/// Where a report has been written to.
#[derive(Debug, Serialize)]
struct Written {
    file: PathBuf,
}

impl Form {
    /// As what it is shown: as it is asked for, as the file's name says, as a browser wants it, or as text.
    pub(super) fn kind(&self, context: &Context) -> Result<ReportFormat, Failure> {
        let ending = self.output.as_deref().and_then(Path::extension).and_then(|ending| ending.to_str());
        let by_name = ending.and_then(|ending| ReportFormat::VARIANTS.iter().find(|form| form.extension() == ending));
        let asked = self.format.or(by_name.copied());
        match asked {
            Some(ReportFormat::Json | ReportFormat::Text) if self.open => Err(Failure::new(
                Code::Usage,
                "a browser is shown HTML: leave out --format, or name a file that ends in .html",
            )),
            Some(format) => Ok(format),
            None if self.open => Ok(ReportFormat::Html),
            None if context.out.is_json() && self.output.is_none() => Ok(ReportFormat::Json),
            None => Ok(ReportFormat::Text),
        }
    }
}

/// Shows a report that was just made.
pub(in crate::cli::commands) fn report<R: Paper + Serialize>(
    context: &Context,
    form: &Form,
    name: &str,
    report: &R,
) -> Done {
    let format = form.kind(context)?;
    let to_file = form.output.is_some() || form.open;
    if !to_file && format != ReportFormat::Html {
        let asked_json = format == ReportFormat::Json && !context.out.is_json();
        return match asked_json {
            true => bytes(context, form, name, format, &json(report)?),
            false => context.out.answer(report, |report| document(context, report, terminal_width())),
        };
    }
    let body = match format {
        ReportFormat::Json => json(report)?,
        ReportFormat::Text => document(context, report, WIDTH).into_bytes(),
        ReportFormat::Html => context.language().spoken_here(|| html(&report.document())).into_bytes(),
    };
    bytes(context, form, name, format, &body)
}

fn json<R: Serialize>(report: &R) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec_pretty(report).map_err(|error| Failure::failed(format!("no JSON: {error}")))
}

fn document<R: Paper>(context: &Context, report: &R, width: usize) -> String {
    context.language().spoken_here(|| text(&report.document(), width))
}

/// Shows a report that is written already.
pub(super) fn bytes(context: &Context, form: &Form, name: &str, format: ReportFormat, body: &[u8]) -> Done {
    let target = match (&form.output, form.open) {
        (Some(file), _) => file.clone(),
        (None, true) => browsed(name, format)?,
        (None, false) => {
            let shown = context.out.pieces().write_all(body);
            return shown.map_err(|error| Failure::failed(format!("the report cannot be shown: {error}")));
        }
    };
    let mut opened = file::create(&target)?;
    let written = opened.write_all(body).and_then(|()| opened.flush());
    written.map_err(|error| Failure::failed(format!("{} cannot be written: {error}", target.display())))?;
    if form.open
        && let Err(error) = open::that_detached(&target)
    {
        let what = format!("no browser can be started ({error}): the report is in {}", target.display());
        return Err(Failure::failed(what));
    }
    context.out.answer(&Written { file: target }, |written| written.file.display().to_string())
}

/// A file that a browser may read once this process has ended.
fn browsed(name: &str, format: ReportFormat) -> Result<PathBuf, Failure> {
    let stem = name.rsplit('/').next().unwrap_or(name);
    let file = tempfile::Builder::new()
        .prefix(&format!("refit-{stem}-"))
        .suffix(&format!(".{}", format.extension()))
        .tempfile()
        .and_then(|file| file.keep().map_err(|error| error.error));
    file.map(|(_, path)| path).map_err(|error| Failure::failed(format!("no file for the report: {error}")))
}
