//! A row of the table: a measurement and its goal.

use super::rows::{Goal, Row};

pub(crate) struct Finding {
    pub(crate) what: String,
    pub(crate) goal: String,
    pub(crate) measured: String,
    pub(crate) by_hand: String,
    pub(crate) peer: String,
    /// `true` if the goal is met; `None` without a goal.
    pub(crate) met: Option<bool>,
    /// The known reason for a missed goal.
    pub(crate) reason: Option<&'static str>,
}

/// The costs of a row of [`ROWS`](super::rows::ROWS) on each server.
pub(crate) struct RowCosts {
    pub(crate) row: &'static Row,
    pub(crate) ours: f64,
    pub(crate) floor: Option<f64>,
    pub(crate) peer: Option<f64>,
}

impl RowCosts {
    /// Compares the costs with the goal, which may refer to a row of `earlier`.
    pub(crate) fn finding(&self, earlier: &[Self]) -> Finding {
        let row = |what| earlier.iter().find(|other| other.row.what == what).map(|other| other.ours);
        let (most, why) = match self.row.goal {
            Goal::None => (None, String::new()),
            Goal::AtMost(most) => (Some(most), String::new()),
            Goal::TimesFloor(times) => (self.floor.map(|floor| times * floor), format!(" ({times} × by hand)")),
            Goal::TimesRow(times, what) => (row(what).map(|count| times * count), format!(" ({times} × {what})")),
            Goal::AboveRow(more, what) => {
                (row(what).map(|count| count + more), format!(" ({} above {what})", short(more)))
            }
        };
        let price = match self.row.goal {
            Goal::TimesFloor(_) => self.floor.map(|floor| format!(" ({:.2} ×)", self.ours / floor)),
            Goal::AboveRow(_, what) => row(what).map(|count| format!(" ({:+.0})", self.ours - count)),
            _ => None,
        };
        Finding {
            what: format!("{}: {}", self.row.what, self.row.metric.name()),
            goal: most.map(|most| format!("≤ {}{why}", short(most))).unwrap_or_default(),
            measured: short(self.ours) + &price.unwrap_or_default(),
            by_hand: self.floor.map(short).unwrap_or_default(),
            peer: self.peer.map(short).unwrap_or_default(),
            met: most.map(|most| self.ours <= most),
            reason: None,
        }
    }
}

/// Formats a number with three digits: 42, 42.0 k, 4.20 M.
pub(crate) fn short(number: f64) -> String {
    match number {
        _ if number < 1000.0 => format!("{number:.0}"),
        _ if number < 999_950.0 => format!("{:.1} k", number / 1000.0),
        _ => format!("{:.2} M", number / 1_000_000.0),
    }
}

/// Returns the number in the middle, or the lower one of two.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

/// Formats cells as a row of a table.
pub(crate) fn line<T: AsRef<str>>(cells: &[T]) -> String {
    cells.iter().map(|cell| format!("| {} ", cell.as_ref())).collect::<String>() + "|\n"
}

impl Finding {
    pub(crate) const HEAD: [&str; 6] = ["what", "goal", "measured", "by hand", "rmcp", "met"];

    pub(crate) fn cells(&self) -> [&str; 6] {
        let met = match self.met {
            None => "",
            Some(true) => "✓",
            Some(false) => "✗",
        };
        [&self.what, &self.goal, &self.measured, &self.by_hand, &self.peer, met]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_in_every_size() {
        assert_eq!(
            [30.2, 999.9, 36_000.0, 999_960.0, 6_526_316.0].map(short),
            ["30", "1000", "36.0 k", "1.00 M", "6.53 M"]
        );
    }

    #[test]
    fn a_median_is_one_of_the_numbers() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.0);
        assert_eq!(median(vec![1.0]), 1.0);
    }
}
