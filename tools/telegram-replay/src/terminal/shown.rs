//! Telegrams as they may be shown.

use super::key::Keys;
use super::{Shown, Telegram};
use crate::layout::{Decoded, Layout, Layouts};

/// The telegram as it may be shown, by the layout given or the one its type names.
pub(super) fn shown(keys: &Keys, layouts: &Layouts, telegram: &[u8], layout: Option<&Layout>) -> Telegram {
    let named = keys.layout_name(telegram).and_then(|name| layouts.get(&name).ok());
    let layout = layout.or(named.as_deref());
    let decoded = layout.map(|layout| layout.decode(telegram));
    let fields = decoded.iter().flat_map(Decoded::readings).filter_map(|reading| {
        let (name, title) = (reading.field().path.clone(), reading.field().title.clone());
        Some(Shown { name, title, value: reading.shown() }).filter(|shown| !shown.value.is_empty())
    });
    Telegram {
        layout: layout.map(|layout| layout.name().to_owned()),
        bytes: telegram.len(),
        fields: fields.collect(),
    }
}
