//! `weifen fensi scenes` · 获取所有场景

use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Report, table};

pub(crate) async fn run(clients: &Clients) -> Result<Report, Failure> {
    let scenes = clients.fensi()?.scenes().await?;
    let people = table(["scene", "name"], scenes.iter().map(|scene| [scene.id.to_string(), scene.name.clone()]));
    Report::of("scenes", &scenes, people)
}
