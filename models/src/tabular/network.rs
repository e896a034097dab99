//! The network contestant: embeddings of the categories and the numbers, one hidden layer, trained by Adam.

use super::design::{Design, Examples, Loss};
use super::math::sigmoid;
use crate::error::TrainError;
use crate::tensors::Tensors;
use common::random::{Purpose, Stream};
use common::vocabulary::TabularHyper;

/// Hidden units that are added up side by side.
const LANES: usize = 8;
const BETA: [f64; 2] = [0.9, 0.999];
/// Absolute errors below this count as squared ones, so that steps become small near the target.
const ROUND: f64 = 0.1;

/// The sizes.
#[derive(Debug, Clone, PartialEq)]
struct Shape {
    /// Numbers per row.
    width: usize,
    /// Of each category: where its levels begin, where its embeddings begin in the parameters, and how long one is.
    embeddings: Vec<(usize, usize, usize)>,
    /// Inputs of the hidden layer.
    inputs: usize,
    hidden: usize,
    /// Where the hidden layer's weights begin; then its biases, the output's weights and bias.
    layer: usize,
    size: usize,
}

impl Shape {
    fn new(width: usize, levels: &[usize], hidden: usize) -> Self {
        let (mut level, mut parameter, mut inputs) = (0, 0, width);
        let embeddings = levels.iter().map(|&count| {
            let dimensions = ((count as f64).sqrt().ceil() as usize).min(8);
            let at = (level, parameter, dimensions);
            level += count;
            parameter += count * dimensions;
            inputs += dimensions;
            at
        });
        let embeddings = embeddings.collect();
        Self { width, embeddings, inputs, hidden, layer: parameter, size: parameter + (inputs + 2) * hidden + 1 }
    }
}

/// Parameters, and what Adam remembers; all flat.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Network {
    shape: Shape,
    parameters: Vec<f32>,
    moments: [Vec<f32>; 2],
    step: u64,
    start: f64,
}

impl Network {
    /// A network before its first step. `levels`: those of each category; `fold` names the draws.
    pub(crate) fn new(width: usize, levels: &[usize], hyper: &TabularHyper, start: f64, fold: u32) -> Self {
        let shape = Shape::new(width, levels, hyper.hidden as usize);
        let mut draws = Stream::new(hyper.seed, Purpose::Weights, fold, 0);
        let mut parameters = vec![0.0; shape.size];
        let mut fill = |part: std::ops::Range<usize>, bound: f64| {
            parameters[part].iter_mut().for_each(|p| *p = ((2.0 * draws.uniform() - 1.0) * bound) as f32);
        };
        fill(0..shape.layer, 0.5);
        let biases = shape.layer + shape.inputs * shape.hidden;
        fill(shape.layer..biases, (6.0 / (shape.inputs + shape.hidden) as f64).sqrt());
        fill(biases + shape.hidden..biases + 2 * shape.hidden, (1.0 / shape.hidden as f64).sqrt());
        let moments = [vec![0.0; shape.size], vec![0.0; shape.size]];
        Self { shape, parameters, moments, step: 0, start }
    }

    /// One pass over the rows, in an order drawn for this `epoch`; the margins as they were when each row had its turn.
    pub(crate) fn epoch(&mut self, examples: &Examples<'_>, hyper: &TabularHyper, fold: u32, epoch: u32) -> Vec<f64> {
        let mut margins = vec![0.0; examples.design.rows];
        let mut order: Vec<usize> = (0..examples.design.rows).collect();
        Stream::new(hyper.seed, Purpose::Shuffle, fold, u64::from(epoch)).shuffle(&mut order);
        let mut powers = BETA.map(|beta| (0..self.step).fold(1.0, |power, _| power * beta));
        let mut gradient = vec![0.0; self.shape.size];
        let mut scratch = Scratch::new(&self.shape);
        for batch in order.chunks(hyper.batch_size as usize) {
            gradient.fill(0.0);
            let weight: f64 = batch.iter().map(|&row| examples.weights[row]).sum();
            for &row in batch {
                let margin =
                    self.start + f64::from(scratch.forward(&self.shape, &self.parameters, examples.design, row));
                margins[row] = margin;
                let slope = match examples.loss {
                    Loss::Log => sigmoid(margin) - examples.targets[row],
                    Loss::Absolute => ((margin - examples.targets[row]) / ROUND).clamp(-1.0, 1.0),
                };
                let slope = (slope * examples.weights[row] / weight) as f32;
                scratch.backward(&self.shape, &self.parameters, examples.design, row, slope, &mut gradient);
            }
            self.step += 1;
            powers.iter_mut().zip(BETA).for_each(|(power, beta)| *power *= beta);
            self.adam(&gradient, powers, hyper);
        }
        margins
    }

