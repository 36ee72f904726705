//! Reading JSON from strangers: in bounded memory and depth, and without a key that stands twice.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value};

use super::error::Misunderstood;

/// How many levels of objects and lists a body may have.
pub const MAX_DEPTH: usize = 64;

/// How many values a body may have.
pub const MAX_VALUES: usize = 250_000;

/// The JSON of a body.
pub(super) fn read(body: &[u8]) -> Result<Value, Misunderstood> {
    // Some senders put a byte order mark before their UTF-8.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Misunderstood::Empty);
    }
    let count = Counter::default();
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read =
        Reading { count: &count, depth: 0 }.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| match (count.trouble.take(), error.classify()) {
        (Some(trouble), _) => trouble,
        (None, Category::Eof) => Misunderstood::CutOff,
        (None, _) => {
            let text = error.to_string();
            let why = text.split(" at line ").next().unwrap_or_default().to_owned();
            Misunderstood::NotJson { why, line: error.line(), column: error.column() }
        }
    })
}

/// What a value is, in words.
pub(super) fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[derive(Default)]
struct Counter {
    values: Cell<usize>,
    trouble: RefCell<Option<Misunderstood>>,
}

impl Counter {
    /// Ends the reading; what is remembered here says why.
    fn refuse<E: serde::de::Error>(&self, trouble: Misunderstood) -> E {
        let error = E::custom(&trouble);
        self.trouble.replace(Some(trouble));
        error
    }
}

#[derive(Clone, Copy)]
struct Reading<'c> {
    count: &'c Counter,
    depth: usize,
}

impl Reading<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth {
            MAX_DEPTH.. => Err(self.count.refuse(Misunderstood::TooDeep)),
            depth => Ok(Reading { depth: depth + 1, ..self }),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        self.count.values.set(self.count.values.get() + 1);
        if self.count.values.get() > MAX_VALUES {
            return Err(self.count.refuse(Misunderstood::TooMany));
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if object.contains_key(&key) {
                let shown = key.chars().take(80).collect();
                return Err(self.count.refuse(Misunderstood::DuplicateKey(shown)));
            }
            let value = map.next_value_seed(inner)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}
