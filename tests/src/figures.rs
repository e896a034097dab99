//! Figures of the benchmarks: several repeats of one thing, and the lines they are told in.

/// The same thing measured again and again, in one unit.
#[derive(Debug, Default)]
pub struct Figures(Vec<f64>);

impl Figures {
    /// One more.
    pub fn add(&mut self, figure: f64) {
        self.0.push(figure);
        self.0.sort_by(f64::total_cmp);
    }

    /// The figure that half of them do not exceed.
    pub fn median(&self) -> f64 {
        self.0.get(self.0.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
    }

    /// The largest.
    pub fn most(&self) -> f64 {
        self.0.last().copied().unwrap_or(f64::NAN)
    }

    /// Prints median and largest with what they should not exceed.
    pub fn report(&self, name: &str, unit: &str, goal: f64) {
        let repeats = self.0.len();
        println!("bench: {name}_p50 {:.3} {unit} (goal <= {goal} {unit}; {repeats} repeats)", self.median());
        println!("bench: {name}_max {:.3} {unit} (goal <= {goal} {unit}; {repeats} repeats)", self.most());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_most_are_of_the_sorted_figures() {
        let mut figures = Figures::default();
        for figure in [3.0, 1.0, 2.0, 10.0] {
            figures.add(figure);
        }
        assert_eq!((figures.median(), figures.most()), (2.0, 10.0));
    }
}
