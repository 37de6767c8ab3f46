//! JSON that may surprise: a member of an unexpected kind is taken as absent and never spoils what stands around it.
//!
//! These types read straight from the bytes, without a tree of values in between: a chat reads much more than it writes.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// A string, number or truth value as text; anything else is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scalar<'a>(pub Option<Cow<'a, str>>);

impl Scalar<'_> {
    /// The text, if there is any.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }

    /// Whether the text is this word, upper and lower case being the same.
    #[must_use]
    pub fn is(&self, word: &str) -> bool {
        self.0.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(word))
    }

    /// The text as a number.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.text()?.parse().ok()
    }

    /// A copy of the text.
    #[must_use]
    pub fn owned(&self) -> Option<String> {
        self.text().map(str::to_owned)
    }
}

/// A value that is no list and no object, as it stands, for where it matters whether it was a word or a number.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Atom<'a> {
    /// A string.
    Text(Cow<'a, str>),
    /// A number.
    Number(Number),
    /// A truth value.
    Truth(bool),
    /// Anything else.
    #[default]
    Other,
}

impl Atom<'_> {
    /// A string that is not empty, or a number as it is written.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(Cow::Borrowed(text)),
            Self::Number(number) => Some(Cow::Owned(number.to_string())),
            Self::Text(_) | Self::Truth(_) | Self::Other => None,
        }
    }

    /// The string.
    #[must_use]
    pub fn word(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) | Self::Truth(_) | Self::Other => None,
        }
    }

    /// A whole number, also one that is written as a string.
    #[must_use]
    pub fn whole(&self) -> Option<i64> {
        match self {
            Self::Text(text) => text.trim().parse().ok(),
            Self::Number(number) => number.as_i64(),
            Self::Truth(_) | Self::Other => None,
        }
    }

    /// A truth value, also one that is written as a string.
    #[must_use]
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Truth(value) => Some(*value),
            Self::Number(_) | Self::Other => None,
        }
    }
}

/// An object of type `T`; anything else is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object<T>(pub Option<T>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// An array of objects of type `T`, without its members of any other kind; anything but an array is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T> {
    /// The objects.
    pub items: Vec<T>,
    /// True if there was an object in place of the array.
    pub was_object: bool,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { items: Vec::new(), was_object: false }
    }
}

/// The members of an object that are scalars, in their order; anything but an object has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs<'a>(pub Vec<(String, Scalar<'a>)>);

impl Pairs<'_> {
    /// The text of the member of this name, if there is any.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name)?.1.text()
    }

    /// The member of this name as a number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.trim().parse().ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read<'a>(PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for Read<'a> {
            type Value = Scalar<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Scalar(Some(Cow::Borrowed(text))))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Scalar(Some(Cow::Owned(text.to_owned()))))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Scalar(Some(Cow::Borrowed(if value { "true" } else { "false" }))))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Scalar(Some(Cow::Owned(value.to_string()))))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
                Ok(Scalar(Some(Cow::Owned(value.to_string()))))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
                Ok(Scalar(Some(Cow::Owned(value.to_string()))))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Scalar(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar(None))
            }
        }

        from.deserialize_any(Read(PhantomData))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Atom<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read<'a>(PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for Read<'a> {
            type Value = Atom<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Atom::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Atom::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Atom::Truth(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Atom::Number(value.into()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
                Ok(Atom::Number(value.into()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
                Ok(Number::from_f64(value).map_or(Atom::Other, Atom::Number))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Atom::Other)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Atom::Other)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Atom::Other)
            }
        }

        from.deserialize_any(Read(PhantomData))
    }
}

/// Reads an object and hands it on, to where it stays: an object may be large. Anything else is passed over.
struct ReadObject<T, F>(F, PhantomData<T>);

impl<T, F: FnOnce(T)> ReadObject<T, F> {
    const fn into(place: F) -> Self {
        Self(place, PhantomData)
    }
}

impl<'de, T: Deserialize<'de>, F: FnOnce(T)> Visitor<'de> for ReadObject<T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        (self.0)(T::deserialize(MapAccessDeserializer::new(map))?);
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(())
    }
}