    /// One step of Adam (Kingma and Ba, 2015) with decoupled weight decay (Loshchilov and Hutter, 2019).
    fn adam(&mut self, gradient: &[f32], powers: [f64; 2], hyper: &TabularHyper) {
        let rate = (hyper.learning_rate * (1.0 - powers[1]).sqrt() / (1.0 - powers[0])) as f32;
        let kept = (1.0 - hyper.learning_rate * hyper.weight_decay) as f32;
        let [b1, b2] = BETA.map(|beta| beta as f32);
        let [first, second] = &mut self.moments;
        let moments = first.iter_mut().zip(second.iter_mut());
        for ((p, g), (m, v)) in self.parameters.iter_mut().zip(gradient).zip(moments) {
            *m = b1 * *m + (1.0 - b1) * g;
            *v = b2 * *v + (1.0 - b2) * g * g;
            *p = kept * *p - rate * *m / (v.sqrt() + 1e-8);
        }
    }

    /// One margin per row.
    pub(crate) fn margins(&self, design: &Design) -> Vec<f64> {
        let mut scratch = Scratch::new(&self.shape);
        (0..design.rows)
            .map(|row| self.start + f64::from(scratch.forward(&self.shape, &self.parameters, design, row)))
            .collect()
    }

    /// The same network, ready to go on with other rows: Adam forgets.
    pub(crate) fn rested(mut self) -> Self {
        self.moments.iter_mut().for_each(|moment| moment.fill(0.0));
        self.step = 0;
        self
    }

    /// Writes the parameters; with `all`, also what Adam remembers.
    pub(crate) fn save(&self, prefix: &str, tensors: &mut Tensors, all: bool) {
        let n = [self.shape.size];
        tensors.f32(&format!("{prefix}.parameters"), &n, self.parameters.clone());
        if all {
            tensors.f32(&format!("{prefix}.first"), &n, self.moments[0].clone());
            tensors.f32(&format!("{prefix}.second"), &n, self.moments[1].clone());
            tensors.i64(&format!("{prefix}.step"), &[], vec![self.step as i64]);
        }
    }

    /// Reads what [`Self::save`] wrote for a network of these sizes.
    ///
    /// # Errors
    /// Other sizes, or parameters that are no numbers.
    pub(crate) fn load(mut self, prefix: &str, tensors: &mut Tensors, all: bool) -> Result<Self, TrainError> {
        let n = [self.shape.size];
        self.parameters = tensors.take_f32(&format!("{prefix}.parameters"), &n)?;
        if all {
            let first = tensors.take_f32(&format!("{prefix}.first"), &n)?;
            self.moments = [first, tensors.take_f32(&format!("{prefix}.second"), &n)?];
            self.step = tensors.take_i64(&format!("{prefix}.step"), &[])?.first().map_or(0, |&step| step.max(0) as u64);
        }
        if self.parameters.iter().any(|p| !p.is_finite()) {
            return Err(TrainError::Data(format!(
                "the parameters of {prefix} are not all numbers: lower learning_rate, or restore the version from a backup"
            )));
        }
        Ok(self)
    }
}

/// The values of one row on its way through.
struct Scratch {
    inputs: Vec<f32>,
    hidden: Vec<f32>,
    slopes: Vec<f32>,
}

impl Scratch {
    fn new(shape: &Shape) -> Self {
        Self { inputs: vec![0.0; shape.inputs], hidden: vec![0.0; shape.hidden], slopes: vec![0.0; shape.hidden] }
    }

