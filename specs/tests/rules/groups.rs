//! Groups: layouts inside layouts.

use super::*;

#[test]
fn a_groups_layout_exists_has_its_length_and_does_not_contain_itself() {
    check(
        FIRST,
        "kind = \"group\"\n",
        Rule::MissingKey,
        "x.toml:7: field \"first\": expected the key \"spec\", found nothing",
    );
    check(
        FIRST,
        "kind = \"text\"\nspec = \"part\"\n",
        Rule::Group,
        "x.toml:12: field \"first\": expected spec only on kind = \"group\", found kind = \"text\"",
    );
    check(
        FIRST,
        "kind = \"group\"\nspec = \"../part\"\n",
        Rule::Group,
        "x.toml:12: field \"first\": expected the name of a layout in the same folder, found spec = \"../part\"",
    );
    check(
        FIRST,
        "kind = \"group\"\nspec = \"apart\"\n",
        Rule::Group,
        "x.toml:12: field \"first\": expected a layout file apart.toml, found No such file or directory (os error 2)",
    );
    check(
        FIRST,
        "kind = \"group\"\nspec = \"x\"\n",
        Rule::Group,
        "x.toml:12: field \"first\": expected a layout that does not contain this one, at most 4 deep, found spec = \
         \"x\" inside x",
    );
    check(
        "len  = 12\nkind = \"text\"",
        "len  = 11\nkind = \"group\"\nspec = \"part\"",
        Rule::Group,
        "x.toml:12: field \"first\": expected len = 12, the length of part.toml, found 11\n\
         x.toml:15: field \"second\": expected at = 11 (where \"first\" ends), found 12: a gap of 1 byte",
    );
}

#[test]
fn a_group_is_inlined() {
    let folder = folder(|text| {
        text.replacen(FIRST, "kind = \"group\"\nspec = \"part\"\nrepeat = 2\n", 1)
            .replace("at   = 12", "at   = 24")
            .replace("length  = 20", "length  = 32")
    });
    let layout = specs::read(&folder.path().join("x.toml")).unwrap();
    let flat: Vec<_> = layout.flat_fields().into_iter().map(|flat| (flat.path, flat.at)).collect();
    let expected = [("first[0].only", 0), ("first[1].only", 12), ("second", 24)];
    assert_eq!(flat, expected.map(|(path, at)| (path.to_owned(), at)));
}
