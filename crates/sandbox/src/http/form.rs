//! Form fields with bracket nesting, as browsers' libraries send objects: `data[userData][plan]=gold`.

use serde_json::{Map, Value};

/// Undoes bracket nesting. `a[b][]=1` makes a list; of two fields with one name the later wins.
#[must_use]
pub(crate) fn nest<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Map<String, Value> {
    let mut root = Map::new();
    for (name, value) in fields {
        put(&mut root, &path(name), value);
    }
    root
}

/// Flattens JSON into the fields that a form would have carried.
#[must_use]
pub(crate) fn flatten(object: &Map<String, Value>) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for (name, value) in object {
        flatten_into(&mut fields, name.clone(), value);
    }
    fields
}

fn flatten_into(fields: &mut Vec<(String, String)>, name: String, value: &Value) {
    match value {
        Value::Object(object) => {
            for (inner, value) in object {
                flatten_into(fields, format!("{name}[{inner}]"), value);
            }
        }
        Value::Array(list) => {
            for value in list {
                flatten_into(fields, format!("{name}[]"), value);
            }
        }
        Value::String(text) => fields.push((name, text.clone())),
        Value::Null => fields.push((name, String::new())),
        other => fields.push((name, other.to_string())),
    }
}

/// `a[b][c]` as its parts. A name whose brackets do not close is one part.
fn path(name: &str) -> Vec<&str> {
    let Some((first, rest)) = name.split_once('[') else { return vec![name] };
    let Some(rest) = rest.strip_suffix(']') else { return vec![name] };
    let mut parts = vec![first];
    parts.extend(rest.split("]["));
    parts
}

fn put(object: &mut Map<String, Value>, path: &[&str], value: &str) {
    let Some((first, rest)) = path.split_first() else { return };
    let Some(next) = rest.first() else {
        object.insert((*first).to_owned(), Value::String(value.to_owned()));
        return;
    };
    if next.is_empty() {
        let list = object.entry(*first).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(Value::String(value.to_owned()));
        }
        return;
    }
    let inner = object.entry(*first).or_insert_with(|| Value::Object(Map::new()));
    if !inner.is_object() {
        *inner = Value::Object(Map::new());
    }
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn brackets_become_objects_in_any_order() {
        let fields = [("data[type]", "Text"), ("operationId", "1"), ("data[userData][plan]", "gold")];
        let nested = Value::Object(nest(fields));
        assert_eq!(
            nested,
            json!({ "operationId": "1", "data": { "type": "Text", "userData": { "plan": "gold" } } })
        );
    }

    #[test]
    fn odd_names_lose_nothing_and_break_nothing() {
        let nested =
            Value::Object(nest([("a[b", "1"), ("c[]", "2"), ("c[]", "3"), ("d", "4"), ("d[e]", "5")]));
        assert_eq!(nested, json!({ "a[b": "1", "c": ["2", "3"], "d": { "e": "5" } }));
    }

    #[test]
    fn flattening_gives_the_names_of_a_form() {
        let object = json!({ "data": { "type": "Text", "userData": { "plan": "gold", "n": 1 } } });
        let fields = flatten(object.as_object().unwrap());
        assert!(fields.contains(&("data[userData][plan]".to_owned(), "gold".to_owned())));
        assert!(fields.contains(&("data[userData][n]".to_owned(), "1".to_owned())));
    }
}
