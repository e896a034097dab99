//! The learning rate over a training.

/// Linear warm-up, then half a cosine down to a tenth of the peak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    peak: f64,
    warm_up: u64,
    total: u64,
}

impl Schedule {
    /// A schedule over `total` steps; a twentieth of them, at most 200, warm up.
    pub fn new(peak: f64, total: u64) -> Self {
        Self { peak, warm_up: (total / 20).clamp(1, 200), total }
    }

    /// The rate of a step, counted from 1.
    pub fn rate(&self, step: u64) -> f64 {
        const LEAST: f64 = 0.1;
        if step <= self.warm_up {
            return self.peak * step as f64 / self.warm_up as f64;
        }
        let done = (step - self.warm_up) as f64 / self.total.saturating_sub(self.warm_up).max(1) as f64;
        let cosine = 0.5 * (1.0 + (std::f64::consts::PI * done.min(1.0)).cos());
        self.peak * (LEAST + (1.0 - LEAST) * cosine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_then_down() {
        let schedule = Schedule::new(1.0, 1000);
        let near =
            |step, rate: f64| assert!((schedule.rate(step) - rate).abs() < 1e-9, "{step}: {}", schedule.rate(step));
        near(1, 0.02);
        near(50, 1.0);
        near(525, 0.55);
        near(1000, 0.1);
        near(2000, 0.1);
        assert_eq!(Schedule::new(0.5, 1).rate(1), 0.5);
    }
}
