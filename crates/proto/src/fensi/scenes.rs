//! 获取所有场景 · /open/commercial/get_scene

use serde::{Deserialize, Serialize};

use super::{SceneId, envelope};
use crate::{Endpoint, NoAnswer, Operation, Parameters, Path, Repeat, Shape, Vendor, decode, lenient};

/// Request for all scenes (场景): the kinds of places where devices stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScenesRequest;

/// A kind of place. It serializes under the wire's names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Scene {
    /// Number of the scene, to be sent with a QR code request.
    pub id: SceneId,
    /// Name of the scene, such as 学校; empty where the vendor gave none.
    #[serde(default, deserialize_with = "lenient::free_text_or_nothing")]
    pub name: String,
}

impl Endpoint for ScenesRequest {
    type Answer = Vec<Scene>;

    const OPERATION: Operation =
        Operation::new(Vendor::Fensi, "scenes", "获取所有场景", Path::Fixed("/open/commercial/get_scene"))
            .in_any_encoding()
            .repeat(Repeat::Safe);

    const DOCUMENTED: Shape = envelope::LIST;

    fn parameters(&self) -> Parameters<'_> {
        Parameters::new()
    }

    fn answer(body: &[u8]) -> Result<Vec<Scene>, NoAnswer> {
        envelope::data(body, &Self::OPERATION).map(|decode::List(scenes)| scenes)
    }
}
