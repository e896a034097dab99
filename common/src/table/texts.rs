//! Many texts in one allocation: a million short ones would be a million allocations else.

/// Texts end to end; each may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    bytes: String,
    // Where each ends, and whether it is there.
    ends: Vec<(usize, bool)>,
}

impl Texts {
    /// How many, the missing ones included.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// One more.
    pub fn push(&mut self, text: Option<&str>) {
        self.bytes.push_str(text.unwrap_or_default());
        self.ends.push((self.bytes.len(), text.is_some()));
    }

    /// The text at an index, if it is not missing.
    pub fn get(&self, index: usize) -> Option<&str> {
        let (end, there) = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before].0);
        there.then(|| &self.bytes[start..end])
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.len()).map(|index| self.get(index))
    }
}

impl<'a> FromIterator<Option<&'a str>> for Texts {
    fn from_iter<I: IntoIterator<Item = Option<&'a str>>>(texts: I) -> Self {
        let mut all = Self::default();
        texts.into_iter().for_each(|text| all.push(text));
        all
    }
}
