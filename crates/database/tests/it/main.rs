//! Tests of what other crates cannot see of the database.

mod commits;
