//! MessagePack and JSON, side by side: what a person reads, and what is compared.

use rmpv::Value;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

/// The values of a message.
pub(crate) fn values(bytes: &[u8]) -> Value {
    rmpv::decode::read_value(&mut &bytes[..]).unwrap()
}

/// A message as JSON: ids as people write them.
pub(crate) fn readable(value: &Value) -> Json {
    match value {
        Value::Nil => Json::Null,
        Value::Boolean(flag) => json!(flag),
        Value::Integer(number) => number.as_u64().map_or_else(|| json!(number.as_i64()), |number| json!(number)),
        Value::F32(number) => json!(number),
        Value::F64(number) => json!(number),
        Value::String(text) => json!(text.as_str().unwrap()),
        Value::Binary(bytes) => Uuid::from_slice(bytes).map_or_else(|_| json!(bytes), |id| json!(id)),
        Value::Array(items) => items.iter().map(readable).collect(),
        Value::Map(fields) => Json::Object(fields.iter().map(|(name, value)| (text(name), readable(value))).collect()),
        Value::Ext(..) => panic!("no message has extensions"),
    }
}

fn text(name: &Value) -> String {
    name.as_str().unwrap().to_owned()
}

/// Where `now` has lost or changed what was `recorded`; more fields than were recorded are fine.
pub(crate) fn lost(recorded: &Json, now: &Json, at: &str) -> Vec<String> {
    match (recorded, now) {
        (Json::Object(recorded), Json::Object(now)) => {
            let field = |(name, value): (&String, &Json)| match now.get(name) {
                Some(now) => lost(value, now, &format!("{at}.{name}")),
                None => vec![format!("{at}.{name} is gone")],
            };
            recorded.iter().flat_map(field).collect()
        }
        (Json::Array(recorded), Json::Array(now)) if recorded.len() == now.len() => {
            let items = recorded.iter().zip(now).enumerate();
            items.flat_map(|(index, (recorded, now))| lost(recorded, now, &format!("{at}[{index}]"))).collect()
        }
        (recorded, now) if recorded == now => Vec::new(),
        (recorded, now) => vec![format!("{at} was {recorded} and is {now}")],
    }
}

/// The paths of all maps in a message, and the message with one more field in each of them.
pub(crate) fn with_one_more(message: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    widen(message, "", &|value| value, &mut found);
    found
}

fn widen(value: &Value, at: &str, whole: &dyn Fn(Value) -> Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Map(fields) => {
            let mut more = fields.clone();
            more.push(("of_a_later_release".into(), "unknown".into()));
            found.push((at.to_owned(), whole(Value::Map(more))));
            for (index, (name, inner)) in fields.iter().enumerate() {
                let around = |inner| {
                    let mut fields = fields.clone();
                    fields[index].1 = inner;
                    whole(Value::Map(fields))
                };
                widen(inner, &format!("{at}.{}", text(name)), &around, found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                let around = |inner| {
                    let mut items = items.clone();
                    items[index] = inner;
                    whole(Value::Array(items))
                };
                widen(inner, &format!("{at}[{index}]"), &around, found);
            }
        }
        _ => {}
    }
}

/// The names of the fields at a path, such as `.body.grants[0]`; `None` where there is no map.
pub(crate) fn fields<'a>(json: &'a Json, at: &str) -> Option<&'a Map<String, Json>> {
    let path = at.replace('[', ".").replace(']', "").replace('.', "/");
    json.pointer(&path)?.as_object()
}
