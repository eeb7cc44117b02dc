//! The table of keys: whatever is said of a key anywhere comes from its row.

use super::key::Kind::{
    Address, BaseUrl, Boolean, Database, Integer, Networks, Number, Path, Secret, SecretFile, Text, Texts, TokenStore,
    Url, UrlPath, Word, Words,
};
use super::key::Preset::{self, Empty};
use super::key::{Key, Kind, Section};

/// The sections of the file.
pub(super) const SECTIONS: [Section; 7] = [
    Section {
        name: "weiting",
        doc: "The client of 微厅 and the lifetime of its `access_token`.",
        zh: "微厅的客户端，以及 `access_token` 的生命周期。",
        repeats: false,
    },
    Section { name: "fensi", doc: "The client of 粉丝万岁.", zh: "粉丝万岁的客户端。", repeats: false },
    Section {
        name: "http", doc: "Outgoing calls and deliveries.", zh: "接口调用和投递怎么发出去。", repeats: false
    },
    Section {
        name: "serve",
        doc: "The receiver of pushes, its inbox, and the deliveries: `weifen serve`.",
        zh: "推送的接收端、收件箱和投递：`weifen serve`。",
        repeats: false,
    },
    Section {
        name: "api",
        doc: "The HTTP API of `weifen serve`, for programs in any language.",
        zh: "`weifen serve` 的 HTTP API，任何语言的程序都能用。",
        repeats: false,
    },
    Section {
        name: "api.idempotency",
        doc: "Stored answers for repeated requests with the same `Idempotency-Key`.",
        zh: "同一个 `Idempotency-Key` 再次请求时返回的应答。",
        repeats: false,
    },
    Section {
        name: "api.callers",
        doc: "A program that may use the API: one table per program. Only the file can contain these tables; \
            environment variables cannot set them.",
        zh: "可以使用 API 的程序，每个程序一张表。只能写在文件里，不能用环境变量设。",
        repeats: true,
    },
];

