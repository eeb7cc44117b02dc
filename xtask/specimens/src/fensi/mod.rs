//! 粉丝万岁.

pub(crate) mod cities;
pub(crate) mod qrcode;
pub(crate) mod scenes;
