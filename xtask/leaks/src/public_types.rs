//! Reads from the sources the public types that could hold a text, so that none is missing among the shown values.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use syn::{Field, GenericArgument, Item, Macro, PathArguments, Type, Visibility};

/// Folders and names of the libraries, without the sandbox: its credentials are made up, and shown.
const LIBRARIES: [(&str, &str); 8] = [
    ("proto", "weifen_proto"),
    ("sign", "weifen_sign"),
    ("transport", "weifen_transport"),
    ("weiting", "weifen_weiting"),
    ("fensi", "weifen_fensi"),
    ("inbox", "weifen_inbox"),
    ("facade", "weifen"),
    ("server", "weifen_server"),
];

/// Types whose values are numbers and nothing else.
const NUMBERS: [&str; 14] = [
    "bool",
    "u8",
    "u16",
    "u32",
    "u64",
    "usize",
    "i64",
    "f64",
    "Duration",
    "SystemTime",
    "Instant",
    "Timestamp",
    "StatusCode",
    "SocketAddr",
];

/// Returns the paths of all these types.
///
/// # Errors
/// A source can't be read or parsed.
pub(crate) fn all() -> Result<BTreeSet<String>> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates");
    let mut types = BTreeSet::new();
    for (folder, name) in LIBRARIES {
        walk(&crates.join(folder).join("src"), name, &mut types)?;
    }
    Ok(types)
}

fn walk(folder: &Path, module: &str, types: &mut BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            walk(&path, &format!("{module}::{name}"), types)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let module =
                if ["lib", "mod"].contains(&name.as_str()) { module.to_owned() } else { format!("{module}::{name}") };
            let source = syn::parse_file(&fs::read_to_string(&path)?).with_context(|| path.display().to_string())?;
            types.extend(source.items.iter().filter_map(name_of).map(|name| format!("{module}::{name}")));
        }
    }
    Ok(())
}

/// The name of a public type that could hold a text.
fn name_of(item: &Item) -> Option<String> {
    match item {
        Item::Struct(item) if is_public(&item.vis) && item.fields.iter().any(is_text) => Some(item.ident.to_string()),
        Item::Enum(item) if is_public(&item.vis) => {
            let mut fields = item.variants.iter().flat_map(|variant| &variant.fields);
            fields.any(is_text).then(|| item.ident.to_string())
        }
        Item::Macro(item) => text_type(&item.mac),
        _ => None,
    }
}

/// The name that `text_type!` declares: the first identifier outside of attributes.
fn text_type(mac: &Macro) -> Option<String> {
    mac.path.segments.last().filter(|segment| segment.ident == "text_type")?;
    let mut name = mac.tokens.clone().into_iter().map(|token| token.to_string());
    name.find(|token| token.starts_with(char::is_alphabetic))
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_text(field: &Field) -> bool {
    may_hold_text(&field.ty)
}

fn may_hold_text(of: &Type) -> bool {
    match of {
        Type::Reference(reference) => reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static"),
        Type::Path(path) => path.path.segments.last().is_none_or(|last| match &last.arguments {
            PathArguments::AngleBracketed(arguments) if last.ident == "Option" => {
                arguments.args.iter().any(|argument| matches!(argument, GenericArgument::Type(of) if may_hold_text(of)))
            }
            _ => !NUMBERS.contains(&last.ident.to_string().as_str()),
        }),
        _ => true,
    }
}
