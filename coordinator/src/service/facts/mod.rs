//! What is known of models as of a moment, and decisions are made of. Reads only.
//!
//! ```text
//! a handful of statements ─► gathered, for many models ─► of_model: Facts ─► planning, present, reports
//!                              └── tables: what became of the rows that somebody was given
//! ```

mod gathered;
mod model_facts;
mod of_model;
mod pages;
mod rows;
mod tables;

pub(crate) use self::model_facts::{ModelFacts, about, asked, facts, one};
pub(crate) use self::pages::Pages;
