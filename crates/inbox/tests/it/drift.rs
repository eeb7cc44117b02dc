//! Pushes that are not as documented.

use std::sync::{Arc, Mutex};

use weifen_inbox::transport::{Drift, DriftObserver, Vendor};
use weifen_inbox::{Inbox, Receipt};

use crate::support::{Folder, Receiving, paying, push, receive};

/// An observer that keeps the reports.
#[derive(Debug, Default)]
struct Notes(Mutex<Vec<String>>);

impl DriftObserver for Notes {
    fn drifted(&self, vendor: Vendor, operation: &'static str, drift: &Drift) {
        self.0.lock().unwrap().push(format!("{vendor} {operation} {drift}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_observer_is_told_of_what_is_new_in_a_push_without_its_value_and_the_push_is_taken() {
    let (folder, notes) = (Folder::new(), Arc::new(Notes::default()));
    let inbox = Inbox::open(&folder.database()).await.unwrap();
    let inbox = Receiving(inbox.receiving(paying()).drift_observer(notes.clone()));
    let more = push("u").replacen('{', r#"{"phone": "18900000000", "#, 1);
    assert_eq!(receive(&inbox, &more).await, Receipt::Stored);
    let told = notes.0.lock().unwrap();
    assert!(told.contains(&"fensi push at phone: an unknown field with a string".to_owned()), "{told:?}");
    assert!(!told.concat().contains("18900000000"), "{told:?}");
}
