//! The operations of 粉丝万岁 (fensi), a fan-acquisition platform: one file each.

use crate::Entry;

mod cities;
mod envelope;
mod identifiers;
mod push;
mod qrcode;
mod scenes;

pub use cities::{CitiesRequest, City};
pub use envelope::COMMON_REFUSALS;
pub use identifiers::{
    AuthOpenId, CityId, Fen, Reference, SceneId, Sex, VerificationCode, check_identifier, check_state,
};
pub use push::Push;
pub use qrcode::{Expiry, Qrcode, QrcodeRequest};
pub use scenes::{Scene, ScenesRequest};

/// Every operation.
pub const OPERATIONS: &[Entry] =
    &[Entry::of::<QrcodeRequest>(), Entry::of::<ScenesRequest>(), Entry::of::<CitiesRequest>()];
