//! Tests of the fit, and of the limits of its work.

use std::collections::HashMap;

use serde::Deserialize;

use super::problems::MAX_PROBLEMS;
use super::*;
use crate::server::Argument;
use crate::server::declare::parameter::Parameter;

/// The steps that were taken beyond one for each part, and the problems.
fn fitted<T: schemars::JsonSchema + for<'de> Deserialize<'de> + 'static>(
    text: &str,
    is_lenient: bool,
) -> (usize, Problems) {
    let parameter: &'static Parameter = Box::leak(Box::new(Parameter::new("p", T::TYPE)));
    let shapes = Shapes::new(std::iter::once(parameter));
    let raw: &serde_json::value::RawValue = serde_json::from_str(text).expect("JSON");
    let mut json = Json::of(raw).expect("names that are texts");
    let mut fitter = Fitter {
        shapes: &shapes,
        is_lenient,
        steps_left: MAX_STEPS,
        is_given_up: false,
        texts: 0,
        problems: Problems::default(),
    };
    fitter.fit(shapes.parameter(0).expect("a parameter"), &mut json, &Path::Argument("p"));
    (MAX_STEPS - fitter.steps_left, fitter.problems)
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum Many {
    Number(f64),
    List(Vec<Many>),
    Map(HashMap<String, Many>),
    Member { a: Box<Many> },
}

#[test]
fn a_path_is_written_for_no_more_problems_than_are_kept() {
    let text = format!(r#"{{"{}":[{}-1]}}"#, "n".repeat(10_000), "-1,".repeat(9_999));
    let (steps, problems) = fitted::<HashMap<String, Vec<u32>>>(&text, false);
    // One for each number, and three for each path.
    assert_eq!((steps, problems.list.len()), (10_002 + 3 * MAX_PROBLEMS, MAX_PROBLEMS));
    assert_eq!(problems.misfits, 10_000);
    assert!(problems.list.iter().all(|problem| problem.message.len() < 256));
}

#[test]
fn the_work_on_a_type_with_several_forms_has_an_end() {
    let nested = |text: &str| format!("{}{text}{}", r#"{"a":"#.repeat(30), "}".repeat(30));
    let text = nested("true");
    let (steps, problems) = fitted::<Many>(&text, false);
    assert_eq!(steps, MAX_STEPS);
    assert!(problems.has_violation);
    assert!(fitted::<Many>(&nested("1"), false).1.list.is_empty());
}

#[test]
fn texts_in_a_text_nest_no_deeper_than_one() {
    let nested = |text: &str| format!("{}{text}{}", r#"{"a":"#.repeat(100), "}".repeat(100));
    let inner = mcp_core::json_string(&nested("1")).to_string();
    let (_, problems) = fitted::<HashMap<String, Many>>(&nested(&inner), true);
    assert!(problems.misfits > 0);
    let (_, problems) = fitted::<Many>(&mcp_core::json_string(&nested("1")).to_string(), true);
    assert_eq!(problems.misfits, 0);
}

#[test]
fn a_violation_is_never_crowded_out() {
    let mut problems = Problems::default();
    let mut push = |cause| {
        if problems.count(cause) {
            problems.list.push(Problem { path: "p".to_owned(), message: "wrong".to_owned(), cause });
        }
        problems.list.len()
    };
    assert_eq!((0..200).map(|_| push(Cause::Type)).last(), Some(MAX_PROBLEMS));
    assert_eq!(push(Cause::Limit), MAX_PROBLEMS + 1);
    assert_eq!(push(Cause::Limit), MAX_PROBLEMS + 1);
    assert_eq!(problems.misfits, 200);
}
