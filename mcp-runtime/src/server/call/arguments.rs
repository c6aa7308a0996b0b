//! The arguments of a call: from the raw JSON object to the types of the method.
//!
//! An error names the argument and the reason, so that the model can try again.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::deserialize::{ArgumentDeserializer, Missing, TextDeserializer};
use super::fit::Fit;
use super::parameters::PreparedParameters;
use crate::json::read::without_position;
use crate::json::truncate::truncated;
use crate::protocol::error::Error;
use crate::protocol::params::Entry;
use crate::server::declare::parameter::ParameterType;
use crate::server::declare::seal::Seal;
use crate::server::declare::wrapper::with_message;

/// A type that a client can give as an argument.
///
/// serde reads it and schemars describes it: every type with both implements this trait.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an argument of a tool",
    label = "not an argument that a client can give",
    note = "an argument needs a type with `#[derive(serde::Deserialize, schemars::JsonSchema)]`; for one of another crate, turn on its serde feature and the feature of schemars that is named after it",
    note = "what the request carries is taken by reference: `&mcp::AccessToken`, `Option<&mcp::AccessToken>`, `&mcp::Context` or `&http::request::Parts`",
    note = "what the server has, such as a database, is a field of it: take it from `self`"
)]
pub trait Argument: Sized {
    /// The type for a declaration. It is optional if serde reads it from nothing, as it does `Option`.
    #[doc(hidden)]
    const TYPE: ParameterType;

    /// Takes the argument of this name.
    #[doc(hidden)]
    fn take(arguments: &mut Arguments<'_>, name: &'static str) -> Result<Self, Error>;

    /// Takes the argument of this name, or the default where the client sent none.
    #[doc(hidden)]
    fn take_or(arguments: &mut Arguments<'_>, name: &'static str, default: fn() -> Self) -> Result<Self, Error>;
}

// The two are not supertraits, because rustc would report each of them instead of the text above.
#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema> Argument for T {
    const TYPE: ParameterType = ParameterType {
        schema: SchemaGenerator::subschema_for::<T>,
        is_optional: || T::deserialize(Missing).is_ok(),
        fields: None,
    };

    fn take(arguments: &mut Arguments<'_>, name: &'static str) -> Result<Self, Error> {
        arguments.take(name, None)
    }

    fn take_or(arguments: &mut Arguments<'_>, name: &'static str, default: fn() -> Self) -> Result<Self, Error> {
        arguments.take(name, Some(default))
    }
}

/// A type that a client can send as a text, in a URI or to a prompt.
///
/// Every type that serde reads from a text implements this trait: texts, numbers, `bool`, enums without fields, and
/// `Option`s of them, which are optional.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be given as a text",
    label = "not something that serde reads",
    note = "a variable of a URI and an argument of a prompt need a type with `#[derive(serde::Deserialize)]`, and not `mcp::Fields`, which is for tools",
    note = "what the request carries is taken by reference: `&mcp::AccessToken`, `Option<&mcp::AccessToken>`, `&mcp::Context` or `&http::request::Parts`",
    note = "what the server has, such as a database, is a field of it: take it from `self`"
)]
pub trait TextArgument: Sized {
    /// Returns `true` if serde reads the type from nothing, as it does `Option`.
    #[doc(hidden)]
    fn is_optional() -> bool;

    /// Takes the argument of this name.
    #[doc(hidden)]
    fn take(arguments: &mut Arguments<'_>, name: &'static str) -> Result<Self, Error>;

    /// Takes the argument of this name, or the default where the client sent none.
    #[doc(hidden)]
    fn take_or(arguments: &mut Arguments<'_>, name: &'static str, default: fn() -> Self) -> Result<Self, Error>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> TextArgument for T {
    fn is_optional() -> bool {
        T::deserialize(Missing).is_ok()
    }

    fn take(arguments: &mut Arguments<'_>, name: &'static str) -> Result<Self, Error> {
        arguments.take_text(name, None)
    }

    fn take_or(arguments: &mut Arguments<'_>, name: &'static str, default: fn() -> Self) -> Result<Self, Error> {
        arguments.take_text(name, Some(default))
    }
}

with_message! {
[
#[diagnostic::on_unimplemented(
    message = "`{Self}` is always there, but clients may leave this out",
    label = "not an `Option`",
    note = "write `Option<{Self}>`, or give it a default: `#[arg(default = …)]`"
)]
]

/// A type of an optional variable, or of another argument in a completion.
pub trait OptionalTextArgument: Sized {
    /// Takes the argument of this name.
    #[doc(hidden)]
    fn take(arguments: &mut Arguments<'_>, name: &'static str) -> Result<Self, Error>;
}

