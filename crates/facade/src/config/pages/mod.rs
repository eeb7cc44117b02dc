//! Pages that are made from the table of keys: an example, a schema for editors, a reference page in two languages.

mod chinese;
mod example;
mod reference;
mod schema;

pub use chinese::reference_in_chinese;
pub use example::example;
pub use reference::reference;
pub use schema::schema;
