//! A golden telegram's file.

use std::path::{Path, PathBuf};

/// One golden telegram.
pub(super) struct Golden {
    /// The file's name without `.txt`.
    pub(super) name: String,
    /// The layout its first line names.
    pub(super) layout: String,
    /// Offset and length of each line.
    pub(super) lines: Vec<(usize, usize)>,
    /// The bytes of all lines.
    pub(super) telegram: Vec<u8>,
}

/// All golden telegrams, by name.
pub(super) fn all() -> Vec<Golden> {
    let mut names: Vec<String> = folder()
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort_unstable();
    names.into_iter().map(Golden::read).collect()
}

impl Golden {
    fn read(name: String) -> Self {
        let text = std::fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap();
        let (title, fields) = text.split_once('\n').unwrap();
        let layout = title.strip_prefix("# ").and_then(|title| title.split_once(": "));
        let (layout, _) = layout.unwrap_or_else(|| panic!("{name}: expected # <layout>: <what it is>"));
        let mut golden = Self { name, layout: layout.to_owned(), lines: Vec::new(), telegram: Vec::new() };
        fields.lines().for_each(|line| golden.push(line));
        golden
    }

    fn push(&mut self, line: &str) {
        let [at, len, rest] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else {
            panic!("{}: expected offset, length and content, found {line}", self.name);
        };
        let content = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap().0.as_bytes().to_vec(),
            None => from_hex(rest.split(' ').next().unwrap()),
        };
        let place = (at.parse().unwrap(), len.parse().unwrap());
        assert_eq!(place, (self.telegram.len(), content.len()), "{}: {line}", self.name);
        self.lines.push(place);
        self.telegram.extend(content);
    }

    /// The file of the same name with another extension.
    pub(super) fn beside(&self, extension: &str) -> PathBuf {
        folder().join(format!("{}.{extension}", self.name))
    }
}

/// Where they stand.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
