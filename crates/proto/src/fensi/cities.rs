//! 获取所有城市 · /open/commercial/get_city

use serde::{Deserialize, Serialize};

use super::{CityId, envelope};
use crate::{Endpoint, NoAnswer, Operation, Parameters, Path, Repeat, Shape, Vendor, decode, lenient};

/// Request for all cities that the platform knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CitiesRequest;

/// A city. It serializes under the wire's names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct City {
    /// Number of the city, which QR codes carry as `city_code`.
    pub id: CityId,
    /// Name of the city, such as 北京市; empty where the vendor gave none.
    #[serde(default, deserialize_with = "lenient::free_text_or_nothing")]
    pub name: String,
}

impl Endpoint for CitiesRequest {
    type Answer = Vec<City>;

    const OPERATION: Operation =
        Operation::new(Vendor::Fensi, "cities", "获取所有城市", Path::Fixed("/open/commercial/get_city"))
            .in_any_encoding()
            .repeat(Repeat::Safe);

    const DOCUMENTED: Shape = envelope::LIST;

    fn parameters(&self) -> Parameters<'_> {
        Parameters::new()
    }

    fn answer(body: &[u8]) -> Result<Vec<City>, NoAnswer> {
        envelope::data(body, &Self::OPERATION).map(|decode::List(cities)| cities)
    }
}
