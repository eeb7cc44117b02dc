//! Every store keeps every promise, and the promises can be broken.

use std::sync::Arc;

use weifen_weiting::token::{MemoryStore, token_store_conformance};

#[tokio::test]
async fn the_memory_store_keeps_every_promise() {
    token_store_conformance(|| Arc::new(MemoryStore::new())).await;
}
