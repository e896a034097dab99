//! Which rows a later one of the same key stands for, found in bounded memory: what tells keys apart is sorted in runs that are put
//! aside on disk, and merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// What tells a row's key apart, and the row's place among those read.
type Record = (u64, u64, u32);

/// Bytes of a record on disk.
const SIZE: usize = 20;
/// Records in memory: 24 MiB.
const RUN: usize = 1 << 20;
/// Records of a run that are read at a time.
const PIECE: usize = 512;

/// The keys of a file's rows, as they come.
#[derive(Debug)]
pub(super) struct Keys {
    folder: PathBuf,
    longest: usize,
    run: Vec<Record>,
    aside: Option<Aside>,
}

/// Sorted runs, one after the other.
#[derive(Debug)]
struct Aside {
    file: File,
    /// Where each ends, in records.
    ends: Vec<u64>,
}

impl Keys {
    /// None yet; many are put aside in this folder, in a file without a name.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), longest: RUN, run: Vec::new(), aside: None }
    }

    /// The key of the row at a place. Places ascend.
    ///
    /// # Errors
    /// What is put aside cannot be written.
    pub(super) fn push(&mut self, key: &str, position: u32) -> io::Result<()> {
        self.run.push((hash(key, 0), hash(key, 1), position));
        if self.run.len() == self.longest { self.put_aside() } else { Ok(()) }
    }

    fn put_aside(&mut self) -> io::Result<()> {
        let mut aside = match self.aside.take() {
            Some(aside) => aside,
            None => Aside { file: tempfile::tempfile_in(&self.folder)?, ends: Vec::new() },
        };
        self.run.sort_unstable();
        let mut out = BufWriter::new(&aside.file);
        for record in &self.run {
            out.write_all(&encode(record))?;
        }
        out.flush()?;
        drop(out);
        aside.ends.push(aside.ends.last().unwrap_or(&0) + self.run.len() as u64);
        self.run.clear();
        self.aside = Some(aside);
        Ok(())
    }

    /// The places of rows that a later one of the same key stands for.
    ///
    /// # Errors
    /// What was put aside cannot be written or read.
    pub(super) fn repeated(mut self) -> io::Result<RowPositions> {
        let mut repeated = Repeated::default();
        if self.aside.is_some() {
            self.put_aside()?;
            self.run = Vec::new();
        }
        match &self.aside {
            None => {
                self.run.sort_unstable();
                self.run.iter().for_each(|record| repeated.next(*record));
            }
            Some(aside) => merge(aside, |record| repeated.next(record))?,
        }
        Ok(repeated.positions)
    }
}

/// Hands out the records of all runs in order.
fn merge(aside: &Aside, mut take: impl FnMut(Record)) -> io::Result<()> {
    let starts = std::iter::once(&0).chain(&aside.ends);
    let mut runs: Vec<Run<'_>> =
        starts.zip(&aside.ends).map(|(start, end)| Run::new(&aside.file, *start, *end)).collect();
    let mut heads = BinaryHeap::with_capacity(runs.len());
    for (number, run) in runs.iter_mut().enumerate() {
        heads.extend(run.next()?.map(|record| Reverse((record, number))));
    }
    while let Some(Reverse((record, number))) = heads.pop() {
        take(record);
        if let Some(run) = runs.get_mut(number) {
            heads.extend(run.next()?.map(|record| Reverse((record, number))));
        }
    }
    Ok(())
}

/// A run on its way back.
struct Run<'a> {
    file: &'a File,
    next: u64,
    end: u64,
    piece: Vec<u8>,
    at: usize,
}

impl<'a> Run<'a> {
    fn new(file: &'a File, start: u64, end: u64) -> Self {
        Self { file, next: start, end, piece: Vec::new(), at: 0 }
    }

    fn next(&mut self) -> io::Result<Option<Record>> {
        if self.at == self.piece.len() {
            let count = PIECE.min((self.end - self.next) as usize);
            self.piece.resize(count * SIZE, 0);
            self.file.read_exact_at(&mut self.piece, self.next * SIZE as u64)?;
            (self.next, self.at) = (self.next + count as u64, 0);
        }
        let record = self.piece.get(self.at..self.at + SIZE).and_then(decode);
        self.at += SIZE;
        Ok(record)
    }
}

fn encode((first, second, position): &Record) -> [u8; SIZE] {
    let mut bytes = [0; SIZE];
    bytes[..8].copy_from_slice(&first.to_le_bytes());
    bytes[8..16].copy_from_slice(&second.to_le_bytes());
    bytes[16..].copy_from_slice(&position.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Option<Record> {
    let (first, rest) = bytes.split_first_chunk()?;
    let (second, rest) = rest.split_first_chunk()?;
    let (position, _) = rest.split_first_chunk()?;
    Some((u64::from_le_bytes(*first), u64::from_le_bytes(*second), u32::from_le_bytes(*position)))
}

/// Finds repetitions among records that come in order.
#[derive(Default)]
struct Repeated {
    last: Option<Record>,
    positions: RowPositions,
}

impl Repeated {
    fn next(&mut self, record: Record) {
        if let Some(last) = self.last.filter(|last| (last.0, last.1) == (record.0, record.1)) {
            self.positions.insert(last.2);
        }
        self.last = Some(record);
    }
}

/// Positions among the rows read, a bit for each row.
#[derive(Debug, Default)]
pub(super) struct RowPositions {
    words: Vec<u64>,
    count: u64,
}

impl RowPositions {
    fn insert(&mut self, position: u32) {
        let (word, bit) = (position as usize / 64, 1 << (position % 64));
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.count += u64::from(self.words[word] & bit == 0);
        self.words[word] |= bit;
    }

    /// Whether a position is among them.
    pub(super) fn contains(&self, position: u32) -> bool {
        self.words.get(position as usize / 64).is_some_and(|word| word & (1 << (position % 64)) != 0)
    }

    /// How many there are.
    pub(super) fn len(&self) -> u64 {
        self.count
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

fn hash(key: &str, salt: u8) -> u64 {
    let mut hasher = DefaultHasher::new();
    salt.hash(&mut hasher);
    key.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn repeated(keys: &[u8], longest: usize) -> Vec<u32> {
        let folder = tempfile::tempdir().unwrap();
        let mut sorted = Keys { longest, ..Keys::new(folder.path()) };
        for (position, key) in (0..).zip(keys) {
            sorted.push(&key.to_string(), position).unwrap();
        }
        let positions = sorted.repeated().unwrap();
        let found: Vec<u32> = (0..keys.len() as u32).filter(|position| positions.contains(*position)).collect();
        assert_eq!((positions.len(), positions.is_empty()), (found.len() as u64, found.is_empty()));
        assert!(!positions.contains(keys.len() as u32));
        found
    }

    proptest! {
        /// However many are put aside, all but the last row of each key are found.
        #[test]
        fn all_but_the_last_row_of_a_key_are_found(keys in proptest::collection::vec(0u8..40, 0..2000), longest in 1usize..1500) {
            let last: HashMap<u8, u32> = (0..).zip(&keys).map(|(position, key)| (*key, position)).collect();
            let expected: Vec<u32> = (0..).zip(&keys).filter(|(position, key)| last[key] != *position).map(|(position, _)| position).collect();
            prop_assert_eq!(repeated(&keys, longest), expected);
        }
    }
}
