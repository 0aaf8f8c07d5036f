//! `diff` and `new`.

use super::*;

/// Runs with that standard input; standard output as it is.
fn fed(args: &[&str], input: &[u8]) -> (i32, Vec<u8>, String) {
    let mut child = tool()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), output.stdout, String::from_utf8(output.stderr).unwrap())
}

/// A folder with a layout that no code knows: a receipt of counted items.
fn receipt() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let about = "charset = \"euc-kr\"\nsource = \"invented\"\n";
    file(
        folder.path(),
        "item.toml",
        format!(
            "name = \"item\"\ntitle = \"품목\"\nlength = 9\n{about}\
             [[field]]\nname = \"name\"\nat = 0\nlen = 6\nkind = \"korean\"\n\
             [[field]]\nname = \"qty\"\nat = 6\nlen = 3\nkind = \"number\"\n"
        )
        .as_bytes(),
    );
    let spec = file(
        folder.path(),
        "receipt.toml",
        format!(
            "name = \"receipt\"\ntitle = \"영수증\"\nlength = 34\n{about}\
             [[field]]\nname = \"card\"\ntitle = \"카드번호\"\nat = 0\nlen = 10\nkind = \"text\"\nsecret = \"pan\"\n\
             [[field]]\nname = \"change\"\nat = 10\nlen = 4\nkind = \"number\"\nsigned = true\n\
             [[field]]\nname = \"item_count\"\nat = 14\nlen = 2\nkind = \"number\"\n\
             [[field]]\nname = \"items\"\nat = 16\nlen = 9\nkind = \"group\"\nspec = \"item\"\nrepeat = 2\n\
             count = \"item_count\"\n"
        )
        .as_bytes(),
    );
    let spec = spec.to_str().unwrap().to_owned();
    (folder, spec)
}