    fn forward(&mut self, shape: &Shape, parameters: &[f32], design: &Design, row: usize) -> f32 {
        self.inputs.iter_mut().zip(design.numbers(row)).for_each(|(input, &x)| *input = x as f32);
        let mut at = shape.width;
        for (&(first, begin, n), &level) in shape.embeddings.iter().zip(design.levels(row)) {
            let from = begin + (level as usize - first) * n;
            self.inputs[at..at + n].copy_from_slice(&parameters[from..from + n]);
            at += n;
        }
        let (weights, rest) = parameters[shape.layer..].split_at(shape.inputs * shape.hidden);
        let (biases, out) = rest.split_at(shape.hidden);
        self.hidden.copy_from_slice(biases);
        let (blocks, rest) = self.hidden.as_chunks_mut::<LANES>();
        for (block, sums) in blocks.iter_mut().enumerate() {
            // A copy that stays in registers.
            let mut held = *sums;
            for (x, line) in self.inputs.iter().zip(weights.chunks_exact(shape.hidden)) {
                let (lines, _) = line.as_chunks::<LANES>();
                (0..LANES).for_each(|i| held[i] += x * lines[block][i]);
            }
            *sums = held;
        }
        let first = shape.hidden - rest.len();
        for (x, line) in self.inputs.iter().zip(weights.chunks_exact(shape.hidden)) {
            rest.iter_mut().zip(&line[first..]).for_each(|(h, w)| *h += x * w);
        }
        self.hidden.iter_mut().for_each(|h| *h = h.max(0.0));
        self.hidden.iter().zip(out).fold(out[shape.hidden], |sum, (h, w)| sum + h * w)
    }

    fn backward(
        &mut self,
        shape: &Shape,
        parameters: &[f32],
        design: &Design,
        row: usize,
        slope: f32,
        gradient: &mut [f32],
    ) {
        let (weights, rest) = parameters[shape.layer..].split_at(shape.inputs * shape.hidden);
        let out = &rest[shape.hidden..2 * shape.hidden];
        let (embeddings, gradient) = gradient.split_at_mut(shape.layer);
        let (lines, rest) = gradient.split_at_mut(shape.inputs * shape.hidden);
        let (biases, outs) = rest.split_at_mut(shape.hidden);
        outs[shape.hidden] += slope;
        for (j, (&h, &w)) in self.hidden.iter().zip(out).enumerate() {
            outs[j] += slope * h;
            self.slopes[j] = if h > 0.0 { slope * w } else { 0.0 };
            biases[j] += self.slopes[j];
        }
        for (x, line) in self.inputs.iter().zip(lines.chunks_exact_mut(shape.hidden)) {
            line.iter_mut().zip(&self.slopes).for_each(|(g, s)| *g += x * s);
        }
        let mut input = shape.width;
        for (&(first, begin, n), &level) in shape.embeddings.iter().zip(design.levels(row)) {
            let from = begin + (level as usize - first) * n;
            for (g, line) in
                embeddings[from..from + n].iter_mut().zip(weights[input * shape.hidden..].chunks_exact(shape.hidden))
            {
                *g += line.iter().zip(&self.slopes).fold(0.0, |sum, (w, s)| sum + w * s);
            }
            input += n;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The gradient is the slope of the loss, measured by moving each parameter a little.
    #[test]
    fn gradients_are_slopes() {
        let mut design = Design::new(1, 2, &[4], vec![], vec![]);
        design.set_number(0, 0, 0.7);
        design.set_number(0, 1, -1.1);
        design.set_level(0, 0, 2);
        let network = Network::new(2, &[4], &TabularHyper { hidden: 5, ..TabularHyper::default() }, 0.0, 0);
        let (shape, mut scratch) = (&network.shape, Scratch::new(&network.shape));
        scratch.forward(shape, &network.parameters, &design, 0);
        let mut gradient = vec![0.0; shape.size];
        scratch.backward(shape, &network.parameters, &design, 0, 1.0, &mut gradient);
        assert!(gradient.iter().filter(|g| **g != 0.0).count() > shape.hidden);
        for (i, g) in gradient.iter().enumerate() {
            let at = |by: f32| {
                let mut moved = network.parameters.clone();
                moved[i] += by;
                Scratch::new(shape).forward(shape, &moved, &design, 0)
            };
            let slope = (at(1e-2) - at(-1e-2)) / 2e-2;
            assert!((slope - g).abs() < 2e-3, "{i}: {slope} {g}");
        }
    }
}
