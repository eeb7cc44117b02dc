//! The table of keys: whatever is said of a key anywhere comes from its row.

use super::key::Kind::{
    Address, BaseUrl, Boolean, Database, Integer, Networks, Number, Path, Secret, SecretFile, Text, Texts, TokenStore,
    Url, UrlPath, Word, Words,
};
use super::key::Preset::{self, Empty};
use super::key::{Key, Kind, Section};

/// The sections of the file.
pub(super) const SECTIONS: [Section; 6] = [
    Section { name: "weiting", doc: "The client of 微厅 and the life of its `access_token`.", repeats: false },
    Section { name: "fensi", doc: "The client of 粉丝万岁.", repeats: false },
    Section { name: "http", doc: "How calls and deliveries go out.", repeats: false },
    Section {
        name: "serve",
        doc: "The receiver of pushes, its inbox, and the deliveries: `weifen serve`.",
        repeats: false,
    },
    Section { name: "api", doc: "The HTTP API of `weifen serve`, for programs in any language.", repeats: false },
    Section {
        name: "api.callers",
        doc: "A program that may use the API: one table for each. They stand in the file alone, and no variable sets them.",
        repeats: true,
    },
];

/// Every key.
pub(super) static KEYS: [Key; 52] = [
    Key {
        name: "weiting.base_url",
        kind: BaseUrl,
        default: Preset::Text("https://m.sh.189.cn"),
        doc: "The vendor's address. The document names `http://m.sh.189.cn` alone; that https works is assumed.",
    },
    Key { name: "weiting.appid", kind: Text, default: NOT_SET, doc: "The appid that 微厅 gave you." },
    Key {
        name: "weiting.secret",
        kind: Secret,
        default: NOT_SET,
        doc: "The secret of the appid. Better in a file: `secret_file`. Only one of the two may be set.",
    },
    Key {
        name: "weiting.secret_file",
        kind: SecretFile,
        default: NOT_SET,
        doc: "The file of the appid's secret; `-` reads stdin.",
    },
    Key {
        name: "weiting.plaintext",
        kind: Boolean,
        default: Preset::Boolean(false),
        doc: "Allows plain http to another machine: appid, secret and token can be read on the way.",
    },
    Key {
        name: "weiting.user_path",
        kind: UrlPath,
        default: Preset::None("`weifen weiting user` fails"),
        doc: "The path of 通过OPENID获取微信绑定用户信息. The vendor documents none.",
    },
    Key {
        name: "weiting.encoding",
        kind: Word(&["form", "json"]),
        default: Preset::Text("form"),
        doc: "The body's encoding of the operations whose encoding is not documented: 微信基本授权, 获取openid, 中奖结果通知模板接口. The default is assumed.",
    },
    Key {
        name: "weiting.token_store",
        kind: TokenStore,
        default: Preset::None("the command line uses `file:$XDG_STATE_HOME/weifen/token.json`, the libraries `memory`"),
        doc: "Where the token is kept and its fetches are counted, for all who share it: `memory`, `file:PATH` (the processes of a machine) or `redis://…` (machines; `rediss://…` over TLS).",
    },
    Key {
        name: "weiting.token_life_s",
        kind: Integer { least: 1, most: 604_800, unit: "seconds" },
        default: Preset::Integer(7200),
        doc: "How long a token is valid (documented).",
    },
    Key {
        name: "weiting.refresh_before_s",
        kind: Integer { least: 0, most: 604_800, unit: "seconds" },
        default: Preset::Integer(300),
        doc: "How long before its end a token is renewed. Less than `token_life_s`.",
    },
    Key {
        name: "weiting.daily_limit",
        kind: Integer { least: 1, most: 1_000_000, unit: "fetches" },
        default: Preset::Integer(200),
        doc: "How many tokens may be fetched a day (Beijing time). The vendor documents that there is a limit, and no number: the default is assumed.",
    },
    Key {
        name: "fensi.base_url",
        kind: BaseUrl,
        default: Preset::Text("https://api.fensiwansui.com"),
        doc: "The vendor's address (documented), or that of a white-label host, with its path.",
    },
    Key {
        name: "fensi.develop_appid",
        kind: Text,
        default: NOT_SET,
        doc: "The developer's appid at 粉丝万岁. Pushes for another one are not ours.",
    },
    Key {
        name: "fensi.app_secret",
        kind: Secret,
        default: NOT_SET,
        doc: "The secret that signs calls. Better in a file: `app_secret_file`. Only one of the two may be set.",
    },
    Key {
        name: "fensi.app_secret_file",
        kind: SecretFile,
        default: NOT_SET,
        doc: "The file of the secret that signs calls; `-` reads stdin.",
    },
    Key { name: "fensi.key", kind: Text, default: NOT_SET, doc: "The key of the device that QR codes are asked for." },
    Key {
        name: "fensi.encoding",
        kind: Word(&["json", "form", "get"]),
        default: Preset::Text("json"),
        doc: "How parameters travel: `json` and `form` by POST, `get` in the query. The server is observed to understand all three; the default is assumed.",
    },
    Key {
        name: "fensi.plaintext",
        kind: Boolean,
        default: Preset::Boolean(false),
        doc: "Allows plain http to another machine: a signed call can be read and sent again by others.",
    },
    Key {
        name: "http.timeout_s",
        kind: Integer { least: 1, most: 3600, unit: "seconds" },
        default: Preset::Integer(10),
        doc: "The time of a whole call, its repetitions included. The flag `--timeout` sets it.",
    },
    Key {
        name: "http.connect_timeout_s",
        kind: Integer { least: 1, most: 3600, unit: "seconds" },
        default: Preset::Integer(3),
        doc: "The time until a connection stands.",
    },
    Key {
        name: "http.body_cap",
        kind: Integer { least: 1024, most: 1 << 30, unit: "bytes" },
        default: Preset::Integer(1 << 20),
        doc: "The longest answer that is read, after decompression.",
    },
    Key {
        name: "http.proxy",
        kind: Url,
        default: Preset::None("no proxy; those of the environment are not used"),
        doc: "The proxy of calls and deliveries, http or https.",
    },
    Key {
        name: "http.ca_file",
        kind: Path,
        default: Preset::None("the machine's certificates, else Mozilla's"),
        doc: "Certificates to trust in the place of the machine's, as PEM: for the vendors, the receiver of deliveries and `rediss://`.",
    },
    Key {
        name: "serve.listen",
        kind: Address,
        default: Preset::Text("127.0.0.1:8320"),
        doc: "Where pushes arrive. Put TLS before it.",
    },
    Key {
        name: "serve.admin_listen",
        kind: Address,
        default: Preset::Text("127.0.0.1:8321"),
        doc: "Where `/healthz`, `/readyz` and `/metrics` are served. Not for the internet.",
    },
    Key {
        name: "serve.database",
        kind: Database,
        default: Preset::Text("sqlite:inbox.db"),
        doc: "Where pushes are stored: `sqlite:PATH` (one machine) or `postgres://…` (several).",
    },
    Key {
        name: "serve.push_secret_file",
        kind: SecretFile,
        default: Preset::None("no pushes are taken; without `api.listen`, `weifen serve` does not start"),
        doc: "The file of the secret in the path that pushes are sent to, `/push/SECRET`: one a line, two at most, each of 128 bits (22 base64url or 32 hex characters). `weifen secret push` makes one.",
    },
    Key {
        name: "serve.keys",
        kind: Texts,
        default: Empty("`fensi.key`; without that, any device is ours"),
        doc: "The keys of the devices that are ours. A push for another one goes to quarantine.",
    },
    Key {
        name: "serve.unsolicited",
        kind: Word(&["hold", "pay", "drop"]),
        default: Preset::Text("hold"),
        doc: "What happens to a push that no booking asked for: `hold` keeps it until a person releases it, `pay` delivers it, `drop` forgets it.",
    },
    Key {
        name: "serve.second_follow",
        kind: Word(&["ignore", "per_state"]),
        default: Preset::Text("ignore"),
        doc: "What happens when a user follows an account again: `ignore` counts it as a copy, `per_state` makes it an event of its own where its `state` is another.",
    },
    Key {
        name: "serve.undecodable_status",
        kind: Number(&[200, 400]),
        default: Preset::Integer(200),
        doc: "The HTTP status that answers what goes to quarantine.",
    },
    Key {
        name: "serve.quarantine_mib",
        kind: Integer { least: 1, most: 1 << 20, unit: "MiB" },
        default: Preset::Integer(64),
        doc: "How much quarantine and held events may take together. What comes beyond it, and would be one of these, is not stored and answered with 503.",
    },
    Key {
        name: "serve.quarantine_rate",
        kind: Integer { least: 1, most: 1_000_000, unit: "pushes a minute" },
        default: Preset::Integer(60_000),
        doc: "How many pushes a minute one sender's address may bring into quarantine or held. Those beyond are not stored and answered with 429.",
    },
    Key {
        name: "serve.allow_ips",
        kind: Networks,
        default: Empty("from anywhere"),
        doc: "The networks that pushes may come from.",
    },
    Key {
        name: "serve.trusted_proxies",
        kind: Networks,
        default: Empty("none"),
        doc: "The proxies whose `X-Forwarded-For` or `Forwarded` is believed, for `allow_ips`.",
    },
    Key {
        name: "serve.deliver_url",
        kind: Url,
        default: Preset::None("events are kept and wait"),
        doc: "Where events are posted to. Goes together with `deliver_secret_file`.",
    },
    Key {
        name: "serve.deliver_secret_file",
        kind: SecretFile,
        default: NOT_SET,
        doc: "The file of the secret that signs deliveries: `whsec_` and 16 bytes or more in base64, as Standard Webhooks says. `weifen secret deliver` makes one.",
    },
    Key {
        name: "serve.deliver_timeout_s",
        kind: Integer { least: 1, most: 3600, unit: "seconds" },
        default: Preset::Integer(10),
        doc: "The time of one delivery. Less than `lease_s`: where it is not set, at most half of a lease of 10 s or less.",
    },
    Key {
        name: "serve.deliver_public_only",
        kind: Boolean,
        default: Preset::Boolean(false),
        doc: "Delivers to public addresses only, judged after each look-up of the name. Excludes `http.proxy`.",
    },
    Key {
        name: "serve.lease_s",
        kind: Integer { least: 1, most: 86_400, unit: "seconds" },
        default: Preset::Integer(30),
        doc: "How long one worker may hold an event. The event of a worker that died is delivered again after it.",
    },
    Key {
        name: "serve.give_up_after_s",
        kind: Integer { least: 1, most: 31_536_000, unit: "seconds" },
        default: Preset::Integer(259_200),
        doc: "How long an event's deliveries may fail before it is dead, from the first failure on; never before its twelfth attempt.",
    },
    Key {
        name: "serve.max_attempts",
        kind: Integer { least: 0, most: 1000, unit: "attempts" },
        default: Preset::Integer(0),
        doc: "How many deliveries may fail before an event is dead, however short the time; 0 for no such bound.",
    },
    Key {
        name: "serve.backoff_base_ms",
        kind: Integer { least: 1, most: 3_600_000, unit: "milliseconds" },
        default: Preset::Integer(500),
        doc: "The wait after the first failed delivery. It doubles with each that follows, up to an hour.",
    },
    Key {
        name: "serve.drain_s",
        kind: Integer { least: 0, most: 3600, unit: "seconds" },
        default: Preset::Integer(10),
        doc: "How long a server that ends waits for what it has begun.",
    },
    Key {
        name: "serve.core_dumps",
        kind: Boolean,
        default: Preset::Boolean(false),
        doc: "Lets a crash leave the server's memory in a file, and the user's debuggers read it. It holds secrets.",
    },
    Key {
        name: "api.listen",
        kind: Address,
        default: Preset::None("the API is off"),
        doc: "Where the API is served, such as `127.0.0.1:8322`. It needs a caller. It is plain http: put TLS before it where others than this machine reach it.",
    },
    Key {
        name: "api.origins",
        kind: Texts,
        default: Empty("none"),
        doc: "Web pages that may ask a browser for the status of a booking, such as `https://shop.example`: scheme, host and port.",
    },
    Key {
        name: "api.max_waiters",
        kind: Integer { least: 0, most: 100_000, unit: "requests" },
        default: Preset::Integer(10_000),
        doc: "Number of requests that may wait for a booking at once. Those beyond are answered at once.",
    },
    Key {
        name: "api.callers.name",
        kind: Text,
        default: NOT_SET,
        doc: "The caller's name in the log: up to 64 letters, digits, `-` and `_`.",
    },
    Key {
        name: "api.callers.key_file",
        kind: SecretFile,
        default: NOT_SET,
        doc: "The file of the caller's key, which it sends as `Authorization: Bearer KEY`: 32 or more visible characters. Two lines are two keys that both work, to change them without a gap.",
    },
    Key {
        name: "api.callers.scopes",
        kind: Words(&["weiting", "fensi", "token", "inbox:read", "inbox:write", "bookings"]),
        default: Empty("none, so that every call is answered with 403"),
        doc: "What the caller may do: call `weiting` or `fensi`, read 微厅's `token`, read (`inbox:read`) or change (`inbox:write`) the inbox; of the last, only book QR codes (`bookings`).",
    },
    Key {
        name: "api.callers.rate",
        kind: Integer { least: 1, most: 1_000_000, unit: "requests a second" },
        default: Preset::None("no limit"),
        doc: "How many requests the caller may make; at once, twice that. Those beyond are answered with 429.",
    },
];

const NOT_SET: Preset = Preset::None("not set");

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
