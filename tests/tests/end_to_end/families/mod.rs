//! Every family of models through the whole pipeline, on real processes: rows in, a judged version out, answers online.

mod bands;
mod drift;
mod kit;
mod monitoring;
mod recommender;
mod seen;
mod tabular;
mod text;
mod together;
