//! 获取所有场景 · `/open/commercial/get_scene` and 获取所有城市 · `/open/commercial/get_city`, by any method

use serde_json::{Value, json};

use super::{signed, success};
use crate::{
    exchange::{Method, Operation, Reply, Vendor},
    parameters::Call,
};

pub(super) static SCENES: Operation = Operation {
    vendor: Vendor::Fensi,
    name: "scenes",
    page: false,
    method: Method::Any,
    path: "/open/commercial/get_scene",
    answer: |world, call| answer(call, if world.settings.white_label { &SCENES_OF_WHITE_LABEL } else { &SCENE_NAMES }),
};

/// The documented scenes.
const SCENE_NAMES: [&str; 9] = ["学校", "药店", "餐饮", "影院", "商场", "超市", "医疗机构", "母婴店", "其他"];

/// The scenes of a white-label host (observed).
#[rustfmt::skip]
const SCENES_OF_WHITE_LABEL: [&str; 19] = [
    "学校", "药店", "餐饮", "电影院", "购物中心", "超市", "医疗机构", "母婴店", "其他", "机场",
    "高铁站", "休闲娱乐", "生活服务", "汽车行业", "公共场所", "交通出行", "酒店", "教育", "金融",
];

pub(super) static CITIES: Operation = Operation {
    vendor: Vendor::Fensi,
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
