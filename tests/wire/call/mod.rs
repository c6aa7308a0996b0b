//! Calls of methods: the errors that methods return, in every kind of method and over every transport.

mod errors;
mod leaks;
mod sources;
mod verdicts;
