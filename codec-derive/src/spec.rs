//! Finds and reads the layout file a struct names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use specs::Layout;
use syn::LitStr;

use crate::attributes::RecordAttribute;

/// The layout, and the files it was read from.
pub(crate) struct Spec {
    pub(crate) layout: Layout,
    pub(crate) files: Vec<PathBuf>,
}

/// Reads the layout file; its findings become compile errors.
pub(crate) fn load(attribute: &RecordAttribute) -> syn::Result<Spec> {
    let folder = match &attribute.dir {
        None => PathBuf::from(specs::LAYOUTS_DIR),
        Some(dir) => beside_source(dir)?,
    };
    let name = attribute.spec.value();
    let path = folder.join(format!("{name}.toml"));
    if !path.is_file() {
        let message = format!("there is no layout \"{name}\"; there are {}", names(&folder).join(", "));
        return Err(syn::Error::new(attribute.spec.span(), message));
    }
    let layout = specs::read(&path).map_err(|mut findings| {
        for finding in &mut findings.0 {
            // The folder differs between checkouts; the file's name says enough.
            if let Some(file) = Path::new(&finding.file).file_name() {
                finding.file = file.to_string_lossy().into_owned();
            }
        }
        syn::Error::new(attribute.spec.span(), format!("the layout file has faults:\n{findings}"))
    })?;
    let mut used = BTreeSet::from([layout.name.clone()]);
    groups(&layout, &mut used);
    let files = used.iter().map(|name| folder.join(format!("{name}.toml"))).collect();
    Ok(Spec { layout, files })
}

/// The folder `dir` means: relative to the source file it is written in.
fn beside_source(dir: &LitStr) -> syn::Result<PathBuf> {
    let source = dir.span().unwrap().local_file();
    let folder = source.as_deref().and_then(Path::parent).map(|folder| folder.join(dir.value()));
    folder.and_then(|folder| folder.canonicalize().ok()).ok_or_else(|| {
        syn::Error::new(dir.span(), "there is no such folder, looked up from the folder of this source file")
    })
}

fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}

fn groups(layout: &Layout, used: &mut BTreeSet<String>) {
    for group in layout.fields.iter().filter_map(|field| field.group.as_deref()) {
        used.insert(group.name.clone());
        groups(group, used);
    }
}
