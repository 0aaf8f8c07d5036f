//! A group whose occurrences a number field counts.

use crate::keys::{Keys, Sheet};
use crate::words::Kind;
use crate::{Field, Layout, Rule};

/// The rules of `count`; `earlier` are the fields before the group.
pub(crate) fn check(sheet: &mut Sheet<'_>, keys: &Keys<'_, '_>, group: &Field, earlier: &[Option<Field>]) {
    let Some(name) = group.count.as_deref() else { return };
    let line = keys.table.get("count").map_or(group.line, |value| sheet.line(value.span().start));
    let mut report = |expected: &str, found: String| {
        sheet.report(line, Some(&group.name), Rule::Count, expected, found);
    };
    if group.kind != Kind::Group || !keys.table.contains_key("repeat") {
        let found = if group.kind == Kind::Group {
            "no repeat".to_owned()
        } else {
            format!("kind = \"{}\"", group.kind)
        };
        report("count only on a group with repeat", found);
        return;
    }
    if group.group.as_deref().is_some_and(counts) {
        report("a group without counted groups in it, as it is counted itself", "one".to_owned());
    }
    let Some(counter) = earlier.iter().flatten().find(|field| field.name == name) else {
        // Behind a field that could not be read, nothing can be said about the name.
        if earlier.iter().all(Option::is_some) {
            report("count to name an earlier field of this layout", format!("{name:?}"));
        }
        return;
    };
    if let Some(found) = unfit(counter) {
        report("count to name an unsigned number that is always there, no constant and no secret", found);
        return;
    }
    if u32::try_from(counter.len)
        .is_ok_and(|len| 10_usize.checked_pow(len).is_some_and(|end| group.repeat >= end))
    {
        report(
            &format!("a counting field that can hold {}", group.repeat),
            format!("\"{name}\" with len = {}", counter.len),
        );
    }
    if let Some(other) = earlier.iter().flatten().find(|field| field.count.as_deref() == Some(name)) {
        report("a counting field for each group", format!("\"{name}\", which counts \"{}\"", other.name));
    }
}

/// Whether an occurrence is counted somewhere in the layout.
fn counts(layout: &Layout) -> bool {
    layout.fields.iter().any(|field| field.count.is_some() || field.group.as_deref().is_some_and(counts))
}

/// What makes the field unable to count.
fn unfit(counter: &Field) -> Option<String> {
    let name = &counter.name;
    if counter.kind != Kind::Number {
        Some(format!("\"{name}\" with kind = \"{}\"", counter.kind))
    } else if counter.signed {
        Some(format!("\"{name}\" with signed = true"))
    } else if counter.value.is_some() {
        Some(format!("\"{name}\" with a value"))
    } else if counter.secret.is_some() {
        Some(format!("\"{name}\" with secret"))
    } else if counter.blank_is_absent {
        Some(format!("\"{name}\" with blank = \"none\""))
    } else {
        None
    }
}
