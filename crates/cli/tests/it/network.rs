//! Certificate authorities and proxies of calls.

use serde_json::json;

use crate::support::{Authority, PROXIES, Program, RawRequest, Reply, Sandboxed, Server, call};

fn scenes(_: &RawRequest) -> Reply {
    Reply::json(r#"{"code":20000,"data":[],"message":"ok"}"#)
}

#[test]
fn calls_trust_the_authorities_of_the_configured_file_and_no_others() {
    let (ours, strange) = (Authority::new(), Authority::new());
    let server = Server::encrypted(&ours, scenes);
    let program = || {
        let program = Program::at(&server.url(), &["fensi", "scenes", "--json"]);
        program
            .file("ours.pem", ours.pem())
            .file("strange.pem", strange.pem())
            .file("both.pem", strange.pem() + &ours.pem())
    };
    for trusted in ["ours.pem", "both.pem"] {
        assert_eq!(program().env("WEIFEN_HTTP_CA_FILE", trusted).run().done(), json!({"scenes": []}));
    }
    assert_eq!(server.calls().len(), 2);
    for program in [program(), program().env("WEIFEN_HTTP_CA_FILE", "strange.pem")] {
        assert_eq!(program.run().error(5)["kind"], "not_delivered");
    }
    let other = Server::encrypted_as("another.example", &ours, scenes);
    let other_name = program().env("WEIFEN_FENSI_BASE_URL", &other.url()).env("WEIFEN_HTTP_CA_FILE", "ours.pem");
    assert_eq!(other_name.run().error(5)["kind"], "not_delivered", "the certificate is another name's");
    assert_eq!((server.calls().len(), other.calls().len()), (2, 0));
}

#[test]
fn the_environments_proxies_are_not_used_for_calls() {
    let sandbox = Sandboxed::start();
    let proxy = Server::start(|_| Reply::Close);
    for operation in ["access_token", "cities"] {
        let program = sandbox.program(call(operation)).arg("--json");
        PROXIES.iter().fold(program, |program, name| program.env(name, &proxy.url())).run().done();
    }
    assert!(proxy.requests().is_empty());
}

#[test]
fn a_configured_proxy_is_used_for_calls_and_stands_over_the_environments_exceptions() {
    let proxy = Server::start(scenes);
    let program = Program::at("http://192.0.2.1", call("scenes")).arg("--json").env("NO_PROXY", "*");
    let program = program.env("WEIFEN_FENSI_PLAINTEXT", "true").env("WEIFEN_HTTP_PROXY", &proxy.url());
    assert_eq!(program.run().done(), json!({"scenes": []}));
    assert_eq!(proxy.calls()[0].line, "POST http://192.0.2.1/open/commercial/get_scene HTTP/1.1");
}
