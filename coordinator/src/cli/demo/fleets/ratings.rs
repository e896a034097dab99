//! Ratings by two camps: what one likes, the other does not.

use std::fmt::Write;

use super::{draws, happens};

const USERS: usize = 120;
const FILMS: usize = 60;
/// The first of January 2020, in seconds since 1970.
const BEGIN: u64 = 1_577_836_800;
const DAY: u64 = 86_400;

/// Somebody of the first camp.
pub(super) const SOMEBODY: &str = "user 8";

/// Everybody rates half of the films, over 200 days.
pub(super) fn csv() -> String {
    let mut csv = "user,item,rating,time\n".to_owned();
    for user in 0..USERS {
        let mut draws = draws(1, user);
        for film in (0..FILMS).filter(|_| happens(&mut draws, 0.0)).collect::<Vec<_>>() {
            let liked = if user % 2 == film % 2 { 3.2 } else { 1.4 };
            let rating = (liked + 2.2 * draws.uniform()).round().clamp(1.0, 5.0);
            let time = BEGIN + DAY * draws.below(200) as u64 + user as u64;
            // Writing to a text cannot fail.
            let _ = writeln!(csv, "user {user},film {film},{rating},{time}");
        }
    }
    csv
}
