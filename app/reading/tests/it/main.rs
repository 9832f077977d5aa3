//! The reader as its parent sees it: a process that reads one file and cannot do anything else.
//!
//! A child is this very test program, started again with `SHEAF_READING_CHILD` set, in which only the test `child` does
//! anything.

#![expect(clippy::print_stderr, reason = "a test that skips says so, and the corpus is told file by file")]

mod corpus;
mod pdf;
mod process;
mod sandbox;
