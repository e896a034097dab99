//! What the tests share: a whole installation of Refit as real processes in a temporary folder, driven as a user would.

pub mod api;
pub mod cli;
pub mod draw;
pub mod figures;
pub mod fleets;
pub mod front;
pub mod installation;
pub mod limits;
pub mod mail;
pub mod prices;
pub mod private;
pub mod process;
pub mod proxy;
pub mod receiver;
pub mod services;
pub mod sink;
pub mod slow;
pub mod unprivileged_user;
pub mod wait;

pub use installation::Installation;
pub use sink::Sink;
