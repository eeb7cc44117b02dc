//! Pages that are made from the table of keys: an example, a schema for editors, a reference page.

mod example;
mod reference;
mod schema;

pub use example::example;
pub use reference::reference;
pub use schema::schema;
