//! 获取所有场景 · `/open/commercial/get_scene` and 获取所有城市 · `/open/commercial/get_city`, by any method

use serde_json::{Value, json};

use super::{envelope::success, middleware};
use crate::{
    operation::Operation,
    wire::{parameters::Call, reply::Reply},
    world::World,
};

pub(crate) static SCENES: Operation = Operation::fensi("scenes", "/open/commercial/get_scene", scenes);
pub(crate) static CITIES: Operation = Operation::fensi("cities", "/open/commercial/get_city", cities);

/// The documented scenes.
const SCENE_NAMES: [&str; 9] = ["学校", "药店", "餐饮", "影院", "商场", "超市", "医疗机构", "母婴店", "其他"];

/// The scenes of a white-label host (observed).
#[rustfmt::skip]
const SCENES_OF_WHITE_LABEL: [&str; 19] = [
    "学校", "药店", "餐饮", "电影院", "购物中心", "超市", "医疗机构", "母婴店", "其他", "机场",
    "高铁站", "休闲娱乐", "生活服务", "汽车行业", "公共场所", "交通出行", "酒店", "教育", "金融",
];

fn scenes(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    answer(call, if world.options.white_label { &SCENES_OF_WHITE_LABEL } else { &SCENE_NAMES })
}

fn cities(_: &mut World, call: &Call) -> Result<Reply, Reply> {
    answer(call, &["北京市", "天津市", "石家庄市", "唐山市"])
}

fn answer(call: &Call, names: &[&str]) -> Result<Reply, Reply> {
    middleware::check(call)?;
    let numbered = names.iter().zip(1..).map(|(name, id): (_, u32)| json!({ "id": id, "name": name }));
    Ok(success(&Value::Array(numbered.collect())))
}