impl<'de, T: Deserialize<'de>, F: FnOnce(T)> DeserializeSeed<'de> for ReadObject<T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut object = None;
        from.deserialize_any(ReadObject::into(|read| object = Some(read)))?;
        Ok(Self(object))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Read<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while seq.next_element_seed(ReadObject::into(|item| items.push(item)))?.is_some() {}
                Ok(List { items, was_object: false })
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(List { items: Vec::new(), was_object: true })
            }
            fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                Ok(List::default())
            }
            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(List::default())
            }
            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(List::default())
            }
            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(List::default())
            }
            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(List::default())
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(List::default())
            }
        }

        from.deserialize_any(Read(PhantomData))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members<'a>(Vec<(String, Scalar<'a>)>);

        impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Read<'a>(PhantomData<&'a ()>);

                impl<'de: 'a, 'a> Visitor<'de> for Read<'a> {
                    type Value = Members<'a>;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        let mut members = Vec::new();
                        while let Some(member) = map.next_entry::<String, Scalar<'a>>()? {
                            members.push(member);
                        }
                        Ok(Members(members))
                    }
                }

                from.deserialize_map(Read(PhantomData))
            }
        }

        let read = Object::<Members<'a>>::deserialize(from)?;
        Ok(Self(read.0.map(|members| members.0).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Outer<'a> {
        #[serde(borrow, default)]
        word: Scalar<'a>,
        #[serde(borrow, default)]
        inner: Object<Inner<'a>>,
        #[serde(borrow, default)]
        list: List<Inner<'a>>,
        #[serde(borrow, default)]
        pairs: Pairs<'a>,
    }

    #[derive(Debug, Deserialize)]
    struct Inner<'a> {
        #[serde(borrow, default)]
        word: Scalar<'a>,
    }

    #[test]
    fn what_is_as_expected_is_read() {
        let json =
            r#"{"word":"a","inner":{"word":7},"list":[{"word":true},3,null,{"word":"ä\n"}],"more":[{}]}"#;
        let outer: Outer<'_> = serde_json::from_str(json).unwrap();
        assert!(outer.word.is("A"));
        assert_eq!(outer.inner.0.unwrap().word.number(), Some(7));
        let words: Vec<_> = outer.list.items.iter().map(|inner| inner.word.text().unwrap()).collect();
        assert_eq!(words, ["true", "ä\n"]);
    }

    #[test]
    fn no_member_of_another_kind_spoils_the_rest() {
        for odd in ["null", "true", "-1", "1.5", "7", "\"x\"", "[1,[2]]", "{\"a\":{\"b\":[]}}"] {
            for json in [
                format!(r#"{{"word":"a","inner":{odd}}}"#),
                format!(r#"{{"word":"a","list":{odd}}}"#),
                format!(r#"{{"word":"a","pairs":{odd}}}"#),
                format!(r#"{{"pairs":{{"x":{odd},"y":"b"}},"word":"a"}}"#),
                format!(r#"{{"inner":{{"word":{odd}}},"word":"a"}}"#),
                format!(r#"{{"list":[{odd},{{"word":{odd}}}],"word":"a"}}"#),
            ] {
                let outer: Outer<'_> = serde_json::from_str(&json).expect(&json);
                assert_eq!(outer.word.text(), Some("a"), "{json}");
            }
        }
    }

    #[test]
    fn an_atom_is_what_was_written() {
        let read = |json: &'static str| serde_json::from_str::<Atom<'_>>(json).unwrap();
        assert_eq!(read("\"a\\n\"").text().as_deref(), Some("a\n"));
        for (json, text) in
            [("7", Some("7")), ("-1.5", Some("-1.5")), ("true", None), ("\"\"", None), ("[7]", None)]
        {
            assert_eq!(read(json).text().as_deref(), text, "{json}");
        }
        for (json, whole) in
            [("7", Some(7)), ("\" -7 \"", Some(-7)), ("7.5", None), ("18446744073709551615", None)]
        {
            assert_eq!(read(json).whole(), whole, "{json}");
        }
        for (json, truth) in
            [("true", Some(true)), ("\"false\"", Some(false)), ("1", None), ("{}", None), ("null", None)]
        {
            assert_eq!(read(json).truth(), truth, "{json}");
        }
        assert_eq!((read("\"a\"").word(), read("7").word()), (Some("a"), None));
    }

    #[test]
    fn pairs_are_found_by_their_names() {
        let json = r#"{"pairs":{"size":"12","limit":7,"odd":[1],"need":true}}"#;
        let pairs = serde_json::from_str::<Outer<'_>>(json).unwrap().pairs;
        assert_eq!((pairs.number("size"), pairs.number("limit")), (Some(12), Some(7)));
        assert_eq!((pairs.text("need"), pairs.text("odd"), pairs.text("none")), (Some("true"), None, None));
    }
}
