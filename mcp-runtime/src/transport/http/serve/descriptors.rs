//! The number of connections that the file descriptors of the process allow.

/// The most connections by default.
const MOST: usize = 10_000;

/// The connections where the number of descriptors is unknown.
const UNKNOWN: usize = 256;

/// Returns the default limit of connections: 80 % of the descriptors, because files and other sockets need some, too.
pub(super) fn default_connections() -> usize {
    // Only Linux has this file.
    std::fs::read_to_string("/proc/self/limits").ok().and_then(|limits| connections(&limits)).unwrap_or(UNKNOWN)
}

/// Reads the soft limit of open files.
fn connections(limits: &str) -> Option<usize> {
    let row = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match row.split_whitespace().next()? {
        "unlimited" => Some(MOST),
        number => number.parse().ok().map(|number: usize| (number - number.div_ceil(5)).clamp(1, MOST)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_the_descriptors_is_left() {
        let limits = |soft: &str| {
            format!(
                "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            {soft}                 524288               files     \n"
            )
        };
        for (soft, expected) in [
            ("1024", Some(819)),
            ("20", Some(16)),
            ("1", Some(1)),
            ("1048576", Some(10_000)),
            ("18446744073709551615", Some(10_000)),
            ("unlimited", Some(10_000)),
            ("many", None),
        ] {
            assert_eq!(connections(&limits(soft)), expected, "{soft}");
        }
        assert_eq!(connections(""), None);
    }
}
