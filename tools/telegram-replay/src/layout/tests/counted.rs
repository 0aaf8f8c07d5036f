//! Groups whose occurrences a field counts.

use super::*;

const OF: &str = "charset = \"euc-kr\"\nsource = \"for tests\"\n";

/// A receipt of at most three items and one of two notes, each a constant, a quantity and a secret.
fn receipt() -> Layout {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    file(
        "item.toml",
        format!(
            "name = \"item\"\ntitle = \"품목\"\nlength = 10\n{OF}\
             [[field]]\nname = \"mark\"\nat = 0\nlen = 1\nkind = \"code\"\nvalue = \"#\"\n\
             [[field]]\nname = \"qty\"\nat = 1\nlen = 3\nkind = \"number\"\n\
             [[field]]\nname = \"card\"\nat = 4\nlen = 6\nkind = \"text\"\nsecret = \"pan\"\n"
        ),
    );
    file(
        "receipt.toml",
        format!(
            "name = \"receipt\"\ntitle = \"영수증\"\nlength = 36\n{OF}\
             [[field]]\nname = \"item_count\"\nat = 0\nlen = 2\nkind = \"number\"\n\
             [[field]]\nname = \"items\"\nat = 2\nlen = 10\nkind = \"group\"\nspec = \"item\"\nrepeat = 3\n\
             count = \"item_count\"\n\
             [[field]]\nname = \"end\"\nat = 32\nlen = 4\nkind = \"text\"\n"
        ),
    );
    Layout::read(&folder.path().join("receipt.toml")).unwrap_or_else(|findings| panic!("{findings}"))
}

fn faults(layout: &Layout, telegram: &[u8]) -> Vec<(String, Fault)> {
    let named =
        |(field, fault): (Option<&Field>, Fault)| (field.map_or_else(String::new, |f| f.path.clone()), fault);
    layout.checks(telegram).into_iter().map(named).collect()
}

#[test]
fn what_is_beyond_the_count_is_neither_read_nor_at_fault() {
    let layout = receipt();
    let telegram = b"02#001A     #002B     5xyz941012END ";
    assert_eq!(faults(&layout, telegram), []);
    let decoded = layout.decode(telegram);
    assert_eq!(decoded.text("items[1].qty").as_deref(), Some("2"));
    assert_eq!(decoded.text("items[2].qty"), None);
    let last = decoded.reading("items[2].qty").unwrap();
    assert!(last.is_unused() && last.shown().is_empty() && last.text().is_empty());
    assert!(!decoded.reading("items[1].qty").unwrap().is_unused());
    assert!(!format!("{decoded:?}").contains("xyz"));
}

#[test]
fn what_is_within_the_count_keeps_its_rules() {
    let layout = receipt();
    let telegram = b"03#001A     #0x2B     5xyz941012END ";
    assert_eq!(
        faults(&layout, telegram),
        [
            ("items[1].qty".to_owned(), Fault::Digits),
            ("items[2].mark".to_owned(), Fault::Constant),
            ("items[2].qty".to_owned(), Fault::Digits),
        ]
    );
    assert_eq!(layout.check(telegram).unwrap_err().1, Fault::Digits);
}

#[test]
fn a_count_beyond_the_room_is_a_fault_and_one_that_cannot_be_read_counts_nothing() {
    let layout = receipt();
    let at_fault = |telegram: &[u8]| faults(&layout, telegram);
    let named = |name: &str, fault| (name.to_owned(), fault);
    let count = || named("item_count", Fault::Count(3));
    assert_eq!(at_fault(b"04#001A     #002B     #003C     END "), [count()]);
    let third = named("items[2].qty", Fault::Digits);
    assert_eq!(at_fault(b"99#001A     #002B     #xxxC     END "), [count(), third]);
    let digits = || named("item_count", Fault::Digits);
    assert_eq!(at_fault(b"x1?????     ??????????          END "), [digits()]);
    assert_eq!(at_fault(b"  ?????     ??????????          END "), [digits()]);
    // Wrongly padded, but a number: what it counts is read.
    assert_eq!(
        at_fault(b" 1?001A     ??????????          END "),
        [digits(), named("items[0].mark", Fault::Constant)]
    );
    assert_eq!(at_fault(b"00?????     ??????????          END "), []);
}

#[test]
fn a_built_telegram_counts_up_to_the_last_value_and_leaves_the_rest_blank() {
    let layout = receipt();
    let build = |pairs: &[(&str, &str)]| layout.build(&values(pairs), now());
    assert_eq!(build(&[]).unwrap(), b"00                                  ");
    assert_eq!(
        build(&[("items[1].qty", "7"), ("end", "END")]).unwrap(),
        b"02#000      #007                END "
    );
    assert_eq!(build(&[("item_count", "1")]).unwrap(), b"01#000                              ");
    assert_eq!(
        build(&[("item_count", "1"), ("items[1].qty", "7")]).unwrap_err().to_string(),
        "receipt field \"items[1].qty\": expected no value, found one: its group counts fewer"
    );
    assert_eq!(
        build(&[("item_count", "4")]).unwrap_err().to_string(),
        "receipt field \"item_count\": expected at most 3, as many as there is room for"
    );
}
