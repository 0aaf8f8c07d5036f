//! What `docs/new-layout.md` tells people to type gives what it shows.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::Path;
use std::process::Command;

/// A command of the page, and the lines that it prints.
struct Step {
    command: String,
    shown: Vec<String>,
}

#[test]
fn every_command_of_the_page_prints_what_the_page_shows() {
    let page = page();
    let folder = folder(blocks(&page, "toml")[0]);
    for step in blocks(&page, "console").into_iter().flat_map(steps) {
        assert_eq!(typed(folder.path(), &step.command), step.shown, "{}", step.command);
    }
}

#[test]
fn places_copied_as_a_document_counts_them_are_found_as_the_page_shows() {
    let page = page();
    let layout: Vec<_> = blocks(&page, "toml")[0].lines().map(counted_from_one).collect();
    let folder = folder(&layout.join("\n"));
    let found = typed(folder.path(), "replay lint layouts/hangang-points.toml");
    assert_eq!(found, blocks(&page, "text")[0].lines().collect::<Vec<_>>());
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/new-layout.md");
    std::fs::read_to_string(path).unwrap()
}

/// The fenced blocks of a language, in their order.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("\n```{language}\n");
    let blocks: Vec<_> =
        page.split(&fence).skip(1).map(|rest| rest.split_inclusive("```").next().unwrap()).collect();
    assert!(!blocks.is_empty(), "the page has no {language}");
    blocks.into_iter().map(|block| block.strip_suffix("```").unwrap()).collect()
}

fn steps(block: &str) -> Vec<Step> {
    let mut steps = Vec::<Step>::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step { command: command.to_owned(), shown: Vec::new() }),
            (None, Some(step)) => step.shown.push(line.to_owned()),
            (None, None) => panic!("a block begins with a command: {block}"),
        }
    }
    steps
}

/// A folder of its own with the layout file where the page puts it.
fn folder(layout: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("layouts")).unwrap();
    std::fs::write(folder.path().join("layouts/hangang-points.toml"), layout).unwrap();
    folder
}

/// The lines a command prints, without the blanks at the ends of a table's lines.
fn typed(folder: &Path, command: &str) -> Vec<String> {
    let replay = format!("replay() {{ '{}' \"$@\"; }}", env!("CARGO_BIN_EXE_telegram-replay"));
    let mut bash = Command::new("bash");
    let output = bash.args(["-c", &format!("{replay}; {command}")]).current_dir(folder).output().unwrap();
    assert!(output.stderr.is_empty(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// A line of a layout file, its place as if the first byte were number 1.
fn counted_from_one(line: &str) -> String {
    match line.split_once(" = ") {
        Some((key, at)) if key.trim_end() == "at" => {
            format!("{key} = {}", at.parse::<usize>().unwrap() + 1)
        }
        _ => line.to_owned(),
    }
}