#[test]
fn new_writes_a_telegram_of_a_layout_that_no_code_knows() {
    let (_folder, spec) = receipt();
    let values = "change = -50\ncard = \"457973\"\n[[items]]\nname = \"김밥\"\nqty = 2\n";
    let telegram = b"457973    -05001\xb1\xe8\xb9\xe4  002         ";
    let (code, raw, log) = fed(&["new", "--spec", &spec, "--raw", "-"], values.as_bytes());
    assert_eq!((code, raw.as_slice()), (0, &telegram[..]), "{log}");
    let (_, framed, _) = fed(&["new", "--spec", &spec, "--framing", "binary2", "-"], values.as_bytes());
    assert_eq!(framed, [b"\x00\x22", &telegram[..]].concat());
    let (_, hex, _) = fed(&["new", "--spec", &spec, "--raw", "--hex", "-"], values.as_bytes());
    assert!(hex.starts_with(b"34353739373320202020") && hex.ends_with(b"\n"), "{hex:?}");
    assert_eq!(hex.len(), 2 * telegram.len() + 1);

    let (code, dumped, _) = fed(&["dump", "--spec", &spec, "--raw", "--hex", "-"], &hex);
    assert_eq!(code, 0);
    assert!(String::from_utf8(dumped).unwrap().contains("김밥"));
    let (code, _, log) = fed(&["dump", "--spec", &spec, "--raw", "--hex", "-"], telegram);
    assert_eq!(code, 2);
    assert!(log.contains("-: expected hexadecimal digits, found something else in line 1"), "{log}");

    // What it writes is what dump reads.
    let (_, framed, _) = fed(&["new", "--spec", &spec, "-"], values.as_bytes());
    let (code, dumped, _) = fed(&["dump", "--spec", &spec, "-"], &framed);
    let dumped = String::from_utf8(dumped).unwrap();
    assert_eq!(code, 0, "{dumped}");
    assert!(
        dumped.contains("items[0].name") && dumped.contains("김밥") && dumped.contains("-50"),
        "{dumped}"
    );
    assert!(dumped.contains("(unused)") && !dumped.contains("457973"), "{dumped}");
    let (_, json, _) = fed(&["dump", "--json", "--spec", &spec, "-"], &framed);
    let json = String::from_utf8(json).unwrap();
    assert!(json.contains(r#""name":"items[1].qty","title":"qty","value":"","unused":true}"#), "{json}");
}

#[test]
fn new_writes_a_length_that_is_part_of_the_telegram_only_if_it_is_right() {
    let spec = layout("card450-request.toml");
    let values = b"kind = \"PAYMENT\"\namount = 1000\n";
    let (code, framed, log) = fed(&["new", "--spec", &spec, "--length-in-telegram", "-"], values);
    assert_eq!((code, &framed[..4], framed.len()), (0, &b" 446"[..], 450), "{log}");
    let (_folder, spec) = receipt();
    let (code, out, log) = fed(&["new", "--spec", &spec, "--length-in-telegram", "-"], b"");
    assert_eq!((code, out.len()), (2, 0));
    assert!(log.contains("30"), "{log}");
}

#[test]
fn new_tells_every_wrong_value_with_its_line_and_writes_nothing() {
    let (folder, spec) = receipt();
    let values = file(
        folder.path(),
        "values.toml",
        b"chnage = 5\ncard = \"45797312345678921\"\nchange = -1000\n[[items]]\nqty = \"2\"\n",
    );
    let values = values.to_str().unwrap();
    let (code, out, log) = run(&["new", "--spec", &spec, "--raw", values]);
    assert_eq!((code, out.as_str()), (2, ""));
    for expected in [
        format!("{values}:1: expected a field of receipt, found \"chnage\""),
        format!("{values}:2: field \"card\": expected at most 10 bytes, found 17 bytes"),
        format!("{values}:3: field \"change\": expected at most 4 bytes, found 5 bytes"),
        format!("{values}:5: field \"items[0].qty\": expected a whole number, found a string"),
    ] {
        assert!(log.contains(&expected), "{log}");
    }
    assert!(!log.contains("457973"), "{log}");
    let (code, _, log) = run(&["new", "--spec", &spec, "no-such.toml"]);
    assert_eq!(code, 2);
    assert!(log.contains("cannot read no-such.toml"), "{log}");
    let (code, _, log) = fed(&["new", "--spec", &spec, "-"], b"card = \"\xff\"");
    assert_eq!(code, 2);
    assert!(log.contains("-: expected UTF-8"), "{log}");
}

#[test]
fn diff_shows_what_differs_and_exits_with_1_unless_both_are_equal_and_sound() {
    let folder = tempfile::tempdir().unwrap();
    let spec = layout("card450-request.toml");
    let a = payment();
    let mut b = payment();
    b[34..50].copy_from_slice(b"4579731234567884");
    b[63..73].copy_from_slice(b"     51000");
    let (a, b) = (file(folder.path(), "a.bin", &a), file(folder.path(), "b.bin", &b));
    let (a, b) = (a.to_str().unwrap(), b.to_str().unwrap());

    let (code, out, _) = run(&["diff", "--spec", &spec, "--raw", a, a]);
    assert_eq!(code, 0, "{out}");
    assert!(out.ends_with(": equal\n"), "{out}");

    let (code, out, _) = run(&["diff", "--spec", &spec, "--raw", a, b]);
    assert_eq!(code, 1);
    assert!(out.contains("2 fields differ") && out.contains("50000") && out.contains("51000"), "{out}");
    assert!(out.contains("카드번호") && !out.contains("management_no"), "{out}");
    assert!(!out.contains("457973"), "{out}");

    let (_, out, _) = run(&["diff", "--spec", &spec, "--raw", "--all", a, b]);
    assert!(out.contains("management_no"), "{out}");

    let (code, json, _) = run(&["diff", "--spec", &spec, "--length-in-telegram", "--json", a, b]);
    assert_eq!(code, 1);
    assert!(json.contains(r#""equal":false"#) && json.contains(r#""difference":"value""#), "{json}");
    assert!(!json.contains("457973"), "{json}");
}

#[test]
fn diff_shows_the_findings_of_each_also_where_both_are_equal() {
    let spec = layout("card450-request.toml");
    let folder = tempfile::tempdir().unwrap();
    let mut faulty = payment();
    faulty[70] = b'x';
    let path = file(folder.path(), "a.bin", &faulty);
    let (code, out, _) = fed(&["diff", "--spec", &spec, "--raw", path.to_str().unwrap(), "-"], &faulty);
    let out = String::from_utf8(out).unwrap();
    assert_eq!(code, 1);
    assert!(out.contains(": equal\n") && out.contains("A: expected padding, then digits; B: "), "{out}");

    let (code, out, _) = fed(&["diff", "--spec", &spec, "--raw", path.to_str().unwrap(), "-"], b"short");
    assert_eq!(code, 1);
    assert!(String::from_utf8(out).unwrap().contains("B: expected 450 bytes, found 5"));
}

#[test]
fn diff_compares_one_telegram_with_one() {
    let folder = tempfile::tempdir().unwrap();
    let spec = layout("card450-request.toml");
    let one = file(folder.path(), "one.bin", &payment());
    let two = file(folder.path(), "two.bin", &[payment(), payment()].concat());
    let cut = file(folder.path(), "cut.bin", &payment()[..449]);
    let (one, two, cut) = (one.to_str().unwrap(), two.to_str().unwrap(), cut.to_str().unwrap());
    for (a, b, expected) in [
        (one, two, format!("{two}: expected one telegram, found 2")),
        (
            cut,
            one,
            format!(
                "{cut}: expected one telegram, found an incomplete frame of 449 bytes at byte 0; one without frame is read with --raw"
            ),
        ),
        (one, "no-such.bin", "cannot read no-such.bin".to_owned()),
        ("-", "-", "expected one file at most to be -, found both".to_owned()),
    ] {
        let (code, out, log) = run(&["diff", "--spec", &spec, "--length-in-telegram", a, b]);
        assert_eq!((code, out.as_str()), (2, ""), "{log}");
        assert!(log.contains(&expected), "{log}");
    }
    let (code, _, log) = run(&["diff", "--spec", "no-such.toml", one, one]);
    assert_eq!(code, 2);
    assert!(log.contains("no-such.toml"), "{log}");
}
