//! 通过OPENID获取微信绑定用户信息 · GET, at a path that the vendor does not document

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::{Deserialize, Deserializer, Serialize};

use super::envelope::{self, Zero};
use super::{DeviceNo, Openid, time};
use crate::{
    Encoding, Endpoint, Field, NoAnswer, Operation, Parameters, Path, RefusalKind, Repeat, Shape, Vendor, decode,
    lenient,
};

/// Request for a user and the devices that they have bound in 微厅.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundUserRequest {
    openid: Openid,
}

impl BoundUserRequest {
    /// Creates a request for the user `openid`.
    pub fn new(openid: Openid) -> Self {
        Self { openid }
    }
}

/// A user of 微厅 and their bound devices. It serializes under the wire's names.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BoundUser {
    /// Number of the record at the vendor.
    #[serde(rename = "_id", default, deserialize_with = "lenient::free_text")]
    pub id: Option<String>,
    /// The user.
    pub openid: Openid,
    /// Name of the user in WeChat.
    #[serde(default, deserialize_with = "lenient::free_text")]
    pub nickname: Option<String>,
    /// URL of the user's picture.
    #[serde(rename = "headimg", default, deserialize_with = "lenient::free_text")]
    pub portrait_url: Option<String>,
    /// Version of the record in the vendor's database.
    #[serde(rename = "__v", default, deserialize_with = "lenient::free_integer")]
    pub version: Option<i64>,
    /// Time of the record's last change.
    #[serde(rename = "updateAt", default, with = "time::instant")]
    pub updated_at: Option<Timestamp>,
    /// Time of the record's creation.
    #[serde(rename = "createAt", default, with = "time::instant")]
    pub created_at: Option<Timestamp>,
    /// Slots of the user's account list, in the vendor's order, empty ones included. A user without a list has none
    /// (assumed).
    #[serde(rename = "accounts", default, deserialize_with = "slots")]
    pub slots: Vec<AccountSlot>,
}

impl BoundUser {
    /// Returns the bound devices: the slots that are not empty.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.slots.iter().filter_map(|slot| match slot {
            AccountSlot::Bound(account) => Some(account),
            AccountSlot::Empty { .. } => None,
        })
    }
}

impl fmt::Debug for BoundUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundUser").field("openid", &self.openid).field("slots", &self.slots).finish_non_exhaustive()
    }
}

fn slots<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<AccountSlot>, D::Error> {
    decode::List::deserialize(deserializer).map(|list| list.0)
}

/// Slot of the account list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, from = "WireSlot")]
pub enum AccountSlot {
    /// A bound device.
    Bound(Account),
    /// A slot that holds only its `sort` (documented).
    Empty {
        /// `sort`: a string of digits (documented, unexplained).
        #[serde(skip_serializing_if = "Option::is_none")]
        sort: Option<String>,
    },
}

/// A device that a user has bound.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Account {
    /// Number of the device.
    #[serde(rename = "deviceno")]
    pub device_no: DeviceNo,
    /// Kind of the device, in the vendor's words: 手机, 固话.
    #[serde(rename = "devicename")]
    pub device_name: Option<String>,
    /// Time of the binding, in Beijing's civil time.
    #[serde(rename = "bindtime", with = "time::civil")]
    pub bound_at: Option<DateTime>,
    /// The vendor's second field of the same meaning (unexplained).
    #[serde(rename = "bindtdate", with = "time::civil")]
    pub bind_date: Option<DateTime>,
    /// `bpn`: the vendor's number for the customer (unexplained).
    pub bpn: Option<String>,
    /// `sort`: a string of digits (documented, unexplained).
    pub sort: Option<String>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("device_name", &self.device_name)
            .field("bound_at", &self.bound_at)
            .finish_non_exhaustive()
    }
}

/// A slot on the wire: one with a device number is bound, one without is empty.
#[derive(Deserialize)]
struct WireSlot {
    #[serde(default, deserialize_with = "lenient::optional_text")]
    deviceno: Option<String>,
    #[serde(default, deserialize_with = "lenient::free_text")]
    devicename: Option<String>,
    #[serde(default, with = "time::civil")]
    bindtime: Option<DateTime>,
    #[serde(default, with = "time::civil")]
    bindtdate: Option<DateTime>,
    #[serde(default, deserialize_with = "lenient::free_text")]
    bpn: Option<String>,
    #[serde(default, deserialize_with = "lenient::free_text")]
    sort: Option<String>,
}

impl From<WireSlot> for AccountSlot {
    fn from(slot: WireSlot) -> Self {
        match slot.deviceno {
            None => Self::Empty { sort: slot.sort },
            Some(device_no) => Self::Bound(Account {
                device_no: DeviceNo::of_vendor(device_no),
                device_name: slot.devicename,
                bound_at: slot.bindtime,
                bind_date: slot.bindtdate,
                bpn: slot.bpn,
                sort: slot.sort,
            }),
        }
    }
}

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "flag")]
    _flag: Zero,
    #[serde(deserialize_with = "decode::object")]
    result: BoundUser,
}

/// Shape of an answer's `result`, by the vendor's example; an empty slot has only its place.
const USER: Shape = Shape::Object(&[
    Field::text("_id"),
    Field::text("openid"),
    Field::text("nickname"),
    Field::text("headimg"),
    Field::integer("__v"),
    Field::new("updateAt", Shape::TextLike(time::instant::is_written)),
    Field::new("createAt", Shape::TextLike(time::instant::is_written)),
    Field::new("accounts", Shape::Array(&SLOT)),
]);

const SLOT: Shape = Shape::Object(&[
    Field::text("deviceno").or_absent(),
    Field::text("devicename").or_absent(),
    Field::new("bindtime", Shape::TextLike(time::civil::is_written)).or_absent(),
    Field::new("bindtdate", Shape::TextLike(time::civil::is_written)).or_absent(),
    Field::text("bpn").or_absent(),
    Field::text("sort"),
]);

impl Endpoint for BoundUserRequest {
    type Answer = BoundUser;

    const OPERATION: Operation =
        Operation::new(Vendor::Weiting, "bound_user", "通过OPENID获取微信绑定用户信息", Path::Configured("user_path"))
            .encoded(Encoding::Query)
            .repeat(Repeat::Safe);

    const PARAMETERS: &'static [&'static str] = &["openid"];

    const DOCUMENTED: Shape = Shape::Object(&[Field::integer("flag"), Field::new("result", USER)]);

    fn parameters(&self) -> Parameters<'_> {
        Parameters::new().text("openid", self.openid.as_str())
    }

    fn answer(body: &[u8]) -> Result<BoundUser, NoAnswer> {
        let reply: Reply = envelope::read(body, &Self::OPERATION, Self::REFUSALS, RefusalKind::Unexplained)?;
        Ok(reply.result)
    }
}
