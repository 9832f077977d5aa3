//! The parameters of a request: `items[0][price]=price_1&expand[]=customer`, as a tree.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::failure::Failure;

/// Deeper brackets than these are cut off, as no parameter of Stripe needs them.
const DEEPEST: usize = 12;

/// An object of texts, lists and objects. A path names what is asked for, as in `recurring.interval`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Params(Value);

impl Params {
    /// From a query, or from the body of a form.
    pub fn parse(text: &[u8]) -> Self {
        let mut tree = Value::Object(Map::new());
        for (key, value) in url::form_urlencoded::parse(text) {
            insert(&mut tree, &keys(&key), value.into_owned());
        }
        Self(settled(tree))
    }

    pub fn get(&self, path: &str) -> Option<&Value> {
        path.split('.').try_fold(&self.0, |at, key| match at {
            Value::Array(list) => list.get(key.parse::<usize>().ok()?),
            _ => at.get(key),
        })
    }

    /// Whether it was said at all, if only to empty it.
    pub fn has(&self, path: &str) -> bool {
        self.get(path).is_some()
    }

    /// A text that is not empty.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.get(path)?.as_str().filter(|text| !text.is_empty())
    }

    pub fn owned(&self, path: &str) -> Option<String> {
        self.text(path).map(str::to_owned)
    }

    pub fn required(&self, path: &str) -> Result<&str, Failure> {
        self.text(path).ok_or_else(|| Failure::missing_param(path))
    }

    pub fn whole(&self, path: &str) -> Result<Option<i64>, Failure> {
        let Some(text) = self.text(path) else { return Ok(None) };
        let number = text.parse::<i64>().map_err(|_| {
            Failure::invalid(path, format!("Invalid integer: {text}")).with_code("parameter_invalid_integer")
        })?;
        Ok(Some(number))
    }

    pub fn flag(&self, path: &str) -> Result<Option<bool>, Failure> {
        match self.text(path) {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(other) => Err(Failure::invalid(path, format!("Invalid boolean: {other}"))),
        }
    }

    /// The parameters below a path.
    pub fn part(&self, path: &str) -> Option<Self> {
        self.get(path).filter(|value| value.is_object()).map(|value| Self(value.clone()))
    }

    /// A list of objects.
    pub fn parts(&self, path: &str) -> Vec<Self> {
        let list = self.get(path).and_then(Value::as_array);
        list.into_iter().flatten().map(|value| Self(value.clone())).collect()
    }

    /// A list of texts. A single text is a list too.
    pub fn texts(&self, path: &str) -> Vec<String> {
        match self.get(path) {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(text)) if !text.is_empty() => vec![text.clone()],
            _ => Vec::new(),
        }
    }

    /// An object of texts, such as metadata. An empty text takes its key away.
    pub fn merge(&self, path: &str, into: &mut BTreeMap<String, String>) {
        match self.get(path) {
            Some(Value::Object(object)) => {
                for (key, value) in object {
                    match value.as_str() {
                        Some("") => into.remove(key),
                        Some(text) => into.insert(key.clone(), text.to_owned()),
                        None => None,
                    };
                }
            }
            Some(Value::String(text)) if text.is_empty() => into.clear(),
            _ => {}
        }
    }

    /// The keys of the object below a path.
    pub fn keys(&self, path: &str) -> Vec<String> {
        let object = self.get(path).and_then(Value::as_object);
        object.into_iter().flat_map(Map::keys).cloned().collect()
    }
}

/// `a[b][0]` as `a`, `b`, `0`; `a[]` as `a` and an empty text.
fn keys(key: &str) -> Vec<String> {
    let Some((first, rest)) = key.split_once('[') else { return vec![key.to_owned()] };
    let rest = rest.strip_suffix(']').unwrap_or(rest);
    let mut keys = vec![first.to_owned()];
    keys.extend(rest.split("][").take(DEEPEST).map(str::to_owned));
    keys
}

fn insert(at: &mut Value, keys: &[String], text: String) {
    if !at.is_object() {
        *at = Value::Object(Map::new());
    }
    let Value::Object(object) = at else { return };
    let Some((key, rest)) = keys.split_first() else { return };
    let key = if key.is_empty() { object.len().to_string() } else { key.clone() };
    let below = object.entry(key).or_insert(Value::Null);
    if rest.is_empty() {
        *below = Value::String(text);
    } else {
        insert(below, rest, text);
    }
}

/// Objects whose keys are 0, 1, 2, ... become lists.
fn settled(value: Value) -> Value {
    let Value::Object(mut object) = value else { return value };
    let is_list = !object.is_empty() && (0..object.len()).all(|index| object.contains_key(&index.to_string()));
    if is_list {
        let items = (0..object.len()).filter_map(|index| object.remove(&index.to_string()));
        return Value::Array(items.map(settled).collect());
    }
    Value::Object(object.into_iter().map(|(key, value)| (key, settled(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_make_a_tree() {
        let params = Params::parse(
            b"items%5B0%5D[price]=price_1&items[0][quantity]=2&items[1][price]=price_2&expand[]=a.b&expand[]=c&metadata[k]=v",
        );
        let items = params.parts("items");
        assert_eq!(items.len(), 2);
        assert_eq!(items[0].text("price"), Some("price_1"));
        assert_eq!(items[0].whole("quantity"), Ok(Some(2)));
        assert_eq!(params.text("items.1.price"), Some("price_2"));
        assert_eq!(params.texts("expand"), ["a.b", "c"]);
        let mut metadata = BTreeMap::from([("old".to_owned(), "x".to_owned())]);
        params.merge("metadata", &mut metadata);
        assert_eq!(metadata.len(), 2);
    }

    #[test]
    fn nonsense_is_refused_in_words() {
        let params = Params::parse(b"a=x&b=&deep[[[[]=1&deep=2");
        assert_eq!(params.whole("a").unwrap_err().message, "Invalid integer: x");
        assert_eq!(params.text("b"), None);
        assert!(params.has("b"));
        assert_eq!(params.required("recurring.interval").unwrap_err().param.as_deref(), Some("recurring[interval]"));
    }
}
