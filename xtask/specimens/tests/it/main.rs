//! Each operation has a specimen, and has its place wherever operations stand by name.

use std::path::Path;
use std::sync::Arc;

use weifen_fensi::Fensi;
use weifen_proto::{Operation, Repeat, fensi, weiting};
use weifen_sandbox::Sandbox;
use weifen_transport::ReqwestTransport;
use weifen_weiting::Weiting;
use xtask_specimens::{Effect, SPECIMENS, Specimen, Vendors};

fn operations() -> Vec<&'static Operation> {
    weiting::OPERATIONS.iter().chain(fensi::OPERATIONS).map(|entry| entry.operation).collect()
}

#[test]
fn every_operation_has_a_specimen() {
    let specimens: Vec<_> = SPECIMENS.iter().map(|specimen| specimen.entry.operation).collect();
    assert_eq!(specimens, operations());
}

#[test]
fn an_operation_is_repeated_as_its_effect_allows() {
    for specimen in SPECIMENS {
        let repeat = match specimen.effect {
            Effect::Safe => Repeat::Safe,
            Effect::Counted => Repeat::Counted,
            Effect::Once => Repeat::Once,
            Effect::Write => Repeat::Write,
        };
        assert_eq!(specimen.entry.operation.repeat, repeat, "{}", specimen.entry.operation);
        let leaves_a_mark = matches!(specimen.effect, Effect::Once | Effect::Write);
        assert_eq!(specimen.marker.is_some(), leaves_a_mark, "{}", specimen.entry.operation);
    }
}

#[test]
fn a_request_carries_the_parameters_of_its_operation_and_is_called_like_it() {
    for specimen in SPECIMENS {
        let request = (specimen.request)(&|parameter| specimen.example(parameter).to_owned()).unwrap();
        let parameters = request.parameters();
        let names: Vec<_> = parameters.iter().map(|parameter| &*parameter.name).collect();
        // Behind them stand those that a caller adds.
        assert!(names.starts_with(specimen.entry.parameters), "{}: {names:?}", specimen.entry.operation);
        let words = specimen.name().split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
        assert!(request.type_name().ends_with(&format!("::{}Request", words.collect::<String>())), "{request:?}");
    }
}

#[test]
fn an_answer_is_as_documented_and_read_as_its_value() {
    for specimen in SPECIMENS {
        let body = specimen.answer().to_string();
        assert_eq!(specimen.entry.shape.drifts(body.as_bytes()), [], "{}", specimen.entry.operation);
        assert_eq!((specimen.entry.read)(body.as_bytes()), Ok((specimen.value)()), "{}", specimen.entry.operation);
    }
}

/// The text of a file of the tree.
fn file(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn a_client_has_a_method_for_each_operation_with_its_title() {
    for Specimen { entry, .. } in SPECIMENS {
        let client = file(&format!("crates/{}/src/client.rs", entry.operation.vendor));
        let method = format!("pub async fn {}(", entry.operation.name);
        assert!(client.contains(&method), "{} has no method", entry.operation);
        assert!(client.contains(&format!("/// {}", entry.operation.title)), "{} has no title", entry.operation);
    }
}

#[test]
fn a_page_names_the_command_of_each_operation() {
    let page = file("crates/cli/README.md");
    for specimen in SPECIMENS {
        let command: Vec<_> = specimen.command.split(' ').take_while(|word| !word.starts_with("--")).collect();
        let row = format!("| `weifen {}", command.join(" "));
        assert!(page.contains(&row), "crates/cli/README.md has no row for {row}");
        assert!(page.contains(specimen.entry.operation.title), "{}", specimen.entry.operation);
    }
}

#[test]
fn a_cassette_and_a_page_of_the_protocol_know_each_operation() {
    for Specimen { entry, .. } in SPECIMENS {
        file(&format!("crates/{}/cassettes/{}.json", entry.operation.vendor, entry.operation.name));
        let page = file(&format!("docs/protocol/{}.md", entry.operation.vendor));
        assert!(page.contains(entry.operation.title), "{}", entry.operation);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_knows_each_operation() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let transport = Arc::new(ReqwestTransport::new().unwrap());
    let to = Vendors {
        weiting: Weiting::builder(sandbox.appid(), sandbox.secret())
            .base_url(sandbox.weiting_base_url())
            .user_path(sandbox.user_path())
            .transport(transport.clone())
            .build()
            .unwrap(),
        fensi: Fensi::builder(sandbox.develop_appid(), sandbox.app_secret())
            .base_url(sandbox.fensi_base_url())
            .key(sandbox.key())
            .transport(transport)
            .build()
            .unwrap(),
    };
    for specimen in SPECIMENS {
        let request = (specimen.request)(&|parameter| specimen.example(parameter).to_owned()).unwrap();
        // It may be refused: the sandbox gives codes and tickets of its own.
        _ = request.send(&to).await;
        let last = sandbox.log_after(0).pop().unwrap();
        assert_eq!(last.operation, Some(specimen.name()), "{}", specimen.entry.operation);
    }
}
