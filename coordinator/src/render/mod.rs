//! Reports on paper: a view becomes a document in the reader's language, and a document becomes text or a page of HTML.
//!
//! ```text
//! views ─► reports (a document: sections of figures, tables, plots) ─┬─► text
//!                                                                    └─► html, with plots as SVG
//! ```

mod columns;
mod document;
mod html;
mod plot;
pub(crate) mod reports;
mod sparkline;
mod text;

pub(crate) use self::columns::{Table, terminal_width};
pub(crate) use self::document::{
    Axis, Block, Column, Document, Figure, Grid, Mark, Plot, Section, Series, Shape, Tone,
};
pub(crate) use self::html::html;
pub(crate) use self::text::text;
