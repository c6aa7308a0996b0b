//! JSON of values without NaN and infinities.
//!
//! `serde_json` writes these numbers as `null`, against the schema of the value. The path to one is collected while the
//! error returns, so that a value without them costs nothing.

use std::cell::RefCell;
use std::fmt::{self, Display};

use serde::Serialize;
use serde::ser::{
    Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::value::RawValue;

/// A value without a JSON form.
#[derive(Debug)]
pub(super) enum NoJson {
    /// A number that JSON does not have, with its path.
    NotFinite { path: String, number: f64 },
    /// An error of the value's own `Serialize`.
    Other(serde_json::Error),
}

impl Display for NoJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite { path, number } if path.is_empty() => {
                write!(f, "it is {number}, which is no number in JSON")
            }
            Self::NotFinite { path, number } => write!(f, "`{path}` is {number}, which is no number in JSON"),
            Self::Other(error) => error.fmt(f),
        }
    }
}

/// Writes a value as JSON. Refuses numbers that JSON does not have.
pub(super) fn to_raw(value: &impl Serialize) -> Result<Box<RawValue>, NoJson> {
    let trail = Trail::default();
    let error = match serde_json::value::to_raw_value(&Finite { value, trail: &trail }) {
        Ok(json) => return Ok(json),
        Err(error) => error,
    };
    Err(match trail.0.into_inner() {
        Some((steps, number)) => NoJson::NotFinite { path: path(steps), number },
        None => NoJson::Other(error),
    })
}

/// The refused number, and the steps of its path from the inside.
#[derive(Default)]
struct Trail(RefCell<Option<(Vec<Step>, f64)>>);

enum Step {
    Member(String),
    Item(usize),
}

impl Trail {
    fn found(&self, number: f64) {
        *self.0.borrow_mut() = Some((Vec::new(), number));
    }

    fn add(&self, step: impl FnOnce() -> Step) {
        if let Some((steps, _)) = &mut *self.0.borrow_mut() {
            steps.push(step());
        }
    }

    fn member(&self, name: &'static str) {
        self.add(|| Step::Member(name.to_owned()));
    }
}

fn path(steps: Vec<Step>) -> String {
    let mut path = String::new();
    for step in steps.into_iter().rev() {
        match step {
            Step::Member(name) if path.is_empty() => path = name,
            Step::Member(name) => path = path + "." + &name,
            Step::Item(index) => path += &format!("[{index}]"),
        }
    }
    path
}

/// A value or a serializer that refuses such numbers.
struct Finite<'t, T> {
    value: T,
    trail: &'t Trail,
}

impl<T: Serialize + ?Sized> Serialize for Finite<'_, &T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Finite { value: serializer, trail: self.trail })
    }
}

macro_rules! as_it_is {
    ($($method:ident($($argument:ident: $type:ty),*);)*) => {$(
        fn $method(self, $($argument: $type),*) -> Result<S::Ok, S::Error> {
            self.value.$method($($argument),*)
        }
    )*};
}

macro_rules! parts {
    ($($method:ident($($argument:ident: $type:ty),*) -> $part:ident;)*) => {$(
        fn $method(self, $($argument: $type),*) -> Result<Self::$part, S::Error> {
            Ok(Compound { inner: self.value.$method($($argument),*)?, trail: self.trail, index: 0, variant: None })
        }
    )*};
}

