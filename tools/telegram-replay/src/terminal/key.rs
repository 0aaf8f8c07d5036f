//! Which answer belongs to which telegram.

use std::sync::Arc;

use super::PrepareError;
use crate::layout::{self, Field, Layout, Layouts};

/// Type of the reply, terminal and trace number: what an answer is matched by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    reply_type: String,
    terminal_id: String,
    trace_no: String,
}

/// Reads keys off telegrams by the common header.
pub(super) struct Keys {
    header: Arc<Layout>,
    fields: [Field; 3],
}

impl Keys {
    pub(super) fn new(layouts: &Layouts) -> Result<Self, PrepareError> {
        let header =
            layouts.get("terminal-header").map_err(|findings| PrepareError::Layout { line: 1, findings })?;
        let field = |name| {
            header.field(name).cloned().map_err(|error| PrepareError::Field { line: 1, error: error.into() })
        };
        let fields = [field("telegram_type")?, field("terminal_id")?, field("trace_no")?];
        Ok(Self { header, fields })
    }

    /// The key of a telegram that arrived.
    pub(super) fn of(&self, telegram: &[u8]) -> Option<Key> {
        if telegram.len() < self.header.length() {
            return None;
        }
        let [reply_type, terminal_id, trace_no] =
            self.fields.each_ref().map(|field| layout::text_of(field, &telegram[field.range()]).into_owned());
        Some(Key { reply_type, terminal_id, trace_no })
    }

    /// The key that the answer to a telegram will have: its type is the request's with the third digit one more.
    pub(super) fn awaited(&self, telegram: &[u8]) -> Option<Key> {
        let mut key = self.of(telegram)?;
        key.reply_type = reply_type(&key.reply_type)?;
        Some(key)
    }

    /// The layout that a telegram's type names.
    pub(super) fn layout_name(&self, telegram: &[u8]) -> Option<String> {
        let kind = self.of(telegram)?.reply_type;
        (kind.len() == 4 && kind.bytes().all(|b| b.is_ascii_digit())).then(|| format!("terminal-{kind}"))
    }
}

/// The layout of the answer to a telegram of that layout.
pub(super) fn reply_layout(layout: &str) -> Option<String> {
    reply_type(layout.strip_prefix("terminal-")?).map(|kind| format!("terminal-{kind}"))
}

/// The type of the answer to a telegram of that type: its third digit is one more.
fn reply_type(kind: &str) -> Option<String> {
    let mut digits: Vec<u8> = kind.bytes().collect();
    match digits.as_mut_slice() {
        [b'0'..=b'9', b'0'..=b'9', kind @ b'0'..=b'8', b'0'..=b'9'] => *kind += 1,
        _ => return None,
    }
    Some(String::from_utf8(digits).expect("four digits are UTF-8"))
}
