//! The columns of rows to be predicted: one rule for rows in a call and for rows of a file. Pure.

use std::collections::BTreeSet;

use common::vocabulary::Reading;

/// Names as like as this are one, misspelt (Jaro–Winkler).
const LIKE: f64 = 0.75;
/// Columns that are named in an answer.
const NAMED: usize = 40;
/// Characters of a name that are shown.
const LONGEST: usize = 60;

/// Checks that rows with these columns have each that a prediction is made from. A single row may lack a value all the same.
///
/// # Errors
/// The first column that no row has, in words, and what it may be called there.
pub fn complete<'a>(reading: &Reading, there: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    let there: BTreeSet<&str> = there.into_iter().collect();
    let inputs = reading.inputs();
    let Some(missing) = inputs.iter().find(|input| !there.contains(*input)) else { return Ok(()) };
    let likeness = |name: &str| strsim::jaro_winkler(missing, name);
    let unread = there.iter().filter(|name| !inputs.contains(name));
    let near = unread.filter(|name| likeness(name) > LIKE).max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let hint = near.map(|near| format!("; {near:?} is there: did you mean {missing}?"));
    let named: Vec<String> = there.iter().take(NAMED).map(|name| shortened(name)).collect();
    let more = if there.len() > NAMED { ", …" } else { "" };
    let hint = hint.unwrap_or_else(|| ".".into());
    if named.is_empty() {
        return Err(format!("there is no column {missing}: there are no columns at all"));
    }
    Err(format!("there is no column {missing}{hint} The rows have {}{more}", named.join(", ")))
}

/// A name as far as somebody reads it.
fn shortened(name: &str) -> String {
    let mut short: String = name.chars().take(LONGEST).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use common::vocabulary::Family;

    use super::*;

    #[test]
    fn a_column_that_no_row_has_is_named_with_the_one_that_is_meant() {
        let ratings = Reading::of(Family::Recommender).unwrap();
        assert_eq!(complete(&ratings, ["user", "item", "more"]), Ok(()), "others are left alone");
        let refused = complete(&ratings, ["user", "itme"]).unwrap_err();
        assert_eq!(refused, "there is no column item; \"itme\" is there: did you mean item? The rows have itme, user");
        let refused = complete(&ratings, ["user"]).unwrap_err();
        assert_eq!(refused, "there is no column item. The rows have user", "nothing is near");
        let refused = complete(&ratings, ["user", "an_item_of_goods"]).unwrap_err();
        assert!(!refused.contains("did you mean"), "as like as the limit is not more: {refused}");
        assert!(complete(&Reading::of(Family::Text).unwrap(), []).is_err(), "rows without any column");
    }

    #[test]
    fn of_many_columns_and_of_long_names_only_the_beginning_is_shown() {
        let ratings = Reading::of(Family::Recommender).unwrap();
        let refused = |count: usize| {
            let names: Vec<String> = (0..count).map(|n| format!("c{n:02}")).collect();
            complete(&ratings, names.iter().map(String::as_str)).unwrap_err()
        };
        assert!(refused(40).ends_with(", c38, c39"), "{}", refused(40));
        assert!(refused(41).ends_with(", c38, c39, …"), "{}", refused(41));
        for (length, shown) in [(60, "x".repeat(60)), (61, "x".repeat(60) + "…")] {
            let refused = complete(&ratings, [&*"x".repeat(length)]).unwrap_err();
            assert!(refused.ends_with(&format!("The rows have {shown}")), "{refused}");
        }
    }
}
