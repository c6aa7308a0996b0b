//! Calls of methods: their rates, and the errors that methods return, over every transport.

mod errors;
mod leaks;
mod rates;
mod results;
mod sources;
mod verdicts;
