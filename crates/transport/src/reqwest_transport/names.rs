//! The names of a client as reqwest asks for them.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::http_client::Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.clone();
        Box::pin(async move { Ok(Box::new(names.look_up(name.as_str()).await?) as Addrs) })
    }
}
