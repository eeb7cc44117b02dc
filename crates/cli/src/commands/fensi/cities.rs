//! `weifen fensi cities` · 获取所有城市

use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Report, table};

pub(crate) async fn run(clients: &Clients) -> Result<Report, Failure> {
    let cities = clients.fensi()?.cities().await?;
    let people = table(["city", "name"], cities.iter().map(|city| [city.id.to_string(), city.name.clone()]));
    Report::of("cities", &cities, people)
}
