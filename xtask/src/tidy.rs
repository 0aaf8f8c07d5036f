//! Rules that the compiler and its lints do not know.

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
    walk(root, root, &mut findings)?;
    findings.sort();
    Ok(findings)
}

fn walk(root: &Path, folder: &Path, findings: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !name.starts_with('.') && name != "target" {
                walk(root, &path, findings)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            check_file(&shown, &fs::read_to_string(&path)?, findings);
        }
    }
    Ok(())
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
    fn this_workspace_is_tidy() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert_eq!(check(root).unwrap(), Vec::<String>::new());
    }
}
