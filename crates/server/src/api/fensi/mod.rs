//! The operations of 粉丝万岁.

pub(super) mod cities;
pub(super) mod qrcode;
pub(super) mod scenes;
