//! Ratings of items by users in two camps.

use super::{Edition, Row, Signal, TIME, Table, dice};

/// Users and items of two camps: a user likes the items of the own camp. Each also is milder or stricter, better or worse, than others.
#[derive(Debug, Clone)]
pub struct Ratings {
    seed: u64,
    users: u64,
    items: u64,
}

/// Coprime to every number of pairs there is here, so that rows visit each pair once, all users at the same pace.
const STRIDE: u64 = 7919;

impl Ratings {
    /// 400 users and 120 items.
    pub fn new(seed: u64) -> Self {
        Self::of(seed, 400, 120)
    }

    /// So many users and items.
    ///
    /// # Panics
    /// Their product is a multiple of 7919.
    pub fn of(seed: u64, users: u64, items: u64) -> Self {
        assert!(!(users * items).is_multiple_of(STRIDE), "{users} users and {items} items: take others");
        Self { seed, users, items }
    }

    /// Who rates what in a row.
    pub fn pair(&self, number: u64) -> (u64, u64) {
        let pair = (number % self.capacity()) * STRIDE % self.capacity();
        (pair / self.items, pair % self.items)
    }

    /// Half points, 1 to 5.
    fn value(&self, row: &Row) -> f64 {
        let (user, item) = self.pair(row.number);
        let halves = |who, purpose, most: u64| dice(self.seed, who, purpose, 2 * most + 1) as f64 - most as f64;
        let own = (user % 2 == item % 2) != (row.signal == Signal::Turned);
        let likes = if own { 2.0 } else { -2.0 };
        let steps = match row.signal {
            Signal::Noise => halves(row.number, 3, 4),
            Signal::Planted | Signal::Turned => {
                likes + halves(user, 1, 1) + halves(self.users + item, 2, 1) + halves(row.number, 3, 1)
            }
        };
        (3.0 + 0.5 * steps).clamp(1.0, 5.0)
    }
}

impl Table for Ratings {
    fn dataset(&self) -> &'static str {
        "movies"
    }

    fn key(&self) -> &'static [&'static str] {
        &["user", "item"]
    }

    fn columns(&self) -> Vec<String> {
        ["user", "item", "rating", TIME].map(str::to_owned).into()
    }

    fn outcomes(&self) -> &'static [&'static str] {
        &["rating"]
    }

    fn capacity(&self) -> u64 {
        self.users * self.items
    }

    fn cells(&self, row: &Row) -> Vec<String> {
        let ((user, item), value) = (self.pair(row.number), self.value(row));
        let rating = match row.edition {
            Edition::Whole => value.to_string(),
            Edition::Pending => String::new(),
            Edition::Corrected => if value < 3.0 { value + 0.5 } else { value - 0.5 }.to_string(),
        };
        vec![format!("u{user}"), format!("film {item}"), rating, row.on.to_string()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_like_the_items_of_their_camp() {
        let ratings = Ratings::of(3, 50, 20);
        let mean = |signal, own| {
            let rows = (0..1000).map(|number| Row::new(number, chrono::NaiveDate::MIN).teaching(signal));
            let values: Vec<f64> = rows
                .filter(|row| {
                    let (user, item) = ratings.pair(row.number);
                    (user % 2 == item % 2) == own
                })
                .map(|row| ratings.value(&row))
                .collect();
            values.iter().sum::<f64>() / values.len() as f64
        };
        assert!(mean(Signal::Planted, true) > mean(Signal::Planted, false) + 1.5);
        assert!(mean(Signal::Turned, true) < mean(Signal::Turned, false) - 1.5);
        assert!((mean(Signal::Noise, true) - mean(Signal::Noise, false)).abs() < 0.3);
    }
}
