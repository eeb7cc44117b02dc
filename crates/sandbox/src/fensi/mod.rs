//! 粉丝万岁: what it remembers, three calls, the images its QR codes point to, and the push when a user follows.

pub(crate) mod delivery;
mod envelope;
pub(crate) mod follow;
mod middleware;
pub(crate) mod outbox;
pub(crate) mod outgoing;
pub(crate) mod packet;
mod pool;
pub(crate) mod push;
pub(crate) mod qrcode;
pub(crate) mod qrcode_image;
pub(crate) mod scenes_and_cities;
mod signature;
pub(crate) mod state;
