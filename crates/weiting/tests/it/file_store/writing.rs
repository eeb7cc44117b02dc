//! Files on the disk, before and after a change.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, symlink};
use std::time::Duration;

use serde_json::json;
use weifen_weiting::token::store::ClaimOutcome;
use weifen_weiting::token::{FileStore, TokenStore};

use super::{LIFE, TokenFolder, claim, key, mode, morning, set_mode, text, token, write_next};

#[tokio::test]
async fn a_program_in_another_language_finds_the_token_where_it_is_documented() {
    let folder = TokenFolder::with_a_token().await;
    let file: serde_json::Value = serde_json::from_slice(&folder.bytes()).unwrap();
    assert_eq!(file["format"], 1);
    let expected = json!({
        "access_token": text(1),
        "generation": 1,
        "fetched_at_ms": 1_704_153_600_000_u64,
        "expires_at_ms": 1_704_160_800_000_u64,
    });
    assert_eq!(file["tokens"][key().as_str()]["token"], expected);
    assert_eq!(file["ledgers"], json!({"wx1@one.example": {"2024-01-02": 1}}));
}

#[tokio::test]
async fn what_is_made_is_for_its_owner_alone() {
    let folder = TokenFolder::new();
    let path = folder.beside("made/for/it/token.json");
    write_next(&FileStore::new(&path), morning(), 0).await.unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&folder.beside("made/for/it/token.json.lock")), 0o600);
    assert_eq!(mode(&folder.beside("made/for/it")), 0o700);
    assert_eq!(mode(&folder.beside("made")), 0o700);
}

#[tokio::test]
async fn a_file_that_others_may_read_is_for_its_owner_alone_after_the_next_change() {
    let folder = TokenFolder::with_a_token().await;
    set_mode(&folder.path(), 0o644);
    write_next(&folder.store(), morning(), 1).await.unwrap();
    assert_eq!(mode(&folder.path()), 0o600);
}

#[tokio::test]
async fn a_store_opened_later_goes_on_where_the_first_left_off() {
    let folder = TokenFolder::with_a_token().await;
    let stored = folder.store().load(&key(), morning()).await.unwrap();
    assert_eq!(stored.token.unwrap().generation(), 1);
    assert_eq!(stored.fetches_today, 1);
    assert_eq!(write_next(&folder.store(), morning() + LIFE, 0).await.unwrap(), 2);
}

#[tokio::test]
async fn looking_leaves_nothing_behind() {
    let folder = TokenFolder::new();
    folder.store().load(&key(), morning()).await.unwrap();
    FileStore::new(folder.beside("missing/token.json")).load(&key(), morning()).await.unwrap();
    assert_eq!(folder.names(), [""; 0]);
}

#[tokio::test]
async fn nothing_is_written_where_nothing_changed() {
    let folder = TokenFolder::with_a_token().await;
    let file = || fs::metadata(folder.path()).unwrap().ino();
    let before = (file(), folder.bytes());
    let held = File::open(folder.path()).unwrap();
    let current = folder.store().claim(&key(), &claim(morning(), 0)).await.unwrap();
    assert!(matches!(current, ClaimOutcome::Current(_)), "{current:?}");
    folder.store().reject(&key(), 7).await.unwrap();
    assert_eq!((file(), folder.bytes()), before);
    folder.store().reject(&key(), 1).await.unwrap();
    assert_ne!(file(), before.0);
    drop(held);
}

#[tokio::test]
async fn a_reader_that_opened_the_file_before_a_change_reads_the_old_one_whole() {
    let folder = TokenFolder::with_a_token().await;
    let old = folder.bytes();
    let mut reader = File::open(folder.path()).unwrap();
    write_next(&folder.store(), morning(), 1).await.unwrap();
    let mut read = Vec::new();
    reader.read_to_end(&mut read).unwrap();
    assert_eq!(read, old);
    assert_ne!(folder.bytes(), old);
}

