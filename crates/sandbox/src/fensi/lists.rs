//! 获取所有场景 · `/open/commercial/get_scene` and 获取所有城市 · `/open/commercial/get_city`, by any method

use serde_json::{Value, json};

use super::{signed, success};
use crate::{
    exchange::{Method, Operation, Reply},
    parameters::Call,
};

pub(super) static SCENES: Operation = Operation {
    vendor: "fensi",
    name: "scenes",
    page: false,
    method: Method::Any,
    path: "/open/commercial/get_scene",
    answer: |_, call| answer(call, &["学校", "药店", "餐饮", "影院", "商场", "超市", "医疗机构", "母婴店", "其他"]),
};

pub(super) static CITIES: Operation = Operation {
    vendor: "fensi",
    name: "cities",
    page: false,
    method: Method::Any,
    path: "/open/commercial/get_city",
    answer: |_, call| answer(call, &["北京市", "天津市", "石家庄市", "唐山市"]),
};

fn answer(call: &Call, names: &[&str]) -> Result<Reply, Reply> {
    signed::check(call)?;
    let numbered = names.iter().zip(1..).map(|(name, id): (_, u32)| json!({ "id": id, "name": name }));
    Ok(success(&Value::Array(numbered.collect())))
}
