//! The reader as its parent sees it: a process that reads one file and cannot do anything else.
//!
//! A child is this very test program, started again with `SHEAF_READING_CHILD` set, in which only the test `child` does
//! anything.

mod corpus;
mod pdf;
mod process;
mod sandbox;
