//! `cargo xtask prose`: the rules of doc comments and pages that a program can check.
//!
//! A doc comment begins with its subject or its verb, and each file begins with one that says what it is for. Tables of
//! the documentation name tests that exist.

mod tables;

use std::fs;

use crate::workspace::{Outcome, Workspace, output};
use tables::Tests;

/// The first words of a doc comment without a subject.
const HEADLESS: &[&str] = &[
    "What", "Who", "Whether", "Why", "Where", "When", "How", "As", "Of", "By which", "The same", "Here", "Nothing",
    "Nobody", "None",
];

/// The comment that is a text for models, and compared by tests.
const SERVED: &str = "/// How many copies to add.";

/// The folders whose files are exempt, with the reason.
const EXEMPT: &[(&str, &str)] = &[
    ("fuzz/targets/src/bin/", "one line each, which names the documented property"),
    ("mcp-macros/snapshots/", "input and output of the macros, compared to the letter"),
    ("tests/ui/", "code of a user with one mistake, which the file's name says"),
];

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut mistakes = Vec::new();
    let mut tests = Tests::default();
    for (file, text) in files(workspace, "*.rs")? {
        tests.add(&file, &text);
        if EXEMPT.iter().any(|(folder, _)| file.starts_with(folder)) {
            continue;
        }
        mistakes.extend(headless(&text).map(|(line, comment)| format!("{file}:{line}: {comment}")));
        if !text.lines().any(|line| line.starts_with("//!")) {
            mistakes.push(format!("{file}: there is no `//!`"));
        }
    }
    for (file, text) in files(workspace, "docs/*.md")? {
        mistakes.extend(tests.faults(&text).into_iter().map(|(line, fault)| format!("{file}:{line}: {fault}")));
    }
    if mistakes.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}\n{} doc comments lack a subject or are missing, or rows of tables name tests that do not exist",
        mistakes.join("\n"),
        mistakes.len()
    ))
}

/// Returns the files of the repository that a pattern matches, with their texts.
fn files(workspace: &Workspace, pattern: &str) -> Outcome<Vec<(String, String)>> {
    let files = output(std::process::Command::new("git").args(["ls-files", pattern]).current_dir(&workspace.root))?;
    let read = |file: &str| {
        let text = fs::read_to_string(workspace.root.join(file)).map_err(|error| format!("{file}: {error}"))?;
        Ok((file.to_owned(), text))
    };
    files.lines().map(read).collect()
}

/// Returns the first line of each doc comment that has no subject, with its number.
fn headless(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_inside = false;
    text.lines().zip(1..).filter_map(move |(line, number)| {
        let line = line.trim_start();
        let comment = ["///", "//!", "#[doc = \""].iter().find_map(|start| line.strip_prefix(start));
        let is_first = comment.is_some() && !is_inside;
        // An attribute can stand between two lines of one comment.
        is_inside = comment.is_some() || (is_inside && line.starts_with("#["));
        (is_first && line != SERVED && comment.is_some_and(has_no_subject)).then_some((number, line))
    })
}

fn has_no_subject(comment: &str) -> bool {
    let comment = comment.trim_start();
    HEADLESS.iter().any(|words| {
        comment.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ',', '.', ':']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_line_of_a_comment_needs_a_subject() {
        let text = [
            "//! Whether it is checked.",
            "//! What follows is not.",
            "",
            "/// A limit.",
            "/// How it works.",
            "#[derive(Debug)]",
            "/// The same.",
            "struct Limit;",
            "    /// The same: again.",
            "    #[doc = \"Nothing here.\"]",
            "    fn asks() {}",
            "#[doc = \"None.\"]",
            "fn whole() {}",
            "// What is no doc comment.",
        ]
        .join("\n");
        let found: Vec<_> = headless(&text).map(|(number, _)| number).collect();
        assert_eq!(found, [1, 9, 12]);
    }
}
