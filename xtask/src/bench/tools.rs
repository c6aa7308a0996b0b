//! The programs that measure, checked before the first measurement.

use std::env;
use std::fs;

use super::crowd::FILES;
use crate::workspace::Outcome;

/// A program, and the Debian package that has it.
type Tool = (&'static str, &'static str);

const TO_COUNT: &[Tool] = &[("valgrind", "valgrind"), ("kill", "procps")];

const FOR_A_CROWD: &[Tool] = &[("prlimit", "util-linux")];

const FOR_THE_REST: &[Tool] = &[("strace", "strace"), ("wrk", "wrk"), ("taskset", "util-linux"), ("strip", "binutils")];

/// Checks for the tools that count instructions and allocations.
pub(crate) fn can_count() -> Outcome {
    said(&missing(TO_COUNT))
}

/// Checks for the tools and the open files of many clients at once.
pub(crate) fn can_crowd() -> Outcome {
    said(&missing_for_a_crowd()?)
}

/// Checks for the tools of all measurements.
pub(crate) fn can_measure() -> Outcome {
    let mut missing = missing(TO_COUNT);
    missing.extend(missing_for_a_crowd()?);
    missing.extend(self::missing(FOR_THE_REST));
    said(&missing)
}

fn missing_for_a_crowd() -> Outcome<Vec<String>> {
    let mut missing = missing(FOR_A_CROWD);
    let limits = fs::read_to_string("/proc/self/limits")
        .map_err(|error| format!("to measure, this needs Linux: /proc/self/limits: {error}"))?;
    // A process may raise its own limit up to the hard one.
    if let Some(files) = hard_limit_of_files(&limits).filter(|files| *files < FILES) {
        missing.push(format!("{FILES} open files, and the hard limit is {files} (`ulimit -Hn {FILES}`, as root)"));
    }
    Ok(missing)
}

fn missing(tools: &[Tool]) -> Vec<String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let is_there = |program| env::split_paths(&path).any(|folder| folder.join(program).is_file());
    let missing = tools.iter().filter(|(program, _)| !is_there(program));
    missing.map(|(program, package)| format!("{program} (Debian: `apt install {package}`)")).collect()
}

/// Reads the hard limit of open files; `None` without a limit.
fn hard_limit_of_files(limits: &str) -> Option<usize> {
    limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().nth(1))?.parse().ok()
}

fn said(missing: &[String]) -> Outcome {
    if missing.is_empty() { Ok(()) } else { Err(format!("to measure, this needs:\n{}", missing.join("\n"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_its_package() {
        assert_eq!(
            said(&missing(&[("no-such-program", "no-such-package"), ("sh", "dash")])),
            Err("to measure, this needs:\nno-such-program (Debian: `apt install no-such-package`)".to_owned())
        );
        assert_eq!(said(&missing(&[("sh", "dash")])), Ok(()));
    }

    #[test]
    fn the_limit_of_files_is_the_hard_one() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max processes             100                  200                  processes \n\
                      Max open files            1024                 4096                 files     \n";
        assert_eq!(hard_limit_of_files(limits), Some(4096));
        assert_eq!(
            hard_limit_of_files("Max open files            1024                 unlimited            files\n"),
            None
        );
    }
}