#[tokio::test]
async fn what_a_killed_writer_left_is_replaced_and_no_link_in_its_place_followed() {
    let folder = TokenFolder::with_a_token().await;
    fs::write(folder.beside(".token.json.new"), "{\"format\": 1, \"tok").unwrap();
    write_next(&folder.store(), morning(), 1).await.unwrap();
    fs::write(folder.beside("victim"), "untouched").unwrap();
    symlink(folder.beside("victim"), folder.beside(".token.json.new")).unwrap();
    write_next(&folder.store(), morning() + Duration::from_secs(600), 2).await.unwrap();
    assert_eq!(fs::read(folder.beside("victim")).unwrap(), b"untouched");
    assert_eq!(folder.names(), ["token.json", "token.json.lock", "victim"]);
}

#[tokio::test]
async fn a_change_that_was_begun_is_made_though_its_caller_gives_up() {
    let folder = TokenFolder::with_a_token().await;
    let lock = File::open(folder.beside("token.json.lock")).unwrap();
    lock.lock().unwrap();
    let store = folder.store();
    let abandoned = tokio::spawn(async move { store.reject(&key(), 1).await });
    // The change has begun when its task waits for a lock, which this test holds.
    tokio::task::yield_now().await;
    abandoned.abort();
    assert!(abandoned.await.unwrap_err().is_cancelled());
    lock.unlock().unwrap();
    while folder.store().load(&key(), morning()).await.unwrap().token.is_some() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn of_many_stores_in_one_process_one_gets_the_right() {
    let folder = TokenFolder::new();
    let claims = (0..10).map(|_| {
        let store = folder.store();
        tokio::spawn(async move { store.claim(&key(), &claim(morning(), 0)).await.unwrap() })
    });
    let mut granted = 0;
    for claimed in claims.collect::<Vec<_>>() {
        granted += usize::from(matches!(claimed.await.unwrap(), ClaimOutcome::Granted(_)));
    }
    assert_eq!(granted, 1);
}

/// The last millisecond of the year 9999.
const LAST_MOMENT: u64 = 253_402_300_799_999;

#[tokio::test]
async fn the_largest_numbers_that_a_file_can_hold_do_no_harm() {
    let folder = TokenFolder::new();
    let store = folder.store();
    let ClaimOutcome::Granted(lease) = store.claim(&key(), &claim(morning(), 0)).await.unwrap() else {
        panic!("the first claim was not granted");
    };
    store.save(&key(), &lease, &token(&lease, morning())).await.unwrap();
    store.reject(&key(), 1).await.unwrap();
    let mut file: serde_json::Value = serde_json::from_slice(&folder.bytes()).unwrap();
    let slot = &mut file["tokens"][key().as_str()];
    slot["granted"] = u64::MAX.into();
    slot["brake"] = json!({"setbacks": u32::MAX, "last_fetch_at_ms": LAST_MOMENT, "spread_until_ms": LAST_MOMENT});
    slot["lease"] = json!({"holder": "x", "generation": u64::MAX, "until_ms": LAST_MOMENT, "lasts_ms": u64::MAX});
    fs::write(folder.path(), file.to_string()).unwrap();

    let stored = store.load(&key(), morning()).await.unwrap();
    assert_eq!(stored.fetches_today, 1);
    // A lease of years bars nobody.
    let claimed = store.claim(&key(), &claim(morning(), 0)).await.unwrap();
    assert!(matches!(claimed, ClaimOutcome::Granted(_)), "{claimed:?}");
    file["tokens"][key().as_str()]["lease"] = serde_json::Value::Null;
    fs::write(folder.path(), file.to_string()).unwrap();
    let claimed = store.claim(&key(), &claim(morning() + LIFE, 0)).await.unwrap();
    let ClaimOutcome::Granted(lease) = claimed else { panic!("{claimed:?}") };
    assert_eq!(lease.generation, u64::MAX);
    store.fail(&key(), &lease).await.unwrap();
}
