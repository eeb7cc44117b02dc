//! The operations of 粉丝万岁 (fensi), a fan-acquisition platform: one file each.

mod cities;
mod envelope;
mod identifiers;
mod push;
mod qrcode;
mod scenes;

pub use cities::{Cities, City};
pub use identifiers::{AuthOpenId, CityId, Fen, SceneId, Sex, VerificationCode};
pub use push::Push;
pub use qrcode::{Expiry, Qrcode, QrcodeRequest};
pub use scenes::{Scene, Scenes};