/// An `Option`, in two traits like the wrappers in `wrapper.rs`.
#[doc(hidden)]
pub trait Optional: Sized {
    /// The `Option` itself.
    type Whole: Into<Self>;
}
}

#[diagnostic::do_not_recommend]
impl<T> Optional for Option<T> {
    type Whole = Self;
}

impl<O: Optional> OptionalTextArgument for O
where
    O::Whole: TextArgument,
{
    fn take(arguments: &mut Arguments<'_>, name: &'static str) -> Result<Self, Error> {
        <O::Whole as TextArgument>::take(arguments, name).map(Into::into)
    }
}

/// A type that a text literal can be the default of.
#[diagnostic::on_unimplemented(
    message = "a text can't be the default of `{Self}`",
    label = "this is a text",
    note = "write an expression of the type `{Self}`"
)]
pub trait FromText {
    #[doc(hidden)]
    const SEAL: Seal;

    #[doc(hidden)]
    fn from_text(text: &'static str) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: From<&'static str>> FromText for T {
    const SEAL: Seal = Seal;

    fn from_text(text: &'static str) -> Self {
        text.into()
    }
}

/// Arguments that are texts, by their names.
pub(crate) type Texts<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// The arguments of one call as the client sent them.
pub(in crate::server) enum GivenArguments<'a> {
    Json(&'a [Entry<'a>]),
    Texts(Texts<'a>),
}

/// The arguments of one call, each taken at most once.
///
/// Those of a tool are JSON, all others are texts.
#[doc(hidden)]
#[derive(Default)]
pub struct Arguments<'a> {
    given: &'a [Entry<'a>],
    parameters: Option<&'a PreparedParameters>,
    texts: Texts<'a>,
}

/// Shows nothing that the client sent.
impl fmt::Debug for Arguments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arguments").finish_non_exhaustive()
    }
}

