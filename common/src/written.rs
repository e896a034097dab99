//! Values that are written as text, in JSON as in a terminal.

/// Declares that a type is written as its text: it can be displayed and parsed, and serde is told to go by `String`.
#[macro_export]
macro_rules! as_text {
    ($($type:ty),+) => {
        $(impl TryFrom<String> for $type {
            type Error = <$type as std::str::FromStr>::Err;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        })+
    };
}
