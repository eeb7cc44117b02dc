//! The reference page docs/zh/configuration.md.

use super::reference::{default, page};
use crate::config::key::{Key, Kind};

const HEAD: &str = "\
# 配置

[English](../configuration.md)

`weifen` 命令和 `weifen` 这个 crate 读同一个文件 `weifen.toml`：`--config` 或 `WEIFEN_CONFIG` 指定的文件，
没有指定则读 `./weifen.toml`（如果有）。
`./weifen.toml` 的属主不是当前用户或 root，或者别人可写，就拒绝读取；确实要用，请明确指定它。
优先级从低到高：默认值、文件、环境变量、命令行参数。

- **环境变量**：`WEIFEN_SECTION_KEY`，例如 `WEIFEN_HTTP_TIMEOUT_S=5`。列表用逗号分隔。
- **路径**：文件里的路径相对于文件所在目录，其他的相对于当前目录。
- **密钥**请放在权限为 0600 的文件里；文件末尾的换行会去掉，`-` 表示从 stdin 读。
- **空文本**（`key = \"\"`）等于没设，仍用优先级更低的值。
- **写错就报错**：不认识的配置项、类型不对、超出范围、文件不存在。

| 想要 | 运行 |
|---|---|
| 一份可以改的配置文件 | `weifen config example > weifen.toml` |
| 检查文件写得对不对 | `weifen config check` |
| 让编辑器标出错误 | `weifen config schema > weifen.schema.json`，并在文件第一行写 `#:schema weifen.schema.json`（taplo 和用它的编辑器） |
| 知道每个值来自哪里 | `weifen doctor`、`weifen doctor --json` |
";

/// Each unit of a number, and its Chinese name.
const UNITS: [(&str, &str); 10] = [
    ("seconds", "秒"),
    ("milliseconds", "毫秒"),
    ("hours", "小时"),
    ("bytes", "字节"),
    ("MiB", "MiB"),
    ("fetches", "次"),
    ("attempts", "次"),
    ("requests", "个"),
    ("requests a second", "请求数/秒"),
    ("pushes a minute", "推送条数/分钟"),
];

/// The reference page of all keys in Chinese, in Markdown.
pub fn reference_in_chinese() -> String {
    let cells = |key: &Key| [value(&key.kind), default(key, key.without_in_chinese()), key.zh.to_owned()];
    page(HEAD, "| 配置项 | 值 | 默认 | 含义 |", |section| section.zh, cells)
}

fn value(kind: &Kind) -> String {
    match kind {
        Kind::Text | Kind::Path | Kind::Secret | Kind::SecretFile => "带引号的文本".to_owned(),
        Kind::Word(words) => format!("{} 之一", words.join("、")),
        Kind::Integer { least, most, unit } => format!("{least} 到 {most} 的整数（{}）", chinese(unit)),
        Kind::Number(numbers) => numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" 或 "),
        Kind::Boolean => "true 或 false".to_owned(),
        Kind::Texts => "文本的列表".to_owned(),
        Kind::Words(words) => format!("列表，从 {} 中选", words.join("、")),
        Kind::Networks => "IP 地址或网段的列表，例如 192.0.2.0/24".to_owned(),
        Kind::BaseUrl => "http 或 https 的 URL，不含用户、查询串和片段，例如 https://example.com".to_owned(),
        Kind::Url => "http 或 https 的 URL".to_owned(),
        Kind::UrlPath => "以 / 开头的路径，已做百分号编码，没有查询串".to_owned(),
        Kind::Address => "IP 地址和端口，例如 127.0.0.1:8320".to_owned(),
        Kind::TokenStore => "memory、file:PATH 或 redis://HOST".to_owned(),
        Kind::Database => "sqlite:PATH 或 postgres://HOST/DATABASE".to_owned(),
    }
}

fn chinese(unit: &'static str) -> &'static str {
    UNITS.iter().find(|(english, _)| *english == unit).map_or(unit, |(_, chinese)| chinese)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keys::KEYS;

    #[test]
    fn each_unit_has_a_chinese_name() {
        for unit in KEYS.iter().filter_map(|key| key.kind.unit()) {
            assert!(UNITS.iter().any(|(english, _)| *english == unit), "{unit} is missing in UNITS");
        }
    }
}
