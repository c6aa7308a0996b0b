//! Rates of requests.

use std::fmt;

/// A number of requests per second, minute or hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    requests: u32,
    unit: RateUnit,
}

/// The unit of time of a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateUnit {
    /// `s`
    Second,
    /// `min`
    Minute,
    /// `h`
    Hour,
}

impl RateUnit {
    /// Returns the unit in texts.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "min",
            Self::Hour => "h",
        }
    }

    /// Returns the length of the unit.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 60 * 60,
        }
    }

    /// Returns the unit that another spelling means.
    fn meant_by(text: &str) -> Option<Self> {
        match &*text.to_ascii_lowercase() {
            "s" | "sec" | "secs" | "second" | "seconds" => Some(Self::Second),
            "m" | "min" | "mins" | "minute" | "minutes" => Some(Self::Minute),
            "h" | "hr" | "hrs" | "hour" | "hours" => Some(Self::Hour),
            _ => None,
        }
    }
}

impl Rate {
    /// The maximum number of requests in a unit.
    pub const MAX_REQUESTS: u32 = 1_000_000;

    /// Creates a rate. Returns `None` if the number is zero or above [`MAX_REQUESTS`](Self::MAX_REQUESTS).
    #[must_use]
    pub const fn new(requests: u32, unit: RateUnit) -> Option<Self> {
        match requests {
            1..=Self::MAX_REQUESTS => Some(Self { requests, unit }),
            _ => None,
        }
    }

    /// Parses a rate such as `30/min`.
    ///
    /// # Errors
    /// [`RateError`] if the text is not a whole number, a slash and one of the units `s`, `min` and `h`, without
    /// spaces.
    pub fn parse(text: &str) -> Result<Self, RateError> {
        if text.contains(char::is_whitespace) {
            let joined: String = text.split_whitespace().collect();
            return Err(if Self::parse(&joined).is_ok() { RateError::Spaces(joined) } else { RateError::Form });
        }
        let (number, unit) = text.split_once('/').ok_or(RateError::Form)?;
        if number.is_empty() || unit.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(RateError::Form);
        }
        let unit = match RateUnit::meant_by(unit) {
            Some(known) if known.symbol() == unit => known,
            Some(meant) => return Err(RateError::Unit { number: number.to_owned(), meant }),
            None => return Err(RateError::UnknownUnit(unit.to_owned())),
        };
        match number.parse() {
            Ok(0) => Err(RateError::Zero(unit)),
            Ok(requests) => Self::new(requests, unit).ok_or(RateError::TooLarge(unit)),
            Err(_) => Err(RateError::TooLarge(unit)),
        }
    }

    /// Returns the number of requests in each unit.
    #[must_use]
    pub const fn requests(self) -> u32 {
        self.requests
    }

    /// Returns the unit of time.
    #[must_use]
    pub const fn unit(self) -> RateUnit {
        self.unit
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.requests, self.unit.symbol())
    }
}

/// The error type of [`Rate::parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateError {
    /// The text is no number with a unit.
    Form,
    /// The text has spaces; carries the rate without them.
    Spaces(String),
    /// The unit has another spelling.
    Unit {
        /// The number of requests, as written.
        number: String,
        /// The unit that was meant.
        meant: RateUnit,
    },
    /// The unit is none of a rate; carries the unit.
    UnknownUnit(String),
    /// The number is zero.
    Zero(RateUnit),
    /// The number is above [`Rate::MAX_REQUESTS`].
    TooLarge(RateUnit),
}

impl fmt::Display for RateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("a rate is a whole number of requests per unit of time; write one like `30/min`"),
            Self::Spaces(rate) => write!(f, "a rate has no spaces; write `{rate}`"),
            Self::Unit { number, meant } => {
                let unit = meant.symbol();
                write!(f, "the unit is called `{unit}` here; write `{number}/{unit}`")
            }
            Self::UnknownUnit(unit) => {
                write!(f, "`{unit}` is no unit of a rate; the units are `s`, `min` and `h`; write one like `30/min`")
            }
            Self::Zero(unit) => {
                write!(f, "a rate admits at least one request; write `1/{}` or more", unit.symbol())
            }
            Self::TooLarge(unit) => {
                write!(f, "a rate is at most `{}/{}`; write that or less", Rate::MAX_REQUESTS, unit.symbol())
            }
        }
    }
}

impl std::error::Error for RateError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_has_one_spelling() {
        for text in ["1/s", "30/min", "1000/h", "1000000/s"] {
            assert_eq!(Rate::parse(text).map(|rate| rate.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn names_what_is_wrong() {
        let form = "a rate is a whole number of requests per unit of time; write one like `30/min`";
        for (text, expected) in [
            ("", form),
            ("30", form),
            ("/min", form),
            ("-1/min", form),
            ("1.5/min", form),
            ("1_000/h", form),
            ("30 per minute", form),
            ("30 / min", "a rate has no spaces; write `30/min`"),
            (" 30/min", "a rate has no spaces; write `30/min`"),
            ("30/minute", "the unit is called `min` here; write `30/min`"),
            ("30/m", "the unit is called `min` here; write `30/min`"),
            ("5/sec", "the unit is called `s` here; write `5/s`"),
            ("5/H", "the unit is called `h` here; write `5/h`"),
            ("5/day", "`day` is no unit of a rate; the units are `s`, `min` and `h`; write one like `30/min`"),
            ("5/", form),
            ("0/min", "a rate admits at least one request; write `1/min` or more"),
            ("1000001/s", "a rate is at most `1000000/s`; write that or less"),
            ("99999999999999999999/h", "a rate is at most `1000000/h`; write that or less"),
        ] {
            assert_eq!(Rate::parse(text).map_err(|error| error.to_string()), Err(expected.to_owned()), "{text}");
        }
    }
}
