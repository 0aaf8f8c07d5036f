//! Rules that the compiler and its lints do not know.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// The longest source file, in lines.
const MAX_LINES: usize = 700;

/// What a line must not have. Written in pieces, or this file would break its own rules.
const FORBIDDEN: [(&str, &str); 3] = [
    (concat!("todo", "!("), "unfinished work is not stubbed"),
    (concat!("unimplemented", "!("), "unfinished work is not stubbed"),
    (concat!("#[", "ignore"), "a test is run or it is not written"),
];

/// Everything that breaks a rule, as `file:line: what`.
///
/// # Errors
/// A file or folder that cannot be read.
pub(crate) fn check(root: &Path) -> io::Result<Vec<String>> {
    let mut findings = Vec::new();
    let mut functions = BTreeSet::new();
    walk(root, root, &mut findings, &mut functions)?;
    check_faults(&fs::read_to_string(root.join(FAULTS))?, &functions, &mut findings);
    findings.sort();
    Ok(findings)
}

/// The page that names a test for each fault.
const FAULTS: &str = "docs/faults.md";
/// How many faults it has.
const FAULT_COUNT: usize = 28;

fn check_faults(page: &str, functions: &BTreeSet<String>, findings: &mut Vec<String>) {
    let mut shown = BTreeSet::new();
    for (line, number) in page.lines().zip(1..) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, fault, .., tests, _] = cells.as_slice() else { continue };
        let Ok(fault) = fault.parse::<usize>() else { continue };
        shown.insert(fault);
        let named: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
        if named.is_empty() {
            findings.push(format!("{FAULTS}:{number}: fault {fault} names no test"));
        }
        for test in named.into_iter().filter(|test| !functions.contains(*test)) {
            findings.push(format!("{FAULTS}:{number}: there is no test {test}"));
        }
    }
    let missing = (1..=FAULT_COUNT).filter(|fault| !shown.contains(fault));
    findings.extend(missing.map(|fault| format!("{FAULTS}:1: fault {fault} is missing")));
}

fn walk(
    root: &Path,
    folder: &Path,
    findings: &mut Vec<String>,
    functions: &mut BTreeSet<String>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !name.starts_with('.') && name != "target" {
                walk(root, &path, findings, functions)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            let text = fs::read_to_string(&path)?;
            check_file(&shown, &text, findings);
            functions.extend(text.lines().filter_map(function));
        }
    }
    Ok(())
}

/// The name of the function that a line begins.
fn function(line: &str) -> Option<String> {
    let (before, rest) = line.split_once("fn ")?;
    let is_head = before
        .trim()
        .split(' ')
        .all(|word| word.is_empty() || ["pub", "pub(crate)", "async"].contains(&word));
    let name = rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next()?;
    (is_head && !name.is_empty()).then(|| name.to_owned())
}

fn check_file(file: &str, text: &str, findings: &mut Vec<String>) {
    let lines: Vec<_> = text.lines().collect();
    if lines.len() > MAX_LINES {
        let found = lines.len();
        findings.push(format!("{file}:{MAX_LINES}: expected at most {MAX_LINES} lines, found {found}"));
    }
    for (index, line) in lines.iter().enumerate() {
        let number = index + 1;
        for (word, why) in FORBIDDEN {
            if line.contains(word) {
                findings.push(format!("{file}:{number}: {word}: {why}"));
            }
        }
        if let Some(attribute) = relaxed_lint(&lines[index..])
            && !attribute.contains("reason")
        {
            findings.push(format!("{file}:{number}: a relaxed lint without its reason"));
        }
    }
}

/// The whole attribute that relaxes a lint and begins in the first of these lines, however many it takes.
fn relaxed_lint(lines: &[&str]) -> Option<String> {
    let first = lines.first()?.trim_start();
    let inside = first.strip_prefix("#![").or_else(|| first.strip_prefix("#["))?;
    if !inside.starts_with("allow(") && !inside.starts_with("expect(") {
        return None;
    }
    let end = lines.iter().position(|line| line.trim_end().ends_with(']')).unwrap_or(0);
    Some(lines[..=end].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        check_file("a.rs", text, &mut findings);
        findings
    }

    #[test]
    fn a_relaxed_lint_needs_a_reason_on_whatever_line() {
        assert_eq!(
            findings(concat!("#[", "allow(dead_code)]")),
            ["a.rs:1: a relaxed lint without its reason"]
        );
        assert!(findings(concat!("#[", "allow(\n    dead_code,\n    reason = \"…\"\n)]")).is_empty());
    }

    #[test]
    fn stubs_ignored_tests_and_long_files_are_found() {
        assert_eq!(findings(concat!("fn a() { todo", "!() }")).len(), 1);
        assert_eq!(
            findings(concat!("\n#[", "ignore]")),
            [concat!("a.rs:2: #[", "ignore: a test is run or it is not written")]
        );
        assert_eq!(findings(&"\n".repeat(701)), ["a.rs:700: expected at most 700 lines, found 701"]);
    }

    #[test]
    fn a_fault_without_a_test_and_a_test_that_is_none_are_found() {
        let functions = ["pub(crate) async fn it_holds<P: Place>() {", "    fn x(", "/// fn y()"];
        let functions: BTreeSet<_> = functions.into_iter().filter_map(function).collect();
        assert_eq!(functions, ["it_holds", "x"].map(str::to_owned).into());
        let page = "| # | Fault | Shown by |\n|---|---|---|\n| 1 | a | `it_holds` |\n| 2 | b | `it_held` |\n| 3 | c | |";
        let mut findings = Vec::new();
        check_faults(page, &functions, &mut findings);
        let missing = (4..=FAULT_COUNT).map(|fault| format!("docs/faults.md:1: fault {fault} is missing"));
        let found = ["docs/faults.md:4: there is no test it_held", "docs/faults.md:5: fault 3 names no test"];
        assert_eq!(findings, found.map(str::to_owned).into_iter().chain(missing).collect::<Vec<_>>());
    }

    #[test]
    fn this_workspace_is_tidy() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert_eq!(check(root).unwrap(), Vec::<String>::new());
    }
}
