//! Values of a statement. Both databases get the same ones: a yes or no is 0 or 1, an id is its 16 bytes, and what is missing
//! still has a type, because PostgreSQL wants to know it.

use std::borrow::Cow;

use newtype_uuid::{GenericUuid, TypedUuid, TypedUuidKind};
use uuid::Uuid;

/// A value, or none of its type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    /// A whole number, a time, or a yes or no.
    Int(Option<i64>),
    /// A number.
    Real(Option<f64>),
    /// A text, lent or given: it is copied at most once on its way.
    Text(Option<Cow<'a, str>>),
    /// An id.
    Id(Option<Uuid>),
}

/// What can be a value, and so what can be missing.
pub(crate) trait Bind<'a>: Sized {
    /// As a value.
    fn bind(value: Option<Self>) -> Value<'a>;
}

impl<'a, T: Bind<'a>> From<T> for Value<'a> {
    fn from(value: T) -> Self {
        T::bind(Some(value))
    }
}

impl<'a, T: Bind<'a>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        T::bind(value)
    }
}

macro_rules! bind {
    ($($from:ty => $kind:ident, $convert:expr;)+) => {
        $(impl<'a> Bind<'a> for $from {
            fn bind(value: Option<Self>) -> Value<'a> {
                Value::$kind(value.map($convert))
            }
        })+
    };
}
bind! {
    i64 => Int, |number| number;
    u32 => Int, i64::from;
    bool => Int, i64::from;
    f64 => Real, |number| number;
    &'a str => Text, Cow::Borrowed;
    &'a String => Text, |text| Cow::Borrowed(text.as_str());
    String => Text, Cow::Owned;
}

impl<'a, T: TypedUuidKind> Bind<'a> for TypedUuid<T> {
    fn bind(value: Option<Self>) -> Value<'a> {
        Value::Id(value.map(GenericUuid::into_untyped_uuid))
    }
}
