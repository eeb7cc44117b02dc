//! Every store keeps every promise, and the promises can be broken.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use weifen_weiting::token::{FileStore, MemoryStore, token_store_conformance};

#[tokio::test]
async fn the_memory_store_keeps_every_promise() {
    token_store_conformance(|| Arc::new(MemoryStore::new())).await;
}

#[tokio::test]
async fn the_file_store_keeps_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    let number = AtomicUsize::new(0);
    token_store_conformance(|| {
        let number = number.fetch_add(1, Ordering::Relaxed);
        Arc::new(FileStore::new(folder.path().join(format!("{number}/token.json"))))
    })
    .await;
}
