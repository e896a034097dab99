//! Serving: what is predicted is logged, labelled and scored; files of rows go through the backlog; nothing fails while the live
//! version moves; the old services' routes answer as they did.

mod batch;
mod cold;
mod compat;
mod kit;
mod log;
mod swap;
