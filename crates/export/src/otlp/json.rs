//! OTLP's JSON: the official types by their own mapping, on one line.
//!
//! The types know their names, hexadecimal ids, and which integers are strings. What `serde_json`
//! would make of the rest is not OTLP: it writes `null` for a number that is not finite and for a
//! field that is not there, which receivers refuse. Here the first is `"Infinity"`, `"-Infinity"` or
//! `"NaN"`, and the second is left out.

use serde::ser::{Error as _, Impossible, SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};
use serde_json::Error;

/// A message of the official types.
///
/// `about`: how many bytes that will be, as far as is known
///
/// # Errors
///
/// It has what those types do not have.
pub(super) fn to_json(message: &impl Serialize, about: usize) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(about);
    message.serialize(Json(&mut out))?;
    Ok(out)
}

/// Appends one value.
struct Json<'a>(&'a mut Vec<u8>);

impl Json<'_> {
    fn plain(self, value: &impl Serialize) -> Result<(), Error> {
        serde_json::to_writer(self.0, value)
    }

    fn quoted(self, text: &str) -> Result<(), Error> {
        self.0.push(b'"');
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(b'"');
        Ok(())
    }
}

/// What the official types have none of.
fn unknown<T>(what: &str) -> Result<T, Error> {
    Err(Error::custom(format_args!("OTLP has no {what}")))
}

/// Methods for values that JSON has as they are.
macro_rules! plain {
    ($($method:ident: $type:ty,)+) => {
        $(fn $method(self, value: $type) -> Result<(), Error> {
            self.plain(&value)
        })+
    };
}

impl<'a> Serializer for Json<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Array<'a>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Impossible<(), Error>;

    plain! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_char: char,
        serialize_str: &str,
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        self.quoted(itoa::Buffer::new().format(value))
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        self.quoted(itoa::Buffer::new().format(value))
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        match value {
            f64::INFINITY => self.quoted("Infinity"),
            f64::NEG_INFINITY => self.quoted("-Infinity"),
            value if value.is_nan() => self.quoted("NaN"),
            value => self.plain(&value),
        }
    }

    /// Nothing: see [`Object`].
    fn serialize_none(self) -> Result<(), Error> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let mut object = Object::begin(self.0);
        object.entry(variant, value)?;
        object.finish()
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Array<'a>, Error> {
        self.0.push(b'[');
        Ok(Array { out: self.0, is_first: true })
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Object<'a>, Error> {
        Ok(Object::begin(self.0))
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Object<'a>, Error> {
        Ok(Object::begin(self.0))
    }

    fn serialize_bytes(self, _value: &[u8]) -> Result<(), Error> {
        unknown("bytes that are no id")
    }

    fn serialize_unit(self) -> Result<(), Error> {
        unknown("unit")
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<(), Error> {
        unknown(name)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        unknown(variant)
    }

    fn serialize_tuple(self, _len: usize) -> Result<Impossible<(), Error>, Error> {
        unknown("tuple")
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        _len: usize,
    ) -> Result<Impossible<(), Error>, Error> {
        unknown(name)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Impossible<(), Error>, Error> {
        unknown(variant)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Impossible<(), Error>, Error> {
        unknown(variant)
    }
}

/// An array that is being written.
struct Array<'a> {
    out: &'a mut Vec<u8>,
    is_first: bool,
}

impl SerializeSeq for Array<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if !std::mem::take(&mut self.is_first) {
            self.out.push(b',');
        }
        value.serialize(Json(self.out))
    }

    fn end(self) -> Result<(), Error> {
        self.out.push(b']');
        Ok(())
    }
}

/// An object that is being written. A field whose value writes nothing is taken back.
struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_first: bool,
    /// How long the output was before the key.
    before_key: usize,
    /// How long it is after it.
    after_key: usize,
}

impl<'a> Object<'a> {
    fn begin(out: &'a mut Vec<u8>) -> Object<'a> {
        out.push(b'{');
        Object { out, is_first: true, before_key: 0, after_key: 0 }
    }

    fn key(&mut self, key: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.before_key = self.out.len();
        if !self.is_first {
            self.out.push(b',');
        }
        key.serialize(Json(self.out))?;
        self.out.push(b':');
        self.after_key = self.out.len();
        Ok(())
    }

    fn value(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        value.serialize(Json(self.out))?;
        if self.out.len() == self.after_key {
            self.out.truncate(self.before_key);
        } else {
            self.is_first = false;
        }
        Ok(())
    }

    fn entry(&mut self, key: &str, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.key(key)?;
        self.value(value)
    }

    fn finish(self) -> Result<(), Error> {
        self.out.push(b'}');
        Ok(())
    }
}

impl SerializeMap for Object<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.value(value)
    }

    fn end(self) -> Result<(), Error> {
        self.finish()
    }
}

impl SerializeStruct for Object<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.entry(key, value)
    }

    fn end(self) -> Result<(), Error> {
        self.finish()
    }
}
