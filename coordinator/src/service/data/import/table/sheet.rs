//! Records of a CSV file, one after the other, each of bounded length and with the line it begins on.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// Longest record that is read, bytes.
pub(super) const LONGEST: usize = 1 << 20;
/// Fields of a record.
const MOST_FIELDS: usize = 4096;
/// Bytes read at a time.
const PIECE: usize = 64 * 1024;
/// Records that may go astray: each costs up to [`LONGEST`] bytes read twice.
const MOST_ASTRAY: u32 = 1000;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    /// What separates fields.
    pub(super) delimiter: u8,
    /// Each byte is a character of Latin-1; else it is UTF-8.
    pub(super) latin1: bool,
}

/// The fields of a record.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    text: String,
    ends: Vec<usize>,
}

impl Fields {
    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// One of them.
    pub(crate) fn get(&self, index: usize) -> Option<&str> {
        let start = index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(start..*self.ends.get(index)?)
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// Nothing but blanks: not a row.
    pub(super) fn is_blank(&self) -> bool {
        self.text.bytes().all(|byte| byte.is_ascii_whitespace()) && self.len() == 1
    }
}

/// A file on its way through the parser.
pub(super) struct Sheet {
    file: Arc<File>,
    dialect: Dialect,
    core: Reader,
    buffer: Vec<u8>,
    // What of the buffer is not parsed yet, and where in the file it begins.
    from: usize,
    to: usize,
    offset: u64,
    line: u64,
    out: Vec<u8>,
    ends: Vec<usize>,
    astray: u32,
}

/// What came next: the line it begins on, and why it is no record if it is none.
pub(super) type Next = (u64, Result<(), String>);

impl Sheet {
    /// The file from its beginning, or behind the mark of UTF-8.
    pub(super) fn open(file: &Arc<File>, dialect: Dialect) -> io::Result<Self> {
        let mut mark = [0; 3];
        let marked = file.read_at(&mut mark, 0)? == 3 && mark == *b"\xef\xbb\xbf";
        Ok(Self {
            file: Arc::clone(file),
            dialect,
            core: ReaderBuilder::new().delimiter(dialect.delimiter).build(),
            buffer: vec![0; PIECE],
            from: 0,
            to: 0,
            offset: if marked { 3 } else { 0 },
            line: 1,
            out: vec![0; PIECE],
            ends: vec![0; MOST_FIELDS],
            astray: 0,
        })
    }

    /// The next record, into `fields`; `None` at the end of the file.
    ///
    /// # Errors
    /// The file cannot be read, or so much of it is astray that it is no such file.
    pub(super) fn next(&mut self, fields: &mut Fields) -> io::Result<Option<Next>> {
        let (mut length, mut count) = (0, 0);
        // Where the record begins: the parser passes over blank lines before it.
        let mut begin: Option<(u64, u64)> = None;
        let mut quotes = 0_u64;
        loop {
            if self.from == self.to {
                self.from = 0;
                self.to = self.file.read_at(&mut self.buffer, self.offset)?;
            }
            let ended = self.from == self.to;
            let input = &self.buffer[self.from..self.to];
            let (result, read, written, fields_ended) =
                self.core.read_record(input, &mut self.out[length..], &mut self.ends[count..]);
            for (index, byte) in input[..read].iter().enumerate() {
                if begin.is_none() && !matches!(byte, b'\r' | b'\n') {
                    begin = Some((self.line, self.offset + index as u64));
                }
                self.line += u64::from(*byte == b'\n');
                quotes += u64::from(*byte == b'"');
            }
            self.from += read;
            self.offset += read as u64;
            length += written;
            count += fields_ended;
            let start = begin.unwrap_or((self.line, self.offset));
            match result {
                ReadRecordResult::InputEmpty if length <= LONGEST => {}
                ReadRecordResult::OutputFull if length < LONGEST => self.out.resize(2 * self.out.len(), 0),
                ReadRecordResult::InputEmpty | ReadRecordResult::OutputFull => {
                    return self
                        .astray(start, format!("it is longer than {LONGEST} bytes: a quote that is never closed?"))
                        .map(Some);
                }
                ReadRecordResult::OutputEndsFull => {
                    return self.astray(start, format!("it has more than {MOST_FIELDS} fields")).map(Some);
                }
                ReadRecordResult::Record => {
                    let text = &self.out[..length];
                    // A quote that goes over lines is closed, and those within it are doubled.
                    if ended && quotes % 2 == 1 && text.contains(&b'\n') {
                        return self.astray(start, "a quote that is opened here is never closed".into()).map(Some);
                    }
                    return Ok(Some((start.0, decode(text, &self.ends[..count], self.dialect, fields))));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// Goes on with the line after the one where something began that is no record.
    fn astray(&mut self, (line, offset): (u64, u64), reason: String) -> io::Result<Next> {
        self.astray += 1;
        if self.astray > MOST_ASTRAY {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "more than {MOST_ASTRAY} rows are too long, have too many fields or a quote that is never closed, the last on line {line}"
                ),
            ));
        }
        self.core.reset();
        (self.from, self.to, self.offset, self.line) = (0, 0, offset, line + 1);
        loop {
            let read = self.file.read_at(&mut self.buffer, self.offset)?;
            match self.buffer[..read].iter().position(|byte| *byte == b'\n') {
                Some(end) => {
                    self.offset += end as u64 + 1;
                    break;
                }
                None if read == 0 => break,
                None => self.offset += read as u64,
            }
        }
        Ok((line, Err(reason)))
    }
}

fn decode(bytes: &[u8], ends: &[usize], dialect: Dialect, fields: &mut Fields) -> Result<(), String> {
    fields.text.clear();
    fields.ends.clear();
    if bytes.contains(&0) {
        return Err("it holds a NUL byte: not a text file".into());
    }
    if dialect.latin1 {
        let mut start = 0;
        for end in ends {
            fields.text.extend(bytes[start..*end].iter().map(|byte| char::from(*byte)));
            fields.ends.push(fields.text.len());
            start = *end;
        }
        return Ok(());
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| "it is not UTF-8: save the file as UTF-8, or import it with encoding latin1".to_owned())?;
    fields.text.push_str(text);
    fields.ends.extend_from_slice(ends);
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    pub(crate) const COMMAS: Dialect = Dialect { delimiter: b',', latin1: false };

    pub(crate) fn file(content: &[u8]) -> Arc<File> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        Arc::new(file)
    }

