//! The layout files that are shipped.

use std::path::Path;

#[test]
fn every_shipped_layout_is_free_of_findings_and_reads_the_same_from_the_folder() {
    for name in specs::embedded_names() {
        let embedded = specs::embedded(name).unwrap_or_else(|findings| panic!("{findings}"));
        let path = Path::new(specs::LAYOUTS_DIR).join(format!("{name}.toml"));
        assert_eq!(Ok(embedded), specs::read(&path), "{name}");
    }
}

#[test]
fn every_telegram_of_a_terminal_and_of_the_acquirers_spoken_is_shipped() {
    let names: Vec<_> = specs::embedded_names().collect();
    let terminal = [
        "0100", "0110", "0120", "0130", "0300", "0310", "0400", "0410", "0420", "0430", "0500", "0510",
        "0800", "0810", "header",
    ];
    let mut expected =
        vec!["card450-reply", "card450-request", "kovan-approval", "kovan-cancel", "kovan-reply"];
    expected.extend(["kicc-header", "kicc-request", "kicc-reply-header", "kicc-reply"]);
    expected.extend(["kspay-header", "kspay-credit", "kspay-cancel"]);
    expected.extend(["kspay-reply-header", "kspay-reply"]);
    let terminal: Vec<_> = terminal.iter().map(|kind| format!("terminal-{kind}")).collect();
    expected.extend(terminal.iter().map(String::as_str));
    for name in expected {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
}

/// What is written, by name, place, kind and meanings; lines and titles may differ.
fn shape(layout: &str) -> Vec<(String, usize, usize, specs::Kind, bool)> {
    let layout = specs::embedded(layout).expect("it is shipped");
    let fields = layout.flat_fields().into_iter();
    fields
        .map(|flat| (flat.path, flat.at, flat.field.len, flat.field.kind, flat.field.blank_is_absent))
        .collect()
}

#[test]
fn the_answers_about_one_payment_begin_alike() {
    let approval = shape("terminal-0110");
    assert_eq!(shape("terminal-0410"), approval);
    assert_eq!(shape("terminal-0430"), approval);
    let (state, same) = {
        let mut inquiry = shape("terminal-0310");
        (inquiry.pop().unwrap(), inquiry)
    };
    assert_eq!(same, approval);
    assert_eq!((state.0.as_str(), state.1, state.2), ("state", 597, 2));
}

#[test]
fn an_answer_that_gives_fields_back_has_them_where_the_question_has_them() {
    let places = |layout: &str| -> Vec<_> {
        shape(layout).into_iter().map(|(path, at, len, kind, _)| (path, at, len, kind)).collect()
    };
    assert_eq!(places("terminal-0130"), places("terminal-0120"));
    assert_eq!(places("terminal-0810"), places("terminal-0800"));
    let totals = places("terminal-0510");
    assert_eq!(totals[..totals.len() - 1], places("terminal-0500"));
    assert_eq!(totals[totals.len() - 1].0, "difference");
    let reasons = |layout: &str| specs::embedded(layout).unwrap().field("reason").unwrap().codes.clone();
    assert_eq!(reasons("terminal-0400"), reasons("terminal-0420"));
    assert_eq!(reasons("terminal-0400").len(), 6);
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
fn kspays_offsets_are_those_of_the_published_sample_though_its_header_is_a_layout_of_its_own() {
    let place = |layout: &str, path: &str| {
        let layout = specs::embedded(layout).unwrap();
        let flat = layout.flat_fields().into_iter().find(|flat| flat.path == path).unwrap();
        (flat.at, flat.field.len)
    };
    for layout in ["kspay-credit", "kspay-cancel", "kspay-reply"] {
        assert_eq!(place(layout, "header.resend"), (11, 1));
        assert_eq!(place(layout, "header.order_no"), (36, 50));
        assert_eq!(place(layout, "header.key_in"), (250, 1));
        assert_eq!(place(layout, "header.filler"), (265, 35));
        assert_eq!(place(layout, "approval_type"), (300, 4));
    }
    assert_eq!(place("kspay-credit", "track2"), (305, 40));
    assert_eq!(place("kspay-credit", "amount"), (347, 9));
    assert_eq!(place("kspay-credit", "mpi_reuse"), (579, 1));
    assert_eq!(place("kspay-cancel", "order_no"), (325, 50));
    assert_eq!(place("kspay-cancel", "filler"), (418, 32));
    assert_eq!(place("kspay-reply", "approval_no"), (343, 12));
    assert_eq!(place("kspay-reply", "van_transaction_no"), (483, 12));
}

#[test]
fn kiccs_offsets_are_those_of_the_published_sample_though_its_header_is_a_layout_of_its_own() {
    let place = |layout: &str, path: &str| {
        let layout = specs::embedded(layout).unwrap();
        let flat = layout.flat_fields().into_iter().find(|flat| flat.path == path).unwrap();
        (flat.at, flat.field.len)
    };
    for layout in ["kicc-request", "kicc-reply"] {
        assert_eq!(place(layout, "header.terminal_id"), (9, 10));
        assert_eq!(place(layout, "header.serial"), (24, 12));
        assert_eq!(place(layout, "header.mobile"), (71, 13));
        assert_eq!(place(layout, "header.filler"), (84, 43));
        assert_eq!(place(layout, "telegram_type"), (127, 4));
    }
    assert_eq!(place("kicc-request", "supply_amount"), (173, 12));
    assert_eq!(place("kicc-request", "original_date"), (221, 6));
    assert_eq!(place("kicc-request", "cheque_amount"), (381, 12));
    assert_eq!(place("kicc-request", "cvv2"), (405, 3));
    assert_eq!(place("kicc-request", "auth_data"), (438, 100));
    assert_eq!(place("kicc-reply", "total_amount"), (182, 12));
    assert_eq!(place("kicc-reply", "approval_no"), (258, 12));
    assert_eq!(place("kicc-reply", "notice"), (307, 20));
    assert_eq!(place("kicc-reply", "merchant_data"), (405, 30));
}

#[test]
fn an_unknown_layout_is_one_finding() {
    let findings = specs::embedded("nobody").unwrap_err();
    assert_eq!(
        findings.to_string(),
        "specs/layouts/nobody.toml: expected a layout file, found no shipped layout of that name"
    );
}