impl<'a> Arguments<'a> {
    /// Returns the arguments of a tool with these parameters.
    pub(crate) fn new(given: &'a [Entry<'a>], parameters: &'a PreparedParameters) -> Result<Self, Error> {
        let known = || parameters.names();
        // Stops at the first unknown name, so that at most as many names are compared as there are parameters.
        for (index, (name, _)) in given.iter().enumerate() {
            if known().all(|known| known != name) {
                if parameters.is_lenient {
                    continue;
                }
                return Err(Error::tool(unknown(name, &known().collect::<Vec<_>>(), "tool")));
            }
            if given[..index].iter().any(|(other, _)| other == name) {
                return Err(Error::tool(format!("Argument {name} is given twice")));
            }
        }
        Ok(Self { given, parameters: Some(parameters), texts: Vec::new() })
    }

    pub(crate) fn of_texts(texts: Texts<'a>) -> Self {
        Self { texts, ..Self::default() }
    }

    /// Returns the arguments as the client sent them.
    pub(in crate::server) fn given_by_client(&self) -> GivenArguments<'a> {
        if self.parameters.is_some() {
            GivenArguments::Json(self.given)
        } else {
            GivenArguments::Texts(self.texts.clone())
        }
    }

    /// Returns the arguments of a tool as the client wrote them.
    pub(super) fn given(&self) -> &'a [Entry<'a>] {
        self.given
    }

    fn take_text<T: DeserializeOwned>(&mut self, name: &'static str, default: Option<fn() -> T>) -> Result<T, Error> {
        match (self.texts.iter().find(|(given, _)| given == name), default) {
            (Some((_, text)), _) => T::deserialize(TextDeserializer(text))
                .map_err(|error| Error::invalid_params(format!("Invalid params: `{name}`: {error}"))),
            (None, Some(default)) => Ok(default()),
            (None, None) => T::deserialize(Missing)
                .map_err(|_| Error::invalid_params(format!("Invalid params: the argument `{name}` is missing"))),
        }
    }

    /// Returns the values that headers must repeat, by their names after `Mcp-Param-`. `null` is not repeated.
    #[cfg(feature = "http")]
    pub(crate) fn mirrored(&self) -> impl Iterator<Item = (&'static str, Option<&'a RawValue>)> {
        self.parameters.into_iter().flat_map(PreparedParameters::iter).filter_map(|prepared| {
            let header = prepared.parameter.header?;
            let raw = self.given.iter().find(|(name, _)| name == prepared.parameter.name).map(|(_, raw)| *raw);
            Some((header, raw.filter(|raw| raw.get() != "null")))
        })
    }

    pub(crate) fn take<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
        default: Option<fn() -> T>,
    ) -> Result<T, Error> {
        let Some(raw) = self.given_as(name) else {
            return match default {
                Some(default) => Ok(default()),
                None => T::deserialize(Missing).map_err(|_| Error::tool(format!("Argument {name} is missing"))),
            };
        };
        self.read(name, raw).map_err(|why| Error::tool(format!("Argument {why}")))
    }

    /// Reads a value of a parameter. The error begins with the path to its place.
    fn read<T: DeserializeOwned>(&self, name: &'static str, raw: &RawValue) -> Result<T, String> {
        let is_lenient = self.parameters.is_some_and(|parameters| parameters.is_lenient);
        // The fast path of nearly all arguments. For a lenient tool, a type could read a text that has to be replaced.
        if !is_lenient && let Ok(value) = T::deserialize(ArgumentDeserializer(raw)) {
            self.check(name, raw)?;
            return Ok(value);
        }
        let Some((fitted, raw)) = self.fit(name, raw) else {
            return T::deserialize(ArgumentDeserializer(raw))
                .map_err(|error| format!("{name}: {}", without_position(&error)));
        };
        let value = T::deserialize(ArgumentDeserializer(&raw)).map_err(|error| fitted.explain(name, &error))?;
        self.check(name, &raw)?;
        Ok(value)
    }

    /// Reads the arguments that are fields of a parameter's struct.
    pub(super) fn take_fields<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, Error> {
        let mut json = String::from("{");
        for (field, raw) in self.fields(name) {
            if json.len() > 1 {
                json.push(',');
            }
            json.push_str(&mcp_core::json_string(field));
            json.push(':');
            json.push_str(raw.get());
        }
        json.push('}');
        let raw = RawValue::from_string(json).map_err(|_| Error::tool("The arguments are no JSON"))?;
        self.read(name, &raw).map_err(|why| match why.strip_prefix(name) {
            Some(why) if why.starts_with('.') => Error::tool(format!("Argument {}", &why[1..])),
            Some(why) => Error::tool(format!("The arguments{why}")),
            None => Error::tool(format!("The arguments: {why}")),
        })
    }

    /// Returns `true` if the client sent an argument that is a field of a parameter's struct.
    pub(super) fn has_fields(&self, name: &'static str) -> bool {
        self.fields(name).next().is_some()
    }

    /// Returns the arguments that are fields of a parameter's struct.
    fn fields(&self, name: &'static str) -> impl Iterator<Item = &'a Entry<'a>> {
        let prepared = self.parameters.and_then(|parameters| parameters.find(name));
        self.given.iter().filter(move |(given, _)| prepared.is_some_and(|prepared| prepared.has_field(given)))
    }

    /// Returns the value of an argument as the client wrote it.
    ///
    /// For a lenient tool, an empty text counts as absent if the argument is optional. `null` does if the argument has a
    /// default and its type does not read `null`.
    fn given_as(&self, name: &'static str) -> Option<&'a RawValue> {
        let (_, raw) = self.given.iter().find(|(given, _)| given == name)?;
        let lenient = self.parameters.filter(|parameters| parameters.is_lenient);
        let is_absent = lenient.and_then(|parameters| parameters.find(name)).is_some_and(|prepared| match raw.get() {
            "\"\"" => !prepared.parameter.is_required(),
            "null" => prepared.parameter.has_default && !(prepared.parameter.ty.is_optional)(),
            _ => false,
        });
        (!is_absent).then_some(*raw)
    }

    fn fit(&self, name: &'static str, raw: &RawValue) -> Option<(Fit, Box<RawValue>)> {
        let fitted = self.parameters?.fit(name, raw)?;
        let raw = RawValue::from_string(fitted.text.clone()).ok()?;
        Some((fitted, raw))
    }

    fn check(&self, name: &'static str, raw: &RawValue) -> Result<(), String> {
        self.parameters.map_or(Ok(()), |parameters| parameters.check(name, raw))
    }
}

