//! A token store of your own: one row of a database (here a text in memory), read, changed and written back in one
//! transaction. `Shelf` has the rules; the conformance tests show that the transactions work.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use weifen_weiting::token::store::{Claim, ClaimOutcome, Lease, SaveOutcome, Shelf, Stored};
use weifen_weiting::token::{Token, TokenKey, TokenStore, token_store_conformance};
use weifen_weiting::transport::{StoreError, StoreErrorKind, async_trait};

/// The row; its lock stands for the transaction.
#[derive(Debug, Default)]
struct Row(Mutex<String>);

impl Row {
    fn change<T>(&self, work: impl FnOnce(&mut Shelf) -> T) -> Result<T, StoreError> {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut content = match text.as_str() {
            "" => Shelf::default(),
            text => serde_json::from_str(text).map_err(unusable)?,
        };
        let outcome = work(&mut content);
        *text = serde_json::to_string(&content).map_err(unusable)?;
        Ok(outcome)
    }
}

/// The store error for a damaged row. The message of serde_json may quote the token and is left out.
fn unusable(_: serde_json::Error) -> StoreError {
    StoreError::new("the table `tokens`", StoreErrorKind::Unusable, std::io::Error::other("its row is no shelf"))
}

#[async_trait]
impl TokenStore for Row {
    async fn load(&self, key: &TokenKey, now: SystemTime) -> Result<Stored, StoreError> {
        self.change(|shelf| shelf.load(key, now))
    }

    async fn claim(&self, key: &TokenKey, claim: &Claim) -> Result<ClaimOutcome, StoreError> {
        self.change(|shelf| shelf.claim(key, claim))
    }

    async fn save(&self, key: &TokenKey, lease: &Lease, token: &Token) -> Result<SaveOutcome, StoreError> {
        self.change(|shelf| shelf.save(key, lease, token))
    }

    async fn fail(&self, key: &TokenKey, lease: &Lease) -> Result<(), StoreError> {
        self.change(|shelf| shelf.fail(key, lease))
    }

    async fn reject(&self, key: &TokenKey, generation: u64) -> Result<(), StoreError> {
        self.change(|shelf| shelf.reject(key, generation))
    }
}

#[tokio::main]
async fn main() {
    token_store_conformance(|| Arc::new(Row::default())).await;
    println!("it keeps every promise");
}
