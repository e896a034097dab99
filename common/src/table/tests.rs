use bytes::Bytes;
use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::vocabulary::{Column, ColumnKind, ContentHash, TableSchema, Timestamp};

fn schema() -> TableSchema {
    use ColumnKind::{Number, Text, Time};
    let columns = [("user", Text), ("Class Label", Text), ("rating", Number), ("when", Time)];
    let columns = columns.map(|(name, kind)| Column { name: name.into(), kind }).into();
    TableSchema::new(columns, vec!["user".into()], Some("when".into())).unwrap()
}

fn entry(seq: u64, number: f64) -> Entry {
    let when = Timestamp(880_000_000_000_000 + seq as i64);
    let deleted = seq.is_multiple_of(7);
    let cells = vec![
        Some(Cell::Text(format!("user {seq}"))),
        (!seq.is_multiple_of(3)).then(|| Cell::Text("naïve,\n\"quoted\"".into())),
        (!seq.is_multiple_of(5)).then_some(Cell::Number(number)),
        Some(Cell::Time(when)),
    ];
    Entry {
        seq,
        key: format!("{seq}"),
        at: (!deleted).then_some(when),
        arrived: NaiveDate::from_ymd_opt(2024, 1, 2).unwrap(),
        deleted,
        cells: if deleted { vec![None; 4] } else { cells },
    }
}

fn entries(numbers: &[f64]) -> Entries {
    let mut entries = Entries::new(&schema());
    numbers.iter().zip(1..).for_each(|(number, seq)| entries.push(&entry(seq, *number)));
    entries
}

/// As they are seen from outside: a missing number is a NaN inside, and no NaN equals another.
fn seen(entries: &Entries) -> Vec<Entry> {
    entries.iter().collect()
}

#[test]
fn the_same_entries_give_the_same_bytes_however_they_are_handed_over() {
    let all = entries(&[3.0, 4.5, -1e300, 0.0, 5.0, 1.0, 2.0, 9.0]);
    let file = encode(&schema(), &all).unwrap();
    // Pinned: another hash means that existing snapshots would be written a second time under another name.
    insta::assert_snapshot!(ContentHash::of(&file).to_string());
    let mut writer = Writer::new(Vec::new(), &schema()).unwrap();
    for entry in all.iter() {
        let mut one = Entries::new(&schema());
        one.push(&entry);
        writer.write(&one).unwrap();
    }
    assert_eq!(Bytes::from(writer.finish().unwrap()), file);
    let (columns, read) = decode(file).unwrap();
    assert_eq!((columns.as_slice(), seen(&read)), (schema().columns(), seen(&all)));
}

#[test]
fn a_log_longer_than_a_group_comes_back_whole() {
    let all = entries(&(0..250_000).map(|n| f64::from(n % 5)).collect::<Vec<_>>());
    let (_, read) = decode(encode(&schema(), &all).unwrap()).unwrap();
    assert_eq!(read.len(), 250_000);
    assert!(read.iter().eq(all.iter()));
}

#[test]
fn what_a_part_must_not_hold_is_refused() {
    let refused = |entries: &Entries| encode(&schema(), entries).unwrap_err().to_string();
    assert_eq!(refused(&entries(&[])), "there are no rows");
    let mut twice = entries(&[1.0, 2.0]);
    twice.seq = vec![4, 4];
    assert_eq!(refused(&twice), "row 2, column _seq: 4 does not come after 4");
    assert_eq!(refused(&entries(&[f64::INFINITY])), "row 1, column rating: inf is not a finite number");
    let prices = crate::bars::encode(&"A".parse().unwrap(), &[]);
    assert!(prices.is_err());
    let other =
        crate::columnar::write(&[crate::columnar::Column::new("price", crate::columnar::Values::Real(vec![1.0]))]);
    let refused = decode(other.unwrap()).unwrap_err().to_string();
    assert!(
        refused.starts_with("the columns are [price], but [_seq, _key, _at, _arrived, _deleted, then"),
        "{refused}"
    );
}

proptest! {
    #[test]
    fn entries_come_back_as_they_were(numbers in proptest::collection::vec(-1e9..1e9f64, 1..200)) {
        let all = entries(&numbers);
        let (columns, read) = decode(encode(&schema(), &all).unwrap()).unwrap();
        prop_assert_eq!(columns, schema().columns().to_vec());
        prop_assert_eq!(seen(&read), seen(&all));
    }

    #[test]
    fn garbage_is_an_error(garbage in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(decode(garbage.into()).is_err());
    }

    /// A damaged file is read or refused, never a panic.
    #[test]
    fn damage_never_panics(hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>()) {
        let mut file = encode(&schema(), &entries(&[1.0; 40])).unwrap().to_vec();
        for (at, byte) in hits {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let _read_or_refused = decode(file.clone().into());
        file.truncate(cut.index(file.len()));
        prop_assert!(decode(file.into()).is_err());
    }
}
