//! Layouts found by their names.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use specs::Findings;

use super::Layout;

/// Layouts by name, each read once.
#[derive(Debug)]
pub struct Layouts {
    folder: Option<PathBuf>,
    read: Mutex<HashMap<String, Arc<Layout>>>,
}

impl Layouts {
    /// The layouts compiled into this program.
    pub fn embedded() -> Self {
        Self { folder: None, read: Mutex::default() }
    }

    /// The layouts of a folder.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), read: Mutex::default() }
    }

    /// The layout of that name.
    ///
    /// # Errors
    /// The reader's findings when there is none, or it is faulty.
    pub fn get(&self, name: &str) -> Result<Arc<Layout>, Findings> {
        let mut read = self.read.lock().expect("nothing panics while it is held");
        if let Some(layout) = read.get(name) {
            return Ok(Arc::clone(layout));
        }
        let layout = match &self.folder {
            Some(folder) => Layout::read(&folder.join(format!("{name}.toml")))?,
            None => Layout::embedded(name)?,
        };
        let layout = Arc::new(layout);
        read.insert(name.to_owned(), Arc::clone(&layout));
        Ok(layout)
    }
}
