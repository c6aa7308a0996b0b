//! The results of methods: tools, resources, prompts, completions.

pub(crate) mod completion;
pub(crate) mod failure;
pub(crate) mod finite;
pub(crate) mod meta;
pub(crate) mod prompt;
pub(crate) mod resource;
pub(crate) mod resource_page;
pub(crate) mod tool;
