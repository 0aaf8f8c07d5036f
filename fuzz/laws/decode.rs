//! What holds of any bytes that are said to be a telegram.

use codec::Rule;
use telegram_replay::layout::Layout;

use super::Compiled;

/// What reads a telegram: the struct, and the layout file read at run time.
pub(super) struct Readers {
    compiled: Vec<(Compiled, Layout)>,
}

impl Readers {
    /// Of these structs, by the layout that `layout` finds for a name.
    pub(super) fn new(compiled: Vec<Compiled>, layout: impl Fn(&str) -> Layout) -> Self {
        let compiled = compiled.into_iter().map(|compiled| (compiled, layout(compiled.layout.name)));
        Self { compiled: compiled.collect() }
    }

    /// Reads a telegram in all ways.
    ///
    /// The first line of the input names its layout. A telegram of another length is cut, or filled with blanks, and read once more,
    /// for what stands behind the first rule.
    ///
    /// # Errors
    /// What does not hold.
    pub(super) fn check(&self, input: &[u8]) -> Result<(), String> {
        let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return Ok(()) };
        let (name, telegram) = (&input[..end], &input[end + 1..]);
        let named = self.compiled.iter().find(|(compiled, _)| compiled.layout.name.as_bytes() == name);
        let Some((compiled, layout)) = named else { return Ok(()) };
        let length = compiled.layout.length;
        judge(compiled, layout, telegram).map_err(|why| format!("{}: {why}", compiled.layout.name))?;
        if telegram.len() == length {
            return Ok(());
        }
        let mut fitted = telegram.to_vec();
        fitted.resize(length, b' ');
        judge(compiled, layout, &fitted).map_err(|why| format!("{}: {why}", compiled.layout.name))
    }
}

fn judge(compiled: &Compiled, layout: &Layout, telegram: &[u8]) -> Result<(), String> {
    let faults = (compiled.faults)(telegram);
    let first = faults.first().map(codec::Error::field);
    let by_file = layout.check(telegram).err().map(|(field, _)| field.map(|field| field.path.as_str()));
    if first != by_file {
        return Err(format!("compiled, the first fault is in {first:?}; at run time, in {by_file:?}"));
    }
    if (compiled.conforms)(telegram) != faults.is_empty() {
        return Err(format!("the quick check and the rules differ: {faults:?}"));
    }
    let secret = |path| compiled.layout.field(path).is_some_and(|field| field.secret);
    for error in &faults {
        // Shown, because showing must not fail either.
        let text = error.to_string();
        if error.found().is_some() && (error.rule() == Rule::Length || error.field().is_some_and(secret)) {
            return Err(format!("shows what it must not: {}", text.len()));
        }
    }
    if faults.is_empty() { accepted(compiled, telegram) } else { refused(compiled, telegram) }
}

/// All of it is read, and what is written of it reads the same and is written the same.
fn accepted(compiled: &Compiled, telegram: &[u8]) -> Result<(), String> {
    let shown = (compiled.shown)(telegram).map_err(|error| format!("no view: {error}"))?;
    let written = (compiled.rewritten)(telegram).map_err(|error| format!("it is not written: {error}"))?;
    let again =
        (compiled.rewritten)(&written).map_err(|error| format!("what is written is not read: {error}"))?;
    if written != again {
        return Err("it is written in two ways".to_owned());
    }
    match (compiled.shown)(&written) {
        Ok(after) if after == shown => Ok(()),
        Ok(_) => Err("what is written has other values".to_owned()),
        Err(error) => Err(format!("what is written has no view: {error}")),
    }
}

fn refused(compiled: &Compiled, telegram: &[u8]) -> Result<(), String> {
    if (compiled.shown)(telegram).is_ok() || (compiled.rewritten)(telegram).is_ok() {
        return Err("it has faults, and is read".to_owned());
    }
    Ok(())
}