    fn all(content: &[u8], dialect: Dialect) -> Vec<(u64, Result<Vec<String>, String>)> {
        let mut sheet = Sheet::open(&file(content), dialect).unwrap();
        let (mut fields, mut all) = (Fields::default(), Vec::new());
        while let Some((line, next)) = sheet.next(&mut fields).unwrap() {
            all.push((line, next.map(|()| fields.iter().map(str::to_owned).collect())));
        }
        all
    }

    fn row(line: u64, words: &[&str]) -> (u64, Result<Vec<String>, String>) {
        (line, Ok(words.iter().map(|word| (*word).to_owned()).collect()))
    }

    #[test]
    fn records_know_the_line_they_begin_on() {
        for newline in ["\n", "\r\n"] {
            let text = "\u{feff}a,b\n\n1,\"two\nlines \"\"quoted\"\"\"\n\n\n3,4".replace('\n', newline);
            let quoted = "two\nlines \"quoted\"".replace('\n', newline);
            assert_eq!(
                all(text.as_bytes(), COMMAS),
                [row(1, &["a", "b"]), row(3, &["1", &quoted]), row(7, &["3", "4"])]
            );
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_its_own_line() {
        assert_eq!(all(b"\"a\nb\",c", COMMAS), [row(1, &["a\nb", "c"])], "this one is closed");
        assert_eq!(all(b"5\" wide,c", COMMAS), [row(1, &["5\" wide", "c"])], "this one opens nothing");
        let rows = all(b"1,\"a\n2,b\n3,c\n", COMMAS);
        assert_eq!(rows[0], (1, Err("a quote that is opened here is never closed".into())));
        assert_eq!(rows[1..], [row(2, &["2", "b"]), row(3, &["3", "c"])]);
        let long = [b"\n1,\"a\n2,b\n3,".to_vec(), vec![b'x'; 3 * LONGEST], b"\n4,d".to_vec()].concat();
        let rows = all(&long, COMMAS);
        assert!(matches!(&rows[0], (2, Err(why)) if why.contains("never closed")), "{:?}", rows[0].0);
        assert_eq!(rows[1], row(3, &["2", "b"]));
        assert!(matches!(&rows[2], (4, Err(why)) if why.contains("longer than")));
        assert_eq!(rows[3], row(5, &["4", "d"]));
    }

    #[test]
    fn bytes_that_are_no_text_cost_their_own_line() {
        let content = b"caf\xe9\t1\nb\0\t2\nd\t3\n";
        let tabs = Dialect { delimiter: b'\t', latin1: false };
        let rows = all(content, tabs);
        assert!(matches!(&rows[0], (1, Err(why)) if why.contains("not UTF-8")));
        assert!(matches!(&rows[1], (2, Err(why)) if why.contains("NUL")));
        assert_eq!(rows[2], row(3, &["d", "3"]));
        assert_eq!(all(content, Dialect { latin1: true, ..tabs })[0], row(1, &["caf\u{e9}", "1"]));
    }

    #[test]
    fn a_file_that_is_all_astray_is_given_up() {
        let mut sheet = Sheet::open(&file(format!("{}\n", ",".repeat(5000)).repeat(1001).as_bytes()), COMMAS).unwrap();
        let mut fields = Fields::default();
        let given_up = loop {
            match sheet.next(&mut fields) {
                Ok(next) => assert!(next.is_some()),
                Err(error) => break error.to_string(),
            }
        };
        assert!(given_up.contains("more than 1000 rows"), "{given_up}");
    }

    proptest! {
        /// Whatever a well-kept writer writes, comes back, on any boundary of the buffers.
        #[test]
        fn what_was_written_is_read(rows in proptest::collection::vec(proptest::collection::vec("[a-c\", \n\r\té]{0,12}", 3), 1..40), pad in 0usize..PIECE) {
            let mut writer = csv::WriterBuilder::new().has_headers(false).quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
            let padding = "p".repeat(PIECE - pad);
            writer.write_record([&padding, "", ""]).unwrap();
            rows.iter().for_each(|row| writer.write_record(row).unwrap());
            let read = all(&writer.into_inner().unwrap(), COMMAS);
            let read: Vec<Vec<String>> = read.into_iter().skip(1).map(|(_, row)| row.unwrap()).collect();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn garbage_never_panics(garbage in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let mut sheet = Sheet::open(&file(&garbage), COMMAS).unwrap();
            let mut fields = Fields::default();
            let mut last = 0;
            while let Ok(Some((line, _))) = sheet.next(&mut fields) {
                prop_assert!(line >= last);
                last = line;
            }
        }
    }
}
