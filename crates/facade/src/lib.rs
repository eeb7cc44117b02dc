//! One SDK for 微厅 (weiting) and 粉丝万岁 (fensi): re-exports by feature, configuration, one builder.

pub mod config;
