//! Groups whose occurrences a field counts.

use super::*;

/// A layout `x` of a counting field of two bytes and three parts, after `change`.
fn counted(change: impl FnOnce(String) -> String) -> TempDir {
    let counted = LAYOUT.replace("length  = 20", "length  = 38").replace("len  = 12", "len  = 2");
    let counted = counted.replace(FIRST, "kind = \"number\"\n");
    let counted = counted.replace("at   = 12\nlen  = 8", "at   = 2\nlen  = 12");
    let group = "kind = \"group\"\nspec = \"part\"\nrepeat = 3\ncount = \"first\"\n";
    let (before, after) = counted.rsplit_once(SECOND).unwrap();
    folder(|_| change(format!("{before}{group}{after}")))
}

#[test]
fn a_counted_group_says_where_each_of_its_fields_is_counted() {
    let folder = counted(|text| text);
    let layout = specs::read(&folder.path().join("x.toml")).unwrap_or_else(|findings| panic!("{findings}"));
    let flat: Vec<_> = layout.flat_fields().into_iter().map(|flat| (flat.path, flat.count)).collect();
    let count = |index| Some(specs::Count { at: 0, index });
    let expected = [
        ("first", None),
        ("second[0].only", count(0)),
        ("second[1].only", count(1)),
        ("second[2].only", count(2)),
    ];
    assert_eq!(flat, expected.map(|(path, count)| (path.to_owned(), count)));
}

#[test]
fn a_counted_group_in_a_repeated_one_is_counted_in_each() {
    let folder = counted(|text| text);
    let inner = fs::read_to_string(folder.path().join("x.toml")).unwrap();
    fs::write(folder.path().join("inner.toml"), inner.replace("\"x\"", "\"inner\"")).unwrap();
    let text = LAYOUT.replace("length  = 20", "length  = 84").replace("at   = 12", "at   = 76");
    let text = text.replace("len  = 12", "len  = 38");
    let text = text.replacen(FIRST, "kind = \"group\"\nspec = \"inner\"\nrepeat = 2\n", 1);
    fs::write(folder.path().join("x.toml"), &text).unwrap();
    let layout = specs::read(&folder.path().join("x.toml")).unwrap_or_else(|findings| panic!("{findings}"));
    let flat = layout.flat_fields();
    let counted: Vec<_> = flat.iter().filter_map(|flat| Some((flat.path.as_str(), flat.count?))).collect();
    assert_eq!(counted.len(), 6);
    assert_eq!(counted[1], ("first[0].second[1].only", specs::Count { at: 0, index: 1 }));
    assert_eq!(counted[5], ("first[1].second[2].only", specs::Count { at: 38, index: 2 }));

    let doubly = text.replace("repeat = 2\n", "repeat = 2\ncount = \"head\"\n");
    fs::write(folder.path().join("x.toml"), doubly).unwrap();
    let shown: Vec<_> = findings(&folder)
        .iter()
        .map(|finding| (finding.rule, finding.line, finding.expected.clone()))
        .collect();
    assert_eq!(
        shown,
        [
            (Rule::Count, 14, "a group without counted groups in it, as it is counted itself".to_owned()),
            (Rule::Count, 14, "count to name an earlier field of this layout".to_owned()),
        ]
    );
}

#[test]
fn a_group_is_counted_by_a_number_that_can() {
    for (old, new, expected) in [
        (
            "repeat = 3\n",
            "",
            "x.toml:3: expected length = 14 (where \"second\" ends), found 38\n\
             x.toml:19: field \"second\": expected count only on a group with repeat, found no repeat",
        ),
        (
            "kind = \"number\"\n",
            "kind = \"number\"\ncount = \"second\"\n",
            "x.toml:12: field \"first\": expected count only on a group with repeat, found kind = \"number\"",
        ),
        (
            "count = \"first\"",
            "count = \"second\"",
            "x.toml:20: field \"second\": expected count to name an earlier field of this layout, found \"second\"",
        ),
        (
            "kind = \"number\"\n",
            "kind = \"digits\"\n",
            "x.toml:20: field \"second\": expected count to name an unsigned number that is always there, no constant and \
             no secret, found \"first\" with kind = \"digits\"",
        ),
        (
            "kind = \"number\"\n",
            "kind = \"number\"\nsigned = true\n",
            "x.toml:21: field \"second\": expected count to name an unsigned number that is always there, no constant and \
             no secret, found \"first\" with signed = true",
        ),
        (
            "kind = \"number\"\n",
            "kind = \"number\"\nvalue = \"3\"\n",
            "x.toml:21: field \"second\": expected count to name an unsigned number that is always there, no constant and \
             no secret, found \"first\" with a value",
        ),
        (
            "kind = \"number\"\n",
            "kind = \"number\"\nsecret = \"pin\"\n",
            "x.toml:21: field \"second\": expected count to name an unsigned number that is always there, no constant and \
             no secret, found \"first\" with secret",
        ),
        (
            "kind = \"number\"\n",
            "kind = \"number\"\nblank = \"none\"\n",
            "x.toml:21: field \"second\": expected count to name an unsigned number that is always there, no constant and \
             no secret, found \"first\" with blank = \"none\"",
        ),
    ] {
        let folder = counted(|text| text.replacen(old, new, 1));
        let found = findings(&folder);
        let shown: Vec<_> =
            found.iter().map(|finding| finding.to_string().replace(&prefix(folder.path()), "")).collect();
        assert_eq!(shown.join("\n"), expected);
        assert!(found.iter().any(|finding| finding.rule == Rule::Count));
    }
}

#[test]
fn a_counting_field_holds_the_most_there_can_be_and_counts_one_group() {
    let folder =
        counted(|text| text.replace("length  = 38", "length  = 1202").replace("repeat = 3", "repeat = 100"));
    let found = findings(&folder);
    assert_eq!((found.len(), found[0].rule, found[0].line), (1, Rule::Count, 20));
    assert_eq!(
        (found[0].expected.as_str(), found[0].found.as_str()),
        ("a counting field that can hold 100", "\"first\" with len = 2")
    );

    let third = "\n[[field]]\nname = \"third\"\nat = 38\nlen = 12\nkind = \"group\"\nspec = \"part\"\nrepeat = 1\n\
                 count = \"first\"\n";
    let folder = counted(|text| format!("{}{third}", text.replace("length  = 38", "length  = 50")));
    let found = findings(&folder);
    assert_eq!((found.len(), found[0].rule), (1, Rule::Count));
    assert_eq!(
        (found[0].expected.as_str(), found[0].found.as_str()),
        ("a counting field for each group", "\"first\", which counts \"second\"")
    );
}
