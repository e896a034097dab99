//! Numbers with a name and sizes: what weights and checkpoints are made of.

use std::collections::{BTreeMap, HashMap};

use common::vocabulary::ContentHash;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use crate::error::TrainError;

/// The numbers of one tensor, row-major.
#[derive(Debug, Clone, PartialEq)]
pub enum Numbers {
    /// Single precision.
    F32(Vec<f32>),
    /// Double precision.
    F64(Vec<f64>),
    /// Whole numbers: counts, indices.
    I64(Vec<i64>),
}

impl Numbers {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::F32(numbers) => numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
            Self::F64(numbers) => numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
            Self::I64(numbers) => numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
        }
    }

    fn dtype(&self) -> Dtype {
        match self {
            Self::F32(_) => Dtype::F32,
            Self::F64(_) => Dtype::F64,
            Self::I64(_) => Dtype::I64,
        }
    }

    fn read(dtype: Dtype, bytes: &[u8]) -> Result<Self, String> {
        match dtype {
            Dtype::F32 => Ok(Self::F32(bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())),
            Dtype::F64 => Ok(Self::F64(bytes.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect())),
            Dtype::I64 => Ok(Self::I64(bytes.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect())),
            other => Err(format!("a tensor of {other:?}, which this build does not write")),
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(n) => n.len(),
            Self::F64(n) => n.len(),
            Self::I64(n) => n.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A tensor: its sizes, and as many numbers as their product.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// The sizes, outermost first.
    pub sizes: Vec<usize>,
    /// The numbers.
    pub numbers: Numbers,
}

/// Tensors by name. The order is that of the names, so that the same tensors always give the same file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tensors(pub BTreeMap<String, Tensor>);

impl Tensors {
    /// Adds single-precision numbers.
    pub fn f32(&mut self, name: &str, sizes: &[usize], numbers: Vec<f32>) {
        self.0.insert(name.to_owned(), Tensor { sizes: sizes.to_vec(), numbers: Numbers::F32(numbers) });
    }

    /// Adds double-precision numbers.
    pub fn f64(&mut self, name: &str, sizes: &[usize], numbers: Vec<f64>) {
        self.0.insert(name.to_owned(), Tensor { sizes: sizes.to_vec(), numbers: Numbers::F64(numbers) });
    }

    /// Adds whole numbers.
    pub fn i64(&mut self, name: &str, sizes: &[usize], numbers: Vec<i64>) {
        self.0.insert(name.to_owned(), Tensor { sizes: sizes.to_vec(), numbers: Numbers::I64(numbers) });
    }

    /// Single-precision numbers of these sizes.
    ///
    /// # Errors
    /// They are not there, or have another type or other sizes.
    pub fn take_f32(&mut self, name: &str, sizes: &[usize]) -> Result<Vec<f32>, TrainError> {
        match self.take(name, sizes)? {
            Numbers::F32(numbers) => Ok(numbers),
            Numbers::F64(_) | Numbers::I64(_) => Err(TrainError::Data(format!("{name} is not single precision"))),
        }
    }

    /// Double-precision numbers of these sizes.
    ///
    /// # Errors
    /// They are not there, or have another type or other sizes.
    pub fn take_f64(&mut self, name: &str, sizes: &[usize]) -> Result<Vec<f64>, TrainError> {
        match self.take(name, sizes)? {
            Numbers::F64(numbers) => Ok(numbers),
            Numbers::F32(_) | Numbers::I64(_) => Err(TrainError::Data(format!("{name} is not double precision"))),
        }
    }

    /// Whole numbers of these sizes.
    ///
    /// # Errors
    /// They are not there, or have another type or other sizes.
    pub fn take_i64(&mut self, name: &str, sizes: &[usize]) -> Result<Vec<i64>, TrainError> {
        match self.take(name, sizes)? {
            Numbers::I64(numbers) => Ok(numbers),
            Numbers::F32(_) | Numbers::F64(_) => Err(TrainError::Data(format!("{name} is not whole numbers"))),
        }
    }

    /// A safetensors file of them. The same tensors always give the same bytes.
    pub(crate) fn encode(&self, metadata: Option<HashMap<String, String>>) -> Result<Vec<u8>, TrainError> {
        let failed = |error: safetensors::SafeTensorError| TrainError::Code(format!("safetensors: {error}"));
        let bytes: Vec<Vec<u8>> = self.0.values().map(|tensor| tensor.numbers.bytes()).collect();
        let views: Result<Vec<_>, _> = self
            .0
            .iter()
            .zip(&bytes)
            .map(|((name, tensor), bytes)| {
                Ok((name.as_str(), TensorView::new(tensor.numbers.dtype(), tensor.sizes.clone(), bytes)?))
            })
            .collect();
        safetensors::serialize(views.map_err(failed)?, metadata).map_err(failed)
    }

    /// The tensors of a safetensors file; whether it is the one that was meant, its hash tells.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
        let tensor = |(name, view): (String, TensorView<'_>)| {
            let numbers = Numbers::read(view.dtype(), view.data()).map_err(|reason| format!("{name}: {reason}"))?;
            Ok((name, Tensor { sizes: view.shape().to_vec(), numbers }))
        };
        file.tensors().into_iter().map(tensor).collect::<Result<_, String>>().map(Self)
    }

    /// The hash over all names, sizes and numbers.
    pub(crate) fn hash(&self) -> ContentHash {
        let mut all = Vec::new();
        for (name, tensor) in &self.0 {
            all.extend(format!("{name} {:?} {:?}\n", tensor.numbers.dtype(), tensor.sizes).into_bytes());
            all.extend(tensor.numbers.bytes());
        }
        ContentHash::of(&all)
    }

    fn take(&mut self, name: &str, sizes: &[usize]) -> Result<Numbers, TrainError> {
        let tensor = self.0.remove(name).ok_or_else(|| TrainError::Data(format!("there is no tensor {name}")))?;
        if tensor.sizes != sizes || tensor.numbers.len() != sizes.iter().product::<usize>() {
            return Err(TrainError::Data(format!("{name} has the sizes {:?}, expected {sizes:?}", tensor.sizes)));
        }
        Ok(tensor.numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Tensors {
        let mut tensors = Tensors::default();
        tensors.f32("factors", &[2, 2], vec![1.0, -2.5, f32::MIN_POSITIVE, 0.0]);
        tensors.f64("sums", &[3], vec![0.1, 1e300, -0.0]);
        tensors.i64("counts", &[1], vec![-7]);
        tensors
    }

    #[test]
    fn tensors_come_back_to_the_bit() {
        let tensors = some();
        let file = tensors.encode(None).unwrap();
        assert_eq!(file, some().encode(None).unwrap());
        let mut read = Tensors::decode(&file).unwrap();
        assert_eq!((read.hash(), &read), (tensors.hash(), &tensors));
        assert_eq!(read.take_i64("counts", &[1]).unwrap(), [-7]);
        assert!(read.take_i64("counts", &[1]).is_err(), "each is taken once");
        assert!(read.take_f32("sums", &[3]).is_err(), "another type");
        assert!(read.take_f32("factors", &[4]).is_err(), "other sizes");
    }

    #[test]
    fn a_cut_file_is_refused() {
        let file = some().encode(None).unwrap();
        for length in 0..file.len() {
            assert!(Tensors::decode(&file[..length]).is_err(), "{length}");
        }
        let mut other = some();
        other.i64("counts", &[1], vec![-8]);
        assert_ne!(other.hash(), some().hash());
    }
}
