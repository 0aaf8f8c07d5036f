//! What the macros write, so that a change to it can be read.

use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::spec::Spec;
use crate::{attributes, code, compare, emit};

/// Numbers, Korean text that is cut, a secret that may be absent, a constant and a filler.
#[test]
fn a_small_layout() {
    check(
        "receipt",
        "#[telegram(spec = \"receipt\", length = 24)]
        pub struct Receipt {
            #[field(at = 2, len = 9, kind = \"number\")]
            pub amount: u32,
            #[field(at = 11, len = 3, kind = \"digits\", secret = \"cvc\")]
            pub cvc: Option<Secret<Digits<3>>>,
            #[field(at = 14, len = 8, kind = \"korean\")]
            pub shop: Truncated<Korean<8>>,
        }",
    );
}

/// A group whose occurrences a field counts.
#[test]
fn a_counted_group() {
    check(
        "basket",
        "#[telegram(spec = \"basket\", length = 24)]
        struct Basket {
            #[field(at = 1, len = 8, kind = \"group\")]
            lines: Items<Line, 2>,
            #[field(at = 17, len = 7, kind = \"number\")]
            total: u32,
        }",
    );
}

/// The group's own layout: a signed number, and an enum of codes.
#[test]
fn the_group_of_it() {
    check(
        "line",
        "#[telegram(spec = \"line\", length = 8)]
        struct Line {
            #[field(at = 0, len = 1, kind = \"code\")]
            entry: Entry,
            #[field(at = 1, len = 7, kind = \"number\")]
            price: i32,
        }",
    );
}

#[test]
fn an_enum_of_codes() {
    let input =
        parse("#[code(len = 1)] enum Entry { #[code(\"S\")] Sale, #[code(\"R\")] Return, Other(Code<1>) }");
    let expanded = code::expand(&input).map_err(|error| error.to_string());
    snapshot("entry", expanded.as_ref().expect("the enum is right"));
}

/// Expands a struct of a layout in `expansion`.
fn check(layout: &str, text: &str) {
    let layout = specs::read(&folder().join(format!("{layout}.toml"))).expect("the layout is right");
    let groups = layout.fields.iter().filter_map(|field| field.group.as_ref());
    // Not where they are: that folder differs between checkouts.
    let files = std::iter::once(&layout.name).chain(groups.map(|group| &group.name));
    let files = files.map(|name| format!("…/{name}.toml").into()).collect();

    let input = parse(text);
    let record = attributes::record(&input).expect("the attributes are right");
    let spec = Spec { layout, files };
    let members = compare::compare(&record, &spec.layout).expect("the struct equals its layout");
    snapshot(&spec.layout.name, &emit::emit(&record, &spec, &members));
}

fn parse(text: &str) -> DeriveInput {
    syn::parse_str(text).expect("the input is Rust")
}

fn snapshot(name: &str, expanded: &TokenStream) {
    let file = syn::parse2(expanded.clone()).expect("the expansion is Rust");
    let text = prettyplease::unparse(&file);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("expansion");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/expansion")
}