/// Returns the message for an argument that `what`, such as a tool, does not have.
pub(in crate::server) fn unknown(name: &str, known: &[&str], what: &str) -> String {
    let name = truncated(name);
    match (mcp_core::closest(name, known.iter().copied()), known.is_empty()) {
        (Some(meant), _) => format!("Unknown argument `{name}`; did you mean `{meant}`?"),
        (None, true) => format!("Unknown argument `{name}`; this {what} takes no arguments"),
        (None, false) => format!("Unknown argument `{name}`; the arguments are: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserializer;

    use super::*;
    use crate::protocol::message::Request;
    use crate::server::declare::parameter::Parameter;

    fn take<T: DeserializeOwned>(parameter: Parameter, json: &str) -> Result<T, String> {
        let parameter: &'static Parameter = Box::leak(Box::new(parameter));
        let prepared = PreparedParameters::new(std::slice::from_ref(parameter), false);
        let body =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"arguments":{json}}}}}"#).into();
        let request = Request::read_again(&body).expect("a request");
        let given = request.params.arguments().map_err(|error| error.message().to_owned())?;
        Arguments::new(given, &prepared)
            .and_then(|mut arguments| arguments.take(parameter.name, None))
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn reads_what_the_type_reads() {
        assert_eq!(take::<u8>(Parameter::new("n", u8::TYPE), r#"{"n":7}"#), Ok(7));
        assert_eq!(take::<Option<u8>>(Parameter::new("n", <Option<u8>>::TYPE), "{}"), Ok(None));
        assert_eq!(take::<Option<u8>>(Parameter::new("n", <Option<u8>>::TYPE), r#"{"n":null}"#), Ok(None));
        assert_eq!(take::<String>(Parameter::new("n", String::TYPE), r#"{"\u006e":"x\ny"}"#), Ok("x\ny".to_owned()));
        assert_eq!(take::<i128>(Parameter::new("n", i128::TYPE), r#"{"n":-7}"#), Ok(-7));
    }

    #[test]
    fn a_value_is_read_to_its_end() {
        for number in ["1.5", "-1.5", "1e40", "0.1"] {
            let json = format!(r#"{{"n":{number}}}"#);
            let expected = format!("Argument n: expected an integer, got {number}");
            assert_eq!(take::<i128>(Parameter::new("n", i128::TYPE), &json), Err(expected.clone()), "{number}");
            assert_eq!(
                take::<Option<i128>>(Parameter::new("n", <Option<i128>>::TYPE), &json),
                Err(expected),
                "{number}"
            );
        }
        assert!(take::<u128>(Parameter::new("n", u128::TYPE), r#"{"n":1.5}"#).is_err());
    }

    #[test]
    fn what_a_type_says_is_told_as_a_whole() {
        #[derive(Debug, PartialEq)]
        struct Script;
        impl<'de> serde::Deserialize<'de> for Script {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?;
                Err(serde::de::Error::custom("the script ends at line 3, in a comment"))
            }
        }
        for json in [r#"{"n":"x"}"#, r#"{"n":"x\n"}"#] {
            assert_eq!(
                take::<Script>(Parameter::new("n", String::TYPE), json),
                Err("Argument n: the script ends at line 3, in a comment".to_owned()),
                "{json}"
            );
        }
    }

    fn take_text<T: DeserializeOwned>(text: &str) -> Result<T, String> {
        let mut arguments = Arguments::of_texts(vec![("x".into(), text.into())]);
        arguments.take_text("x", None).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_text_is_read_as_what_the_type_is() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Colour {
            Red,
        }
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Id(u64);
        assert_eq!(take_text::<String>("7"), Ok("7".to_owned()));
        assert_eq!(take_text::<u8>("7"), Ok(7));
        assert_eq!(take_text::<Option<bool>>("true"), Ok(Some(true)));
        assert_eq!(take_text::<Colour>("red"), Ok(Colour::Red));
        assert_eq!(take_text::<Id>("7"), Ok(Id(7)));
        assert_eq!(take_text::<char>("é"), Ok('é'));
        assert_eq!(
            take_text::<u8>("300"),
            Err("Invalid params: `x`: expected a whole number from 0 to 255, not `300`".to_owned())
        );
        assert_eq!(
            take_text::<Colour>("blue"),
            Err("Invalid params: `x`: unknown variant `blue`, expected `red`".to_owned())
        );
        assert_eq!(Arguments::default().take_text::<Option<u8>>("x", None).ok(), Some(None));
        assert_eq!(Arguments::default().take_text::<u8>("x", Some(|| 3)).ok(), Some(3));
        assert!(Arguments::default().take_text::<u8>("x", None).is_err());
    }

    #[test]
    fn says_which_argument_and_why() {
        let string = || Parameter::new("text", String::TYPE);
        let cases = [
            ("{}", "Argument text is missing"),
            (r#"{"text":7}"#, "Argument text: expected a string, got 7"),
            (r#"{"text":"a","text":"b"}"#, "Argument text is given twice"),
            (r#"{"txt":"a"}"#, "Unknown argument `txt`; did you mean `text`?"),
            (r#"{"copies":1}"#, "Unknown argument `copies`; the arguments are: text"),
            ("[1]", "Invalid params: `arguments` must be an object"),
        ];
        for (json, message) in cases {
            assert_eq!(take::<String>(string(), json), Err(message.to_owned()), "{json}");
        }
    }
}