impl<'t, S: Serializer> Serializer for Finite<'t, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Compound<'t, S::SerializeSeq>;
    type SerializeTuple = Compound<'t, S::SerializeTuple>;
    type SerializeTupleStruct = Compound<'t, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Compound<'t, S::SerializeTupleVariant>;
    type SerializeMap = Compound<'t, S::SerializeMap>;
    type SerializeStruct = Compound<'t, S::SerializeStruct>;
    type SerializeStructVariant = Compound<'t, S::SerializeStructVariant>;

    fn serialize_f32(self, number: f32) -> Result<S::Ok, S::Error> {
        if number.is_finite() {
            return self.value.serialize_f32(number);
        }
        self.trail.found(number.into());
        Err(S::Error::custom("not a finite number"))
    }

    fn serialize_f64(self, number: f64) -> Result<S::Ok, S::Error> {
        if number.is_finite() {
            return self.value.serialize_f64(number);
        }
        self.trail.found(number);
        Err(S::Error::custom("not a finite number"))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.value.serialize_some(&Finite { value, trail: self.trail })
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<S::Ok, S::Error> {
        self.value.serialize_newtype_struct(name, &Finite { value, trail: self.trail })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let written = self.value.serialize_newtype_variant(name, index, variant, &Finite { value, trail: self.trail });
        written.inspect_err(|_| self.trail.member(variant))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.value.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.value.is_human_readable()
    }

    as_it_is! {
        serialize_bool(value: bool);
        serialize_i8(value: i8);
        serialize_i16(value: i16);
        serialize_i32(value: i32);
        serialize_i64(value: i64);
        serialize_i128(value: i128);
        serialize_u8(value: u8);
        serialize_u16(value: u16);
        serialize_u32(value: u32);
        serialize_u64(value: u64);
        serialize_u128(value: u128);
        serialize_char(value: char);
        serialize_str(value: &str);
        serialize_bytes(value: &[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(name: &'static str);
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str);
    }

    parts! {
        serialize_seq(length: Option<usize>) -> SerializeSeq;
        serialize_tuple(length: usize) -> SerializeTuple;
        serialize_tuple_struct(name: &'static str, length: usize) -> SerializeTupleStruct;
        serialize_map(length: Option<usize>) -> SerializeMap;
        serialize_struct(name: &'static str, length: usize) -> SerializeStruct;
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        let inner = self.value.serialize_tuple_variant(name, index, variant, length)?;
        Ok(Compound { inner, trail: self.trail, index: 0, variant: Some(variant) })
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        let inner = self.value.serialize_struct_variant(name, index, variant, length)?;
        Ok(Compound { inner, trail: self.trail, index: 0, variant: Some(variant) })
    }
}

/// The serializer of a value with parts.
struct Compound<'t, C> {
    inner: C,
    trail: &'t Trail,
    /// The index of the next item.
    index: usize,
    /// The variant around the parts.
    variant: Option<&'static str>,
}

impl<'t, C> Compound<'t, C> {
    fn item<T: ?Sized, E>(
        &mut self,
        value: &T,
        write: impl FnOnce(&mut C, &Finite<'t, &T>) -> Result<(), E>,
    ) -> Result<(), E> {
        let index = self.index;
        self.index += 1;
        write(&mut self.inner, &Finite { value, trail: self.trail }).inspect_err(|_| {
            self.trail.add(|| Step::Item(index));
            self.add_variant();
        })
    }

    fn field<T: ?Sized, E>(
        &mut self,
        name: &'static str,
        value: &T,
        write: impl FnOnce(&mut C, &Finite<'t, &T>) -> Result<(), E>,
    ) -> Result<(), E> {
        write(&mut self.inner, &Finite { value, trail: self.trail }).inspect_err(|_| {
            self.trail.member(name);
            self.add_variant();
        })
    }

    fn add_variant(&self) {
        if let Some(variant) = self.variant {
            self.trail.member(variant);
        }
    }
}

macro_rules! of_items {
    ($($trait:ident::$method:ident;)*) => {$(
        impl<C: $trait> $trait for Compound<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
                self.item(value, |inner, value| inner.$method(value))
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        }
    )*};
}
of_items! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
    SerializeTupleVariant::serialize_field;
}

macro_rules! of_fields {
    ($($trait:ident)*) => {$(
        impl<C: $trait> $trait for Compound<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), C::Error> {
                self.field(name, value, |inner, value| inner.serialize_field(name, value))
            }

            fn skip_field(&mut self, name: &'static str) -> Result<(), C::Error> {
                self.inner.skip_field(name)
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        }
    )*};
}
of_fields!(SerializeStruct SerializeStructVariant);

impl<C: SerializeMap> SerializeMap for Compound<'_, C> {
    type Ok = C::Ok;
    type Error = C::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), C::Error> {
        self.inner.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
        self.inner.serialize_value(&Finite { value, trail: self.trail })
    }

    fn serialize_entry<K: Serialize + ?Sized, T: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &T,
    ) -> Result<(), C::Error> {
        let written = self.inner.serialize_entry(key, &Finite { value, trail: self.trail });
        written.inspect_err(|_| {
            self.trail.add(|| match serde_json::to_value(key) {
                Ok(serde_json::Value::String(name)) => Step::Member(name),
                Ok(key) => Step::Member(key.to_string()),
                Err(_) => Step::Member("?".to_owned()),
            });
        })
    }

    fn end(self) -> Result<C::Ok, C::Error> {
        self.inner.end()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    enum Shape {
        Point(f64, f64),
        Circle { radius: f32 },
        Line(f64),
    }

    #[derive(Serialize)]
    struct Values {
        one: Option<f64>,
        many: BTreeMap<u8, Vec<f64>>,
        shape: Option<Shape>,
        #[serde(flatten)]
        others: BTreeMap<String, f64>,
        raw: Box<RawValue>,
    }

    fn values() -> Values {
        let raw = RawValue::from_string("1.50".to_owned()).expect("JSON");
        Values { one: Some(1.0), many: BTreeMap::new(), shape: None, others: BTreeMap::new(), raw }
    }

    #[test]
    fn finite_values_are_written_as_serde_json_writes_them() {
        let mut values = values();
        values.many.insert(1, vec![0.5, 1e300]);
        values.shape = Some(Shape::Circle { radius: 0.1 });
        values.others.insert("x".to_owned(), -0.0);
        let json = to_raw(&values).expect("JSON");
        assert_eq!(json.get(), serde_json::to_string(&values).expect("JSON"));
        assert!(json.get().ends_with(r#""raw":1.50}"#) || json.get().contains(r#""raw":1.50,"#), "{json}");
        for value in [json!(null), json!([1, "a", {"b": true}]), json!(u64::MAX)] {
            assert_eq!(to_raw(&value).expect("JSON").get(), value.to_string());
        }
        assert_eq!(to_raw(&i128::MIN).expect("JSON").get(), i128::MIN.to_string());
    }

    #[test]
    fn other_numbers_are_named() {
        let why = |change: fn(&mut Values)| {
            let mut values = values();
            change(&mut values);
            to_raw(&values).expect_err("no JSON").to_string()
        };
        assert_eq!(why(|values| values.one = Some(f64::NAN)), "`one` is NaN, which is no number in JSON");
        assert_eq!(
            why(|values| drop(values.many.insert(7, vec![0.5, f64::INFINITY]))),
            "`many.7[1]` is inf, which is no number in JSON"
        );
        assert_eq!(
            why(|values| values.others = BTreeMap::from([("x".to_owned(), f64::NAN)])),
            "`x` is NaN, which is no number in JSON"
        );
        for (shape, path) in [
            (Shape::Point(1.0, f64::NAN), "`Point[1]`"),
            (Shape::Circle { radius: f32::NAN }, "`Circle.radius`"),
            (Shape::Line(f64::NAN), "`Line`"),
        ] {
            let why = to_raw(&[shape]).expect_err("no JSON").to_string();
            let expected = format!("`[0].{}` is NaN, which is no number in JSON", path.trim_matches('`'));
            assert_eq!(why, expected);
        }
        assert_eq!(
            to_raw(&f64::NEG_INFINITY).expect_err("no JSON").to_string(),
            "it is -inf, which is no number in JSON"
        );
    }
}
