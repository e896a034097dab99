//! AdamW on one flat buffer, so that all of its state fits a checkpoint: two moments and the number of steps.

mod schedule;

pub use schedule::Schedule;
use tch::{Device, Kind, Tensor};

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019), on gradients clipped by their norm.
#[derive(Debug)]
pub struct AdamW {
    /// Mean of the gradients, flat.
    first: Tensor,
    /// Mean of their squares, flat.
    second: Tensor,
    decay: f64,
    clip: f64,
}

impl AdamW {
    /// No moments yet.
    pub fn new(weights: usize, device: Device, decay: f64, clip: f64) -> Self {
        let zeros = || Tensor::zeros([weights as i64], (Kind::Float, device));
        Self { first: zeros(), second: zeros(), decay, clip }
    }

    /// Goes on with moments from a checkpoint.
    pub fn restore(&mut self, first: &[f32], second: &[f32]) {
        self.first.copy_(&Tensor::from_slice(first));
        self.second.copy_(&Tensor::from_slice(second));
    }

    /// First and second moment.
    pub fn moments(&self) -> [&Tensor; 2] {
        [&self.first, &self.second]
    }

    /// One step. `step` counts from 1.
    pub fn step(&mut self, weights: &mut Tensor, mut gradient: Tensor, rate: f64, step: u64) {
        let norm = gradient.norm().double_value(&[]);
        if norm > self.clip {
            let _ = gradient.g_mul_scalar_(self.clip / norm);
        }
        let correction = |beta: f64| 1.0 - beta.powf(step as f64);
        let _ = self.first.lerp_(&gradient, 1.0 - BETA1);
        let _ = self.second.lerp_(&gradient.square(), 1.0 - BETA2);
        let spread = (&self.second / correction(BETA2)).sqrt() + EPSILON;
        let _ = weights.g_mul_scalar_(1.0 - rate * self.decay);
        *weights -= &self.first / spread * (rate / correction(BETA1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::nn::OptimizerConfig;

    /// The same path as LibTorch's own AdamW.
    #[test]
    fn agrees_with_libtorch() {
        let start = [0.5f32, -1.0, 2.0, 0.0];
        let store = tch::nn::VarStore::new(Device::Cpu);
        let theirs = store.root().var_copy("w", &Tensor::from_slice(&start));
        let mut optimiser = tch::nn::AdamW { wd: 0.01, ..Default::default() }.build(&store, 0.05).unwrap();
        let mut ours = Tensor::from_slice(&start);
        let mut adam = AdamW::new(4, Device::Cpu, 0.01, 1e9);
        let target = Tensor::from_slice(&[1.0f32, 1.0, -1.0, 3.0]);
        for step in 1..=200 {
            optimiser.backward_step(&(&theirs - &target).square().sum(Kind::Float));
            let gradient = (&ours - &target) * 2.0;
            adam.step(&mut ours, gradient, 0.05, step);
        }
        assert!((&ours - &theirs).abs().max().double_value(&[]) < 1e-5, "{ours} {theirs}");
    }

    #[test]
    fn long_gradients_are_scaled_down() {
        let mut adam = AdamW::new(2, Device::Cpu, 0.0, 1.0);
        adam.step(&mut Tensor::zeros([2], (Kind::Float, Device::Cpu)), Tensor::from_slice(&[30.0f32, 40.0]), 0.1, 1);
        let first = adam.moments()[0];
        assert!((first.double_value(&[0]) - 0.06).abs() < 1e-7 && (first.double_value(&[1]) - 0.08).abs() < 1e-7);
    }
}
