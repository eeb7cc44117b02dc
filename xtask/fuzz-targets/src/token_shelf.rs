//! The content of a token store, as read from its file or server.

use std::time::{Duration, SystemTime};

use weifen_transport::{BaseUrl, Plaintext};
use weifen_weiting::token::TokenKey;
use weifen_weiting::token::store::{Claim, ClaimOutcome, Shelf};

/// Checks for any content: it is no shelf, or one whose every method works at any time, which can be written again,
/// and whose token is not shown.
pub fn token_shelf(data: &[u8]) {
    let Ok(shelf) = serde_json::from_slice::<Shelf>(data) else { return };
    let text = serde_json::to_vec(&shelf).expect("a shelf can be written");
    assert_eq!(serde_json::from_slice::<Shelf>(&text).expect("what was written can be read"), shelf);
    let base = BaseUrl::new("https://m.sh.189.cn", Plaintext::Refused).expect("a base URL");
    let key = TokenKey::new("wx1", &base, &"secret".into());
    for seconds in [0, 1_795_000_000, 300_000_000_000] {
        let mut shelf = shelf.clone();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        shelf.load(&key, now);
        let (life, lease) = (Duration::from_secs(7200), Duration::from_secs(20));
        let claim = Claim { holder: "holder".into(), now, life, lease, daily_limit: 200, replaces: u64::MAX };
        if let ClaimOutcome::Granted(lease) = shelf.claim(&key, &claim) {
            shelf.fail(&key, &lease);
        }
        shelf.reject(&key, u64::MAX);
        shelf.load(&key, now);
    }
}
