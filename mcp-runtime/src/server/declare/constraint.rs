//! The constraints that `#[arg(range, length, pattern, header)]` declares, and the types that each fits.
//!
//! The traits are sealed: each has a constant of a type that users cannot name.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use regex_lite::Regex;

/// The constraints of a parameter on its values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Constraints {
    pub(crate) range: Option<Range>,
    pub(crate) length: Option<Length>,
    pub(crate) pattern: Option<Pattern>,
}

impl Constraints {
    pub(crate) const NONE: Self = Self { range: None, length: None, pattern: None };

    pub(crate) fn is_empty(&self) -> bool {
        self.range.is_none() && self.length.is_none() && self.pattern.is_none()
    }
}

/// A type that `#[arg(range = …)]` can constrain.
#[diagnostic::on_unimplemented(
    message = "`range` is for numbers, and `{Self}` is not one",
    label = "not a number",
    note = "for the length of a text or a list, write `#[arg(length = …)]`"
)]
pub trait Ranged {
    #[doc(hidden)]
    const RANGE: Range;
}

/// The limits of a number. The ends are JSON, as in the schema.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Range {
    pub(crate) minimum: Option<&'static str>,
    pub(crate) maximum: Option<&'static str>,
    /// Set if the maximum itself is allowed.
    pub(crate) inclusive: bool,
}

impl Range {
    const NONE: Self = Self { minimum: None, maximum: None, inclusive: true };

    pub const fn min(mut self, json: &'static str) -> Self {
        self.minimum = Some(json);
        self
    }

    pub const fn max(mut self, json: &'static str) -> Self {
        self.maximum = Some(json);
        self
    }

    pub const fn below(mut self, json: &'static str) -> Self {
        self.inclusive = false;
        self.max(json)
    }
}

/// A type that `#[arg(length = …)]` can constrain.
#[diagnostic::on_unimplemented(
    message = "`length` is for texts and lists, and `{Self}` is neither",
    label = "not a text or a list",
    note = "for the size of a number, write `#[arg(range = …)]`"
)]
pub trait Measured {
    #[doc(hidden)]
    const LENGTH: Length;
}

/// The limits of the length of a text or a list.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Length {
    pub(crate) minimum: Option<usize>,
    pub(crate) maximum: Option<usize>,
    /// The keywords of both limits in a schema.
    pub(crate) keywords: (&'static str, &'static str),
    /// The unit of a length, in the plural.
    pub(crate) unit: &'static str,
}

impl Length {
    const fn new(keywords: (&'static str, &'static str), unit: &'static str) -> Self {
        Self { minimum: None, maximum: None, keywords, unit }
    }

    pub const fn min(mut self, length: usize) -> Self {
        self.minimum = Some(length);
        self
    }

    pub const fn max(mut self, length: usize) -> Self {
        self.maximum = Some(length);
        self
    }
}

/// A type that `#[arg(pattern = "…")]` can constrain.
#[diagnostic::on_unimplemented(message = "`pattern` is for texts, and `{Self}` is not one", label = "not a text")]
pub trait Textual {
    #[doc(hidden)]
    const TEXT: Text;
}

/// The proof that a type is a text.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Text(());

/// A type that `#[arg(header = "…")]` can repeat in a header.
#[diagnostic::on_unimplemented(
    message = "`header` is for texts, integers and booleans, and `{Self}` is none of them",
    label = "can't be repeated in a header"
)]
pub trait Mirrored {
    #[doc(hidden)]
    const MIRROR: Mirror;
}

/// The proof that a header can repeat a type.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Mirror(());

macro_rules! mirrored {
    ($($mirrored:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Mirrored for $mirrored {
            const MIRROR: Mirror = Mirror(());
        }
    )*};
}
mirrored!(bool u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize String Box<str> Cow<'_, str>);

macro_rules! numbers {
    ($($number:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Ranged for $number {
            const RANGE: Range = Range::NONE;
        }
    )*};
}
numbers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);

macro_rules! texts {
    ($($text:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Textual for $text {
            const TEXT: Text = Text(());
        }
        #[diagnostic::do_not_recommend]
        impl Measured for $text {
            const LENGTH: Length = Length::new(("minLength", "maxLength"), "characters");
        }
    )*};
}
texts!(String Box<str> Cow<'_, str>);

macro_rules! collections {
    ($($collection:ty, [$($generic:ident),*], $keywords:expr, $unit:literal;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generic),*> Measured for $collection {
            const LENGTH: Length = Length::new($keywords, $unit);
        }
    )*};
}
collections! {
    Vec<T>, [T], ("minItems", "maxItems"), "items";
    Box<[T]>, [T], ("minItems", "maxItems"), "items";
    BTreeSet<T>, [T], ("minItems", "maxItems"), "items";
    HashSet<T, H>, [T, H], ("minItems", "maxItems"), "items";
    BTreeMap<K, V>, [K, V], ("minProperties", "maxProperties"), "entries";
    HashMap<K, V, H>, [K, V, H], ("minProperties", "maxProperties"), "entries";
}

#[diagnostic::do_not_recommend]
impl<T: Ranged> Ranged for Option<T> {
    const RANGE: Range = T::RANGE;
}
#[diagnostic::do_not_recommend]
impl<T: Textual> Textual for Option<T> {
    const TEXT: Text = T::TEXT;
}
#[diagnostic::do_not_recommend]
impl<T: Mirrored> Mirrored for Option<T> {
    const MIRROR: Mirror = T::MIRROR;
}
#[diagnostic::do_not_recommend]
impl<T: Measured> Measured for Option<T> {
    const LENGTH: Length = T::LENGTH;
}

/// The pattern of a text, with its compiler.
///
/// A program without patterns does not link the regular expressions (3 % of a small binary).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pattern {
    pub(crate) source: &'static str,
    compile: fn(&'static str) -> Matcher,
}

/// Returns `true` if a text matches.
pub(crate) type Matcher = Box<dyn Fn(&str) -> bool + Send + Sync>;

impl Pattern {
    pub(crate) const fn new(source: &'static str) -> Self {
        Self { source, compile: regular_expression }
    }

    pub(crate) fn compile(self) -> Matcher {
        (self.compile)(self.source)
    }
}

#[expect(clippy::expect_used, reason = "the macro compiled the same pattern with the same crate")]
fn regular_expression(source: &'static str) -> Matcher {
    let regex = Regex::new(source).expect("a checked pattern");
    Box::new(move |text| regex.is_match(text))
}
