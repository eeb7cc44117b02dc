//! The official accounts that look for followers, and how one is matched to a user.

use serde::Serialize;

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Sex {
    Any,
    Male,
    Female,
}

#[derive(Serialize)]
pub(super) struct Account {
    pub(super) appid: &'static str,
    pub(super) appname: &'static str,
    /// Price of a follower for the account's owner, in fen.
    pub(super) bid: u32,
    pub(super) sex: Sex,
    pub(super) scenes: &'static [u32],
    /// The owner's money left, in fen.
    pub(super) budget: u32,
    /// The code that a follower must type before the push goes out.
    pub(super) verification_code: Option<&'static str>,
    /// No QR code can be made for it: 50002.
    pub(super) broken: bool,
    /// Offered only to calls that name its scene.
    pub(super) by_scene_only: bool,
}

impl Account {
    pub(super) fn can_pay(&self) -> bool {
        self.budget >= self.bid
    }
}

/// The pool at the start. Scene 7 has an account without budget, scene 8 a broken one; beyond 19 there are no scenes.
pub(super) fn accounts() -> Vec<Account> {
    let account = |appid, appname, bid, sex, scenes| Account {
        appid,
        appname,
        bid,
        sex,
        scenes,
        budget: 10_000_000,
        verification_code: None,
        broken: false,
        by_scene_only: false,
    };
    vec![
        account("wx3cc413efaf3b1922", "七彩东莞", 3, Sex::Any, &[1, 2, 3, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]),
        account("wxsandboxmale000004", "沙盒影院", 60, Sex::Male, &[4]),
        account("wxsandboxfemale0005", "沙盒商场", 75, Sex::Female, &[5]),
        Account {
            verification_code: Some("6688"), ..account("wxsandboxverify0006", "沙盒超市", 80, Sex::Any, &[6])
        },
        Account {
            budget: 0, by_scene_only: true, ..account("wxsandboxbroke00007", "沙盒诊所", 50, Sex::Any, &[7])
        },
        Account {
            broken: true, by_scene_only: true, ..account("wxsandboxbroken0008", "沙盒母婴", 50, Sex::Any, &[8])
        },
    ]
}

/// The account that a call looks for.
pub(super) struct Wanted {
    /// Of the user; `Any` narrows nothing.
    pub(super) sex: Sex,
    pub(super) scene: Option<u32>,
}

impl Wanted {
    fn fits(&self, account: &Account) -> bool {
        let sex = self.sex == Sex::Any || account.sex == Sex::Any || account.sex == self.sex;
        let scene = self.scene.map_or(!account.by_scene_only, |scene| account.scenes.contains(&scene));
        sex && scene
    }
}

pub(super) enum Match<'a> {
    Account(&'a Account),
    NoBudget,
    Broken,
    Nothing,
}

/// The first account of the pool that fits and can be had; else why the first that fits can't.
pub(super) fn find<'a>(accounts: &'a [Account], wanted: &Wanted, followed: impl Fn(&str) -> bool) -> Match<'a> {
    let fitting = || accounts.iter().filter(|account| wanted.fits(account) && !followed(account.appid));
    match fitting().find(|account| account.can_pay() && !account.broken).or_else(|| fitting().next()) {
        None => Match::Nothing,
        Some(account) if account.broken => Match::Broken,
        Some(account) if !account.can_pay() => Match::NoBudget,
        Some(account) => Match::Account(account),
    }
}
