//! Timestamps of ISO 8601.

use std::fmt;

/// A timestamp of ISO 8601: a date, optionally with time and offset.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Timestamp(String);

impl Timestamp {
    /// Parses a timestamp.
    ///
    /// # Errors
    /// [`TimestampError`] if the text has another form, or if the day or the time does not exist.
    pub fn parse(text: impl Into<String>) -> Result<Self, TimestampError> {
        let text = text.into();
        let valid = match text.split_once('T') {
            Some((date, time)) => is_date(date) && is_time(time),
            None => is_date(&text),
        };
        if valid { Ok(Self(text)) } else { Err(TimestampError) }
    }

    /// Returns the timestamp as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_date(text: &str) -> bool {
    let [Some(year), Some(month), Some(day)] = numbers(text, '-', [4, 2, 2]) else { return false };
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    };
    (1..=12).contains(&month) && (1..=days).contains(&day)
}

/// Returns `true` for `15:00:58` with an optional fraction and an offset.
fn is_time(text: &str) -> bool {
    let Some(offset) = text.find(['Z', '+', '-']) else { return false };
    let (time, offset) = text.split_at(offset);
    let (time, fraction) = time.split_once('.').map_or((time, None), |(time, fraction)| (time, Some(fraction)));
    let is_fraction = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A leap second is the 61st of its minute.
    let is_time = matches!(numbers(time, ':', [2, 2, 2]), [Some(0..=23), Some(0..=59), Some(0..=60)]);
    let is_offset = offset == "Z"
        || offset.get(1..).is_some_and(|offset| matches!(numbers(offset, ':', [2, 2]), [Some(0..=23), Some(0..=59)]));
    is_time && fraction.is_none_or(is_fraction) && is_offset
}

/// Splits a text into numbers with the given counts of digits.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> [Option<u32>; N] {
    let mut parts = text.split(separator);
    let numbers = digits.map(|digits| {
        let part = parts.next()?;
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?
    });
    if parts.next().is_some() { [None; N] } else { numbers }
}

/// The error type of [`Timestamp::parse`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimestampError;

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is not a timestamp of ISO 8601; write one like `2025-01-12T15:00:58Z`")
    }
}

impl std::error::Error for TimestampError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_that_exist() {
        let texts = [
            "2025-01-12",
            "2024-02-29",
            "2000-02-29",
            "2025-01-12T15:00:58Z",
            "2025-12-31T23:59:60.123456Z",
            "2025-01-12T15:00:58-08:00",
            "2025-01-12T15:00:58.5+05:30",
        ];
        for text in texts {
            assert_eq!(Timestamp::parse(text).as_ref().map(Timestamp::as_str), Ok(text));
        }
        let others = [
            "",
            "yesterday",
            "2025",
            "2025-13-01",
            "2025-00-01",
            "2025-02-29",
            "1900-02-29",
            "2025-04-31",
            "2025-1-12",
            "12.01.2025",
            "2025-01-12T15:00:58",
            "2025-01-12 15:00:58Z",
            "2025-01-12T24:00:00Z",
            "2025-01-12T15:00Z",
            "2025-01-12T15:00:58.Z",
            "2025-01-12T15:00:58+24:00",
            "2025-01-12T15:00:58+1",
            "2025-01-12T15:00:58ZZ",
            "+025-01-12",
            "2025-01-12-01",
        ];
        for text in others {
            assert_eq!(Timestamp::parse(text), Err(TimestampError), "{text}");
        }
    }
}
