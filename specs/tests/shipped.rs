//! The layout files that are shipped.

use std::path::Path;

#[test]
fn every_shipped_layout_is_free_of_findings_and_reads_the_same_from_the_folder() {
    for name in specs::embedded_names() {
        let embedded = specs::embedded(name).unwrap_or_else(|findings| panic!("{findings}"));
        let path = Path::new(specs::LAYOUTS_DIR).join(format!("{name}.toml"));
        assert_eq!(Ok(embedded), specs::read(&path), "{name}");
    }
    assert!(specs::embedded_names().count() >= 10);
}

#[test]
fn flat_fields_expand_groups_and_cover_every_shipped_record() {
    for name in specs::embedded_names() {
        let layout = specs::embedded(name).unwrap();
        let mut end = 0;
        for flat in layout.flat_fields() {
            assert_eq!(flat.at, end, "{name} {}", flat.path);
            end += flat.field.len;
        }
        assert_eq!(end, layout.length, "{name}");
    }
    let request = specs::embedded("terminal-0100").unwrap();
    let trace = request.flat_fields().into_iter().find(|flat| flat.path == "header.trace_no").unwrap();
    assert_eq!((trace.at, trace.field.len), (26, 6));
}

#[test]
fn the_acquirers_offsets_are_those_of_the_published_samples() {
    let place = |layout: &str, field: &str| {
        let layout = specs::embedded(layout).unwrap();
        let field = layout.field(field).unwrap();
        (field.at, field.len)
    };
    assert_eq!(place("card450-request", "amount"), (63, 10));
    assert_eq!(place("card450-request", "encrypted_card"), (103, 300));
    assert_eq!(place("card450-reply", "approved_at"), (427, 14));
    assert_eq!(place("kovan-approval", "amount"), (38, 12));
    assert_eq!(place("kovan-approval", "track2"), (91, 37));
    assert_eq!(place("kovan-approval", "retry"), (354, 2));
    assert_eq!(place("kovan-cancel", "approval"), (301, 8));
    assert_eq!(place("kovan-reply", "card_company_code"), (217, 4));
    assert_eq!(place("kovan-reply", "van_code"), (221, 4));
}

#[test]
fn an_unknown_layout_is_one_finding() {
    let findings = specs::embedded("nobody").unwrap_err();
    assert_eq!(
        findings.to_string(),
        "specs/layouts/nobody.toml: expected a layout file, found no shipped layout of that name"
    );
}
