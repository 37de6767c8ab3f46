//! A request body of nested fields, written as a form with bracketed names or as JSON.
//!
//! `data` / `userData` / `plan` becomes `data[userData][plan]` in a form and an object within objects in JSON.

use serde_json::{Map, Value};
use url::form_urlencoded::Serializer;

/// Fields in the order in which they are sent. A path that is set again keeps its place and takes the new value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    list: Vec<(Vec<String>, String)>,
}

impl Fields {
    /// Puts a value at a path.
    pub fn set(&mut self, path: &[&str], value: impl Into<String>) {
        let known = self.list.iter_mut().find(|(known, _)| known.iter().eq(path.iter()));
        match known {
            Some((_, old)) => *old = value.into(),
            None => self.list.push((path.iter().map(|step| (*step).to_owned()).collect(), value.into())),
        }
    }

    /// As `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn form(&self) -> String {
        let mut out = Serializer::new(String::new());
        for (path, value) in &self.list {
            let mut steps = path.iter();
            let mut name = steps.next().cloned().unwrap_or_default();
            for step in steps {
                name.push('[');
                name.push_str(step);
                name.push(']');
            }
            out.append_pair(&name, value);
        }
        out.finish()
    }

    /// As a JSON object; every value is a string.
    #[must_use]
    pub fn json(&self) -> String {
        let mut root = Map::new();
        for (path, value) in &self.list {
            put(&mut root, path, value);
        }
        Value::Object(root).to_string()
    }
}

fn put(into: &mut Map<String, Value>, path: &[String], value: &str) {
    match path {
        [] => {}
        [last] => {
            into.insert(last.clone(), Value::String(value.to_owned()));
        }
        [first, rest @ ..] => {
            let inner = into.entry(first.as_str()).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Fields {
        let mut fields = Fields::default();
        fields.set(&["operationId"], "op 1");
        fields.set(&["data", "userData", "plan"], "gold&silver");
        fields.set(&["data", "text"], "ä=[1]");
        fields
    }

    #[test]
    fn a_form_nests_with_brackets_and_escapes_names_and_values() {
        assert_eq!(
            sample().form(),
            "operationId=op+1&data%5BuserData%5D%5Bplan%5D=gold%26silver&data%5Btext%5D=%C3%A4%3D%5B1%5D"
        );
    }

    #[test]
    fn json_nests_objects() {
        let json: Value = serde_json::from_str(&sample().json()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "operationId": "op 1",
                "data": { "userData": { "plan": "gold&silver" }, "text": "ä=[1]" }
            })
        );
    }

    #[test]
    fn the_last_value_of_a_path_wins() {
        let mut fields = sample();
        fields.set(&["data", "text"], "b");
        assert!(fields.form().ends_with("data%5Btext%5D=b"));
    }
}
