//! The time limit `timeout = "10s"`.

use proc_macro2::TokenStream;
use syn::parse::ParseStream;
use syn::{Ident, LitStr};

use super::entries::{equals, until_comma};
use super::value_form::{ValueForm, source};

/// A time limit.
pub(crate) struct Timeout {
    /// The key, for errors about the whole entry.
    pub(crate) key: Ident,
    pub(crate) milliseconds: u64,
}

impl Timeout {
    /// Parses `= "10s"`.
    pub(super) fn parse(key: &Ident, input: ParseStream<'_>) -> syn::Result<Self> {
        equals(key, input, ValueForm::Like("\"10s\""))?;
        let value: TokenStream = until_comma(input)?;
        let error = |text: &str| {
            let meant = meant(text).unwrap_or_else(|| "10s".to_owned());
            let message = format!("`{key}` is a time above zero in `ms`, `s` or `m`; write `{key} = {meant:?}`");
            syn::Error::new_spanned(&value, message)
        };
        let text = match syn::parse2::<LitStr>(value.clone()) {
            Ok(literal) => literal.value(),
            Err(_) => return Err(error(&source(&value))),
        };
        match milliseconds(&text) {
            Some(milliseconds @ 1..) => Ok(Self { key: key.clone(), milliseconds }),
            _ => Err(error(&text)),
        }
    }
}

/// Reads a number with a unit.
fn milliseconds(text: &str) -> Option<u64> {
    let (number, unit) = parts(text);
    let factor = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

/// Returns the time that a text in another form probably means.
fn meant(text: &str) -> Option<String> {
    let (number, unit) = parts(text);
    let mut number = number.to_owned();
    let unit = match &*unit.trim().to_ascii_lowercase() {
        "" | "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "ms" | "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" => "ms",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => {
            number = number.parse::<u64>().ok()?.checked_mul(60)?.to_string();
            "m"
        }
        _ => return None,
    };
    let meant = format!("{number}{unit}");
    milliseconds(&meant).filter(|time| *time > 0).map(|_| meant)
}

/// Splits a text behind its digits.
fn parts(text: &str) -> (&str, &str) {
    let end = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}
