//! What keeps a server from starting, by type and in words.

use std::net::TcpListener;

use weifen_server::weifen::SetupError;
use weifen_server::weifen::config::Sources;
use weifen_server::{Server, StartError};

use crate::setup::Setup;

#[tokio::test]
async fn what_the_configuration_lacks_is_named() {
    let setup = Setup::new();
    std::fs::remove_file(setup.path("push-secret")).unwrap();
    let error = Server::builder(setup.config("")).start().await.unwrap_err();
    assert!(matches!(error, StartError::Setup(SetupError::Config(_))), "{error:?}");
    assert!(error.to_string().contains("serve.push_secret_file"), "{error}");

    let error = Server::builder(Sources::new().load().unwrap()).start().await.unwrap_err();
    assert!(error.to_string().contains("serve.push_secret_file is not set"), "{error}");
}

#[tokio::test]
async fn an_address_that_is_taken_is_told_and_nothing_runs() {
    let setup = Setup::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let mut config = setup.config("");
    config.serve.admin_listen = address;
    let error = Server::builder(config).start().await.unwrap_err();
    assert!(matches!(error, StartError::Listen { key: "serve.admin_listen", .. }), "{error:?}");
    assert_eq!(error.to_string(), format!("serve.admin_listen: cannot listen on {address}"));
    Server::builder(setup.config("")).start().await.expect("nothing has the database").drain().await;
}
