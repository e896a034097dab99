//! From the last hidden state to a distribution: the Student-t head and its loss.

use tch::{Kind, Tensor};

/// The least scale, in units of recent volatility: no day is certain.
const SCALE_FLOOR: f64 = 0.05;
/// The least degrees of freedom: below 3 the variance would not exist.
const LEAST_DEGREES: f64 = 3.0;
/// What an untrained network starts with: ν = 8, and the scale that gives it the standard deviation 1, `√(6/8)`.
const FIRST_SCALE: f64 = 0.866_025_403_784_438_6;
const FIRST_DEGREES: f64 = 8.0;

/// A Student-t per row, in units of recent volatility. Sizes `[rows]`, the degrees of freedom `[1]`.
pub(crate) struct Distribution {
    pub(crate) location: Tensor,
    pub(crate) scale: Tensor,
    pub(crate) degrees: Tensor,
}

/// The head's weights before training: location 0 and scale 1 whatever the input, which is the naive forecast.
pub(crate) fn initial_weights(hidden: usize) -> Vec<f32> {
    let before_softplus = |x: f64| x.exp_m1().ln() as f32;
    let mut weights = vec![0.0; 2 * hidden + 1];
    weights.push(before_softplus(FIRST_SCALE - SCALE_FLOOR));
    weights.push(before_softplus(FIRST_DEGREES - LEAST_DEGREES));
    weights
}

/// Applies the head's `weights` (`[2, hidden]`, two biases, one number for ν, all flat) to hidden states `[rows, hidden]`.
pub(crate) fn distribution(weights: &Tensor, hidden: &Tensor) -> Distribution {
    let units = hidden.size()[1];
    let matrix = weights.narrow(0, 0, 2 * units).view([2, units]);
    let linear = hidden.linear(&matrix, Some(weights.narrow(0, 2 * units, 2)));
    Distribution {
        location: linear.select(1, 0),
        scale: linear.select(1, 1).softplus() + SCALE_FLOOR,
        degrees: weights.narrow(0, 2 * units + 2, 1).softplus() + LEAST_DEGREES,
    }
}

impl Distribution {
    /// Mean negative log-likelihood of `targets` `[rows]`, nats:
    /// `ln s + ½ ln(πν) + ln Γ(ν/2) − ln Γ((ν+1)/2) + (ν+1)/2 · ln(1 + z²/ν)` with `z = (y − location)/s`.
    pub(crate) fn loss(&self, targets: &Tensor) -> Tensor {
        let Self { location, scale, degrees } = self;
        let half = degrees * 0.5;
        let z = (targets - location) / scale;
        let norm: Tensor = half.lgamma() - (&half + 0.5).lgamma() + (degrees * std::f64::consts::PI).log() * 0.5;
        let tail = (z.square() / degrees).log1p() * (&half + 0.5);
        (tail + scale.log()).mean(Kind::Float) + norm.sum(Kind::Float)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loss_is_the_density() {
        let hidden = Tensor::from_slice(&[0.5f32, -1.0, 2.0, 0.25]).view([2, 2]);
        let mut weights = initial_weights(2);
        weights[..4].copy_from_slice(&[0.1, 0.2, -0.3, 0.05]);
        let out = distribution(&Tensor::from_slice(&weights), &hidden);
        let targets = [0.7, -1.9];
        let loss = f64::try_from(out.loss(&Tensor::from_slice(&targets.map(|y| y as f32)))).unwrap();
        let exact = (0..2i64).map(|row| {
            let t = crate::forecaster::score::StudentT {
                location: out.location.double_value(&[row]),
                scale: out.scale.double_value(&[row]),
                degrees: out.degrees.double_value(&[0]),
            };
            -t.ln_pdf(targets[row as usize])
        });
        assert!((loss - exact.sum::<f64>() / 2.0).abs() < 1e-6);
    }

    #[test]
    fn an_untrained_head_is_naive() {
        let out = distribution(
            &Tensor::from_slice(&initial_weights(3)),
            &Tensor::randn([4, 3], (Kind::Float, tch::Device::Cpu)),
        );
        for row in 0..4 {
            assert_eq!(out.location.double_value(&[row]), 0.0);
            let (scale, degrees) = (out.scale.double_value(&[row]), out.degrees.double_value(&[0]));
            assert!((scale * (degrees / (degrees - 2.0)).sqrt() - 1.0).abs() < 1e-6);
        }
    }
}