/// Every key.
pub(super) static KEYS: [Key; 53] = [
    Key {
        name: "weiting.base_url",
        kind: BaseUrl,
        default: Preset::Text("https://m.sh.189.cn"),
        doc: "The vendor's address. The document has only `http://m.sh.189.cn`; https is an assumption.",
        zh: "平台的地址。文档只写了 `http://m.sh.189.cn`；支持 https 是假设。",
    },
    Key {
        name: "weiting.appid",
        kind: Text,
        default: NOT_SET,
        doc: "The appid that 微厅 gave you.",
        zh: "微厅分配的 appid。",
    },
    Key {
        name: "weiting.secret",
        kind: Secret,
        default: NOT_SET,
        doc: "The secret of the appid. Better in a file: `secret_file`. Only one of the two may be set.",
        zh: "appid 的密钥。最好放在文件里：`secret_file`。两者只能设一个。",
    },
    Key {
        name: "weiting.secret_file",
        kind: SecretFile,
        default: NOT_SET,
        doc: "The file of the appid's secret; `-` reads stdin.",
        zh: "appid 密钥所在的文件；`-` 表示从 stdin 读。",
    },
    Key {
        name: "weiting.plaintext",
        kind: Boolean,
        default: Preset::Boolean(false),
        doc: "Allows plain http to another machine: others can read appid, secret and token on the network.",
        zh: "允许用明文 http 访问别的机器：途中能看到 appid、密钥和 token。",
    },
    Key {
        name: "weiting.user_path",
        kind: UrlPath,
        default: Preset::None("`weifen weiting user` fails", "`weifen weiting user` 会失败"),
        doc: "The path of 通过OPENID获取微信绑定用户信息. The vendor does not document it.",
        zh: "通过OPENID获取微信绑定用户信息的路径。平台文档没有写。",
    },
    Key {
        name: "weiting.encoding",
        kind: Word(&["form", "json"]),
        default: Preset::Text("form"),
        doc: "The body's encoding of the operations whose encoding is not documented: 微信基本授权, 获取openid, 中奖结果通知模板接口. The default is assumed.",
        zh: "文档没写请求体编码的接口用哪种编码：微信基本授权、获取openid、中奖结果通知模板接口。默认值是假设。",
    },
    Key {
        name: "weiting.token_store",
        kind: TokenStore,
        default: Preset::None(
            "the command line uses `file:$XDG_STATE_HOME/weifen/token.json`, the libraries `memory`",
            "命令行用 `file:$XDG_STATE_HOME/weifen/token.json`，库用 `memory`",
        ),
        doc: "The token store, which keeps the token and counts its fetches for all programs that share it: \
            `memory`, `file:PATH` (the processes of a machine) or `redis://…` (machines; `rediss://…` over TLS).",
        zh: "token 存在哪里、获取次数记在哪里，由共用它的程序共享：`memory`、`file:PATH`（一台机器上的进程）或 `redis://…`（多台机器；`rediss://…` 走 TLS）。",
    },
    Key {
        name: "weiting.token_life_s",
        kind: Integer { least: 1, most: 604_800, unit: "seconds" },
        default: Preset::Integer(7200),
        doc: "Lifetime of a token (documented).",
        zh: "token 的有效期（文档写明）。",
    },
    Key {
        name: "weiting.refresh_before_s",
        kind: Integer { least: 0, most: 604_800, unit: "seconds" },
        default: Preset::Integer(300),
        doc: "Time before its expiry at which a token is renewed. Less than `token_life_s`.",
        zh: "在到期前多久续期。要小于 `token_life_s`。",
    },
    Key {
        name: "weiting.daily_limit",
        kind: Integer { least: 1, most: 1_000_000, unit: "fetches" },
        default: Preset::Integer(200),
        doc: "Maximum number of token fetches per day (Beijing time). The vendor documents a limit, but no number: \
            the default is an assumption.",
        zh: "每天最多获取多少个 token（按北京时间）。平台文档说有上限，没给数字：默认值是假设。",
    },
    Key {
        name: "fensi.base_url",
        kind: BaseUrl,
        default: Preset::Text("https://api.fensiwansui.com"),
        doc: "The vendor's address (documented), or that of a white-label host, with its path.",
        zh: "平台的地址（文档写明），或贴牌域名的地址，连同路径。",
    },
    Key {
        name: "fensi.develop_appid",
        kind: Text,
        default: NOT_SET,
        doc: "The developer's appid at 粉丝万岁. Pushes for another appid are not ours.",
        zh: "粉丝万岁的开发者 appid。发给别的开发者的推送不属于我方。",
    },
    Key {
        name: "fensi.app_secret",
        kind: Secret,
        default: NOT_SET,
        doc: "The secret that signs calls. Better in a file: `app_secret_file`. Only one of the two may be set.",
        zh: "给接口调用签名的密钥。最好放在文件里：`app_secret_file`。两者只能设一个。",
    },
    Key {
        name: "fensi.app_secret_file",
        kind: SecretFile,
        default: NOT_SET,
        doc: "The file of the secret that signs calls; `-` reads stdin.",
        zh: "签名密钥所在的文件；`-` 表示从 stdin 读。",
    },
    Key {
        name: "fensi.key",
        kind: Text,
        default: NOT_SET,
        doc: "The key of the device for which QR codes are requested.",
        zh: "获取公众号二维码所用的设备 key。",
    },
    Key {
        name: "fensi.encoding",
        kind: Word(&["json", "form", "get"]),
        default: Preset::Text("json"),
        doc: "Encoding of the parameters: `json` and `form` by POST, `get` in the query. The server was observed to \
            accept all three; the default is an assumption.",
        zh: "参数怎么发送：`json` 和 `form` 用 POST，`get` 放在查询串里。观察到平台三种都认；默认值是假设。",
    },
    Key {
        name: "fensi.plaintext",
        kind: Boolean,
        default: Preset::Boolean(false),
        doc: "Allows plain http to another machine: others can read a signed call and send it again.",
        zh: "允许用明文 http 访问别的机器：别人能看到签过名的调用，并重发一次。",
    },
    Key {
        name: "http.timeout_s",
        kind: Integer { least: 1, most: 3600, unit: "seconds" },
        default: Preset::Integer(10),
        doc: "Timeout of a whole call, retries included. The flag `--timeout` overrides this key.",
        zh: "一次调用的总时限，包括重试。命令行参数 `--timeout` 会覆盖它。",
    },
    Key {
        name: "http.connect_timeout_s",
        kind: Integer { least: 1, most: 3600, unit: "seconds" },
        default: Preset::Integer(3),
        doc: "Timeout for opening a connection.",
        zh: "建立连接的时限。",
    },
    Key {
        name: "http.body_cap",
        kind: Integer { least: 1024, most: 1 << 30, unit: "bytes" },
        default: Preset::Integer(1 << 20),
        doc: "Maximum size of an answer, after decompression.",
        zh: "最多读多长的应答，按解压后计。",
    },
    Key {
        name: "http.proxy",
        kind: Url,
        default: Preset::None("no proxy; the environment's proxies are not used", "不用代理；也不读环境变量里的代理"),
        doc: "The proxy of calls and deliveries, http or https.",
        zh: "接口调用和投递所用的代理，http 或 https。",
    },
    Key {
        name: "http.ca_file",
        kind: Path,
        default: Preset::None("the machine's certificates, else Mozilla's", "系统的证书，没有则用 Mozilla 的"),
        doc: "Certificates to trust instead of the machine's, as PEM: for the vendors, the receiver of deliveries \
            and `rediss://`.",
        zh: "取代系统自带证书的信任证书，PEM 格式：用于平台、接收投递的程序和 `rediss://`。",
    },
    Key {
        name: "serve.listen",
        kind: Address,
        default: Preset::Text("127.0.0.1:8320"),
        doc: "The listener for pushes. Put a TLS proxy in front of it.",
        zh: "接收推送的监听地址。请在前面加 TLS。",
    },
    Key {
        name: "serve.admin_listen",
        kind: Address,
        default: Preset::Text("127.0.0.1:8321"),
        doc: "The listener for `/healthz`, `/readyz` and `/metrics`. Do not expose it to the internet.",
        zh: "提供 `/healthz`、`/readyz`、`/metrics` 的监听地址。不要暴露到公网。",
    },
    Key {
        name: "serve.database",
        kind: Database,
        default: Preset::Text("sqlite:inbox.db"),
        doc: "The database of pushes: `sqlite:PATH` (one machine) or `postgres://…` (several).",
        zh: "推送存在哪里：`sqlite:PATH`（单机）或 `postgres://…`（多台机器）。",
    },
    Key {
        name: "serve.push_secret_file",
        kind: SecretFile,
        default: Preset::None(
            "no pushes are received; without `api.listen`, `weifen serve` does not start",
            "不接收推送；`api.listen` 也没设时，`weifen serve` 不启动",
        ),
        doc: "The file of the secrets in the push address, `/push/SECRET`: one per line, at most two, each of 128 \
            bits (22 base64url or 32 hex characters). `weifen secret push` prints one.",
        zh: "推送地址 `/push/SECRET` 里的密钥所在的文件：每行一个，最多两个，每个 128 位（22 个 base64url 字符或 32 个十六进制字符）。用 `weifen secret push` 生成。",
    },
    Key {
        name: "serve.keys",
        kind: Texts,
        default: Empty(
            "`fensi.key`; without it, pushes for every device are accepted",
            "`fensi.key`；也没设时，所有设备都算我方的",
        ),
        doc: "The keys of your devices. A push for another device goes to quarantine.",
        zh: "我方设备的 key。发给别的设备的推送进隔离区。",
    },
    Key {
        name: "serve.unsolicited",
        kind: Word(&["hold", "pay", "drop"]),
        default: Preset::Text("hold"),
        doc: "Treatment of a push that no booking expects: `hold` keeps it until a person releases it, `pay` \
            delivers it, `drop` discards it.",
        zh: "没有登记对应的推送怎么办：`hold` 挂起，等人工放行；`pay` 照常投递；`drop` 丢弃。",
    },
    Key {
        name: "serve.second_follow",
        kind: Word(&["ignore", "per_state"]),
        default: Preset::Text("ignore"),
        doc: "Treatment of a push when a user follows an account again: `ignore` counts it as a copy, `per_state` \
            makes it a separate event if its `state` differs.",
        zh: "用户再次关注同一个公众号怎么办：`ignore` 算重复推送；`per_state` 在 `state` 不同时算另一个事件。",
    },
    Key {
        name: "serve.undecodable_status",
        kind: Number(&[200, 400]),
        default: Preset::Integer(200),
        doc: "The HTTP status of the answer to a push that goes to quarantine.",
        zh: "进隔离区的推送，应答什么 HTTP 状态码。",
    },
    Key {
        name: "serve.quarantine_mib",
        kind: Integer { least: 1, most: 1 << 20, unit: "MiB" },
        default: Preset::Integer(64),
        doc: "Maximum size of quarantine and held events together. Beyond it, a push that would be quarantined or \
            held is not stored and is answered with 503.",
        zh: "隔离区和挂起的事件合计最多占多少。超出后，会进这两处的推送不再存储，应答 503。",
    },
    Key {
        name: "serve.quarantine_rate",
        kind: Integer { least: 1, most: 1_000_000, unit: "pushes a minute" },
        default: Preset::Integer(60_000),
        doc: "Maximum number of pushes per minute from one sender's address that are quarantined or held. Further \
            ones are not stored and are answered with 429.",
        zh: "单个来源地址每分钟最多让多少条推送进隔离区或挂起。超出的不存储，应答 429。",
    },
    Key {
        name: "serve.allow_ips",
        kind: Networks,
        default: Empty("from anywhere", "不限来源"),
        doc: "The networks that pushes may come from.",
        zh: "允许从哪些网络推送。",
    },
    Key {
        name: "serve.trusted_proxies",
        kind: Networks,
        default: Empty("none", "无"),
        doc: "The proxies whose `X-Forwarded-For` or `Forwarded` is trusted, for `allow_ips`.",
        zh: "信任哪些代理给出的 `X-Forwarded-For` 或 `Forwarded`，用于 `allow_ips`。",
    },
    Key {
        name: "serve.deliver_url",
        kind: Url,
        default: Preset::None("events are stored and wait", "事件保存下来等待"),
        doc: "The URL to which events are posted. Needs `deliver_secret_file`.",
        zh: "事件投递到哪里。要和 `deliver_secret_file` 一起设。",
    },
    Key {
        name: "serve.deliver_secret_file",
        kind: SecretFile,
        default: NOT_SET,
        doc: "The file of the secret that signs deliveries: `whsec_` and 16 bytes or more in base64, as Standard \
            Webhooks says. `weifen secret deliver` prints one.",
        zh: "投递签名密钥所在的文件：`whsec_` 加至少 16 字节的 base64，符合 Standard Webhooks。用 `weifen secret deliver` 生成。",
    },
    Key {
        name: "serve.deliver_timeout_s",
        kind: Integer { least: 1, most: 3600, unit: "seconds" },
        default: Preset::Integer(10),
        doc: "Timeout of one delivery. Less than `lease_s`; if not set, at most half of a lease of 10 s or less.",
        zh: "一次投递的时限。要小于 `lease_s`；没有设、而租约不超过 10 秒时，最多取租约的一半。",
    },
    Key {
        name: "serve.deliver_public_only",
        kind: Boolean,
        default: Preset::Boolean(false),
        doc: "Delivers to public addresses only, checked after each DNS lookup. Cannot be combined with `http.proxy`.",
        zh: "只投递到公网地址，每次解析域名后判断。不能和 `http.proxy` 一起用。",
    },
    Key {
        name: "serve.lease_s",
        kind: Integer { least: 1, most: 86_400, unit: "seconds" },
        default: Preset::Integer(30),
        doc: "Lease of an event: the time for which one worker may hold it. If the worker dies, the event is \
            delivered again after its lease.",
        zh: "一个 worker 最多占用事件多久。worker 死了，到期后事件重新投递。",
    },
    Key {
        name: "serve.give_up_after_s",
        kind: Integer { least: 1, most: 31_536_000, unit: "seconds" },
        default: Preset::Integer(259_200),
        doc: "Time after an event's first failed delivery at which the event is dead; never before its twelfth \
            attempt.",
        zh: "事件持续失败多久成为死信，从第一次失败算起；至少投递十二次。",
    },
    Key {
        name: "serve.max_attempts",
        kind: Integer { least: 0, most: 1000, unit: "attempts" },
        default: Preset::Integer(0),
        doc: "Number of failed deliveries after which an event is dead, however short the time; 0 for no limit.",
        zh: "失败多少次成为死信，不论时间多短；0 表示不限次数。",
    },
    Key {
        name: "serve.backoff_base_ms",
        kind: Integer { least: 1, most: 3_600_000, unit: "milliseconds" },
        default: Preset::Integer(500),
        doc: "The backoff after the first failed delivery. It doubles with each further failure, up to one hour.",
        zh: "第一次投递失败后等多久。之后每次翻倍，最长一小时。",
    },
    Key {
        name: "serve.drain_s",
        kind: Integer { least: 0, most: 3600, unit: "seconds" },
        default: Preset::Integer(10),
        doc: "Time for which a stopping server waits for requests and deliveries that are running.",
        zh: "服务停止时，等手头的工作多久。",
    },
    Key {
        name: "serve.core_dumps",
        kind: Boolean,
        default: Preset::Boolean(false),
        doc: "Allows core files after a crash, and debuggers of the same user. Both expose the server's memory, \
            which contains secrets.",
        zh: "允许崩溃时把内存写成 core 文件，也允许同一用户的调试器读内存。内存里有密钥。",
    },
    Key {
        name: "api.listen",
        kind: Address,
        default: Preset::None("the API is off", "不启用 API"),
        doc: "The listener for the HTTP API, such as `127.0.0.1:8322`. Needs at least one caller. The API is plain \
            http: put a TLS proxy in front of it if other machines can reach it.",
        zh: "HTTP API 的监听地址，例如 `127.0.0.1:8322`。至少要有一个调用方。它是明文 http：别的机器能访问时，请在前面加 TLS。",
    },
    Key {
        name: "api.origins",
        kind: Texts,
        default: Empty("none", "无"),
        doc: "Web pages that may ask a browser for the status of a booking, such as `https://shop.example`: scheme, host and port.",
        zh: "哪些网页可以在浏览器里查询登记的状态，例如 `https://shop.example`：协议、主机和端口。",
    },
    Key {
        name: "api.max_waiters",
        kind: Integer { least: 0, most: 100_000, unit: "requests" },
        default: Preset::Integer(10_000),
        doc: "Maximum number of requests that wait for a booking or a delivery at the same time. Further ones are \
            answered at once.",
        zh: "最多允许多少个请求同时等待登记的变化或投递。超出的立即应答。",
    },
    Key {
        name: "api.idempotency.keep_h",
        kind: Integer { least: 1, most: 9600, unit: "hours" },
        default: Preset::Integer(24),
        doc: "Time for which the answer to a call is stored and given again for the same `Idempotency-Key`. After \
            it, such a call is answered with 409 `key_expired`, and nothing is sent.",
        zh: "同一个 `Idempotency-Key` 的应答保留多久。过期后再次请求返回 409 `key_expired`，什么都不会发出。",
    },
    Key {
        name: "api.callers.name",
        kind: Text,
        default: NOT_SET,
        doc: "The caller's name in the log: up to 64 letters, digits, `-` and `_`. Its `Idempotency-Key`s belong to this name: a renamed caller's repeated requests are sent again.",
        zh: "调用方在日志里的名字：最多 64 个字母、数字、`-` 和 `_`。它的 `Idempotency-Key` 归这个名字所有：改名之后，重发的请求会再次发出。",
    },
    Key {
        name: "api.callers.key_file",
        kind: SecretFile,
        default: NOT_SET,
        doc: "The file of the caller's key, which it sends as `Authorization: Bearer KEY`: 32 or more visible \
            characters. Two lines are two keys that both work, so that a key can be changed without downtime.",
        zh: "调用方的 API key 所在的文件，调用方用 `Authorization: Bearer KEY` 发送：至少 32 个可见字符。两行就是两个同时有效的 key，更换时不用停机。",
    },
    Key {
        name: "api.callers.scopes",
        kind: Words(&["weiting", "fensi", "token", "inbox:read", "inbox:write", "bookings", "deliveries", "calls"]),
        default: Empty("none: every call is answered with 403", "无，所有调用都应答 403"),
        doc: "What the caller may do: call `weiting` or `fensi`, read 微厅's `token`, read (`inbox:read`) or change (`inbox:write`) the inbox; of the last, only book QR codes (`bookings`), or only claim deliveries (`deliveries`); of the first two, only look up its calls (`calls`).",
        zh: "调用方可以做什么：调用 `weiting` 或 `fensi`，读取微厅的 `token`，读取（`inbox:read`）或修改（`inbox:write`）收件箱；只登记二维码的话，用 `bookings`；只领取投递的话，用 `deliveries`；只查自己的调用结果，用 `calls`。",
    },
    Key {
        name: "api.callers.rate",
        kind: Integer { least: 1, most: 1_000_000, unit: "requests a second" },
        default: Preset::None("no limit", "不限"),
        doc: "Maximum rate of the caller's requests; at once, twice that. Further ones are answered with 429.",
        zh: "调用方每秒最多多少个请求；瞬时最多两倍。超出的应答 429。",
    },
];

const NOT_SET: Preset = Preset::None("not set", "未设置");

/// The row of `name`, which is one of the table's.
pub(super) fn row(name: &str) -> &'static Key {
    find(name).unwrap_or_else(|| unreachable!("{name} is read and stands in no row of the table"))
}

/// The row of `name`, if it is a key.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The keys that have one value: all but those of sections that repeat.
pub(super) fn single() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(|key| section(key.section()).is_some_and(|section| !section.repeats))
}

/// The section of this name, if there is one.
pub(super) fn section(name: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.name == name)
}

/// The keys of one section.
pub(super) fn of_section(section: &str) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(move |key| key.section() == section)
}

/// The keys that name the file of a secret.
pub(super) fn secret_files() -> impl Iterator<Item = &'static str> {
    KEYS.iter().filter(|key| matches!(key.kind, Kind::SecretFile)).map(|key| key.name)
}

/// Both forms of each secret that may be given as text: the text's key and the file's.
pub(super) fn two_forms() -> impl Iterator<Item = (&'static str, &'static str)> {
    let texts = KEYS.iter().filter(|key| matches!(key.kind, Kind::Secret)).map(|key| key.name);
    texts.filter_map(|text| Some((text, find(&format!("{text}_file"))?.name)))
}
