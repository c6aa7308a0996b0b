//! The public type of a rate.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use mcp_core::RateUnit;

/// A limit on the requests of one account per unit of time.
///
/// A caller may use the number at once, and gets one request back in each equal part of the unit. With `30/min`, 30
/// requests can come together, and then one every two seconds. An account is an issuer and a subject, whatever the
/// client and the token.
///
/// The `rate` of an attribute has the form of this type's text. [`Rates`](crate::Rates) replaces rates at start.
///
/// ```
/// use mcp::Rate;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let rate: Rate = "30/min".parse()?;
/// assert_eq!(rate, Rate::per_minute(30));
/// assert_eq!(Rate::per_hour(1000).to_string(), "1000/h");
/// assert_eq!(
///     "30/minute".parse::<Rate>().unwrap_err().to_string(),
///     "the unit is called `min` here; write `30/min`"
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate(mcp_core::Rate);

impl Rate {
    /// Creates a rate of requests per second.
    ///
    /// # Panics
    /// `requests` is zero, or more than 1,000,000.
    #[must_use]
    pub const fn per_second(requests: u32) -> Self {
        Self::new(requests, RateUnit::Second)
    }

    /// Creates a rate of requests per minute.
    ///
    /// # Panics
    /// `requests` is zero, or more than 1,000,000.
    #[must_use]
    pub const fn per_minute(requests: u32) -> Self {
        Self::new(requests, RateUnit::Minute)
    }

    /// Creates a rate of requests per hour.
    ///
    /// # Panics
    /// `requests` is zero, or more than 1,000,000.
    #[must_use]
    pub const fn per_hour(requests: u32) -> Self {
        Self::new(requests, RateUnit::Hour)
    }

    #[expect(clippy::panic, reason = "the number is in the source, and a `const` does not compile")]
    const fn new(requests: u32, unit: RateUnit) -> Self {
        match mcp_core::Rate::new(requests, unit) {
            Some(rate) => Self(rate),
            None => panic!("a rate admits 1 to 1,000,000 requests in its unit of time"),
        }
    }

    /// Returns a number that no other rate has.
    pub(super) fn key(self) -> u64 {
        (self.burst() << 16) | self.0.unit().seconds()
    }

    /// Returns the requests that can come at once.
    pub(super) fn burst(self) -> u64 {
        self.0.requests().into()
    }

    /// Returns the part of the rate that each of several instances admits, at least one request.
    pub(super) fn divided(self, instances: usize) -> Self {
        let instances = u32::try_from(instances).unwrap_or(u32::MAX).max(1);
        let requests = (self.0.requests() / instances).max(1);
        mcp_core::Rate::new(requests, self.0.unit()).map_or(self, Self)
    }

    /// Returns the unit of time.
    pub(super) fn unit(self) -> Duration {
        Duration::from_secs(self.0.unit().seconds())
    }

    /// Returns the time after which one more request can come, in nanoseconds.
    pub(super) fn interval(self) -> u64 {
        self.0.unit().seconds() * 1_000_000_000 / self.burst()
    }
}

/// Parses a rate such as `30/min`, with one of the units `s`, `min` and `h`.
impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        mcp_core::Rate::parse(text).map(Self).map_err(RateError)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rate({})", self.0)
    }
}

/// The error of a text that is not a rate. Its message names the fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateError(mcp_core::RateError);

impl fmt::Display for RateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for RateError {}
