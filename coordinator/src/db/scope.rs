//! Whose rows a statement reads.

use super::{Connection, Result, Row, lists, sql};

/// Names that PostgreSQL is asked for at once, or rows that it takes.
const AT_ONCE: usize = 4096;

/// Whose rows are read: a fleet's are read in one go, or part by part in the order of its keys, and those of a few are found by an
/// index, so that a question about one model costs what one model costs.
#[derive(Debug)]
pub(crate) enum Scope<'a, T> {
    /// Everybody's.
    All,
    /// Of everybody from one to another, both of them and whoever is between.
    Part(&'a T, &'a T),
    /// Of these alone.
    Of(&'a [T]),
}

impl<T> Clone for Scope<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Scope<'_, T> {}

impl<'a, T> Scope<'a, T> {
    /// Those that somebody has named, or all, if nobody has.
    pub(crate) fn asked(names: &'a [T]) -> Self {
        if names.is_empty() { Self::All } else { Self::Of(names) }
    }
}

impl<'a, T: AsRef<str> + Sync> Scope<'a, T> {
    /// What each row says that `text` selects; `among` goes on with the condition for a few, such as ` AND model IN `, and names
    /// what an index finds.
    pub(super) async fn read_each<R>(
        self,
        db: &mut Connection,
        text: &'static str,
        among: &'static str,
        mut read: impl FnMut(&Row) -> Result<R>,
    ) -> Result<Vec<R>> {
        let names = match self {
            Self::All => return sql(text).read_each(db, read).await,
            Self::Part(first, last) => {
                return sql(text).between(among, first.as_ref(), last.as_ref()).read_each(db, read).await;
            }
            Self::Of(names) => names,
        };
        let mut all = Vec::with_capacity(names.len());
        for part in parts(db, names) {
            let some = sql(text).among(among, part.iter().map(T::as_ref));
            all.extend(some.read_each(&mut *db, &mut read).await?);
        }
        Ok(all)
    }
}

/// What goes into one statement of a long list. PostgreSQL takes as much at once as makes little of the way there and back; SQLite is no
/// way off, and keeps a statement for each length.
pub(super) fn parts<'n, T>(db: &Connection, names: &'n [T]) -> Box<dyn Iterator<Item = &'n [T]> + Send + 'n>
where
    T: Sync,
{
    match db {
        Connection::Postgres(_) => Box::new(names.chunks(AT_ONCE)),
        Connection::Sqlite(_) => Box::new(lists(names)),
    }
}
