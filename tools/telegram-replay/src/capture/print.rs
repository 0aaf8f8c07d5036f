//! A capture back as text, in UTF-8.

use std::fmt::{self, Display, Formatter, Write as _};
use std::time::Duration;

use super::parse::bare_char;
use super::{Assignment, Capture, Expect, Part, Quirk, Reference, Send, Statement, Value};

/// The text that parses to this capture again. Unlike `Debug` it writes every value, card numbers too.
impl Display for Capture {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let handshake = if self.handshake { " handshake=true" } else { "" };
        writeln!(f, "telegram-capture 1 framing={}{handshake} charset=utf-8", self.framing)?;
        self.steps.iter().try_for_each(|step| write_statement(f, &step.statement))
    }
}

fn write_statement(f: &mut Formatter<'_>, statement: &Statement) -> fmt::Result {
    match statement {
        Statement::Default { layout, fields } => {
            write!(f, "default {layout}")?;
            write_fields(f, fields)?;
        }
        Statement::Say(text) => {
            f.write_str("say ")?;
            write_quoted(f, text)?;
        }
        Statement::Send(send) => write_send(f, send)?,
        Statement::Expect(expect) => write_expect(f, expect)?,
        Statement::Next(quirk) => f.write_str(match quirk {
            Quirk::WrongLrc => "next wrong-lrc",
            Quirk::WrongLrcAlways => "next wrong-lrc-always",
            Quirk::NoAck => "next no-ack",
        })?,
        Statement::Close => f.write_str("close")?,
        Statement::Wait(time) => write!(f, "wait {}", Time(*time))?,
    }
    f.write_char('\n')
}

fn write_send(f: &mut Formatter<'_>, send: &Send) -> fmt::Result {
    match send {
        Send::Fields { label, layout, fields } => {
            write!(f, "> {label} {layout}")?;
            write_fields(f, fields)
        }
        Send::Again { label } => write!(f, "> again {label}"),
        Send::Text(text) => {
            f.write_str("> text ")?;
            write_quoted(f, &text.0)
        }
        Send::Hex(bytes) => {
            f.write_str("> hex")?;
            bytes.0.iter().try_for_each(|byte| write!(f, " {byte:02X}"))
        }
        Send::Raw(bytes) => {
            f.write_str("> raw hex")?;
            bytes.0.iter().try_for_each(|byte| write!(f, " {byte:02X}"))
        }
    }
}

fn write_expect(f: &mut Formatter<'_>, expect: &Expect) -> fmt::Result {
    match expect {
        Expect::Answer { layout, of, fields } => {
            write!(f, "< {layout}")?;
            if let Some(label) = of {
                write!(f, " for {label}")?;
            }
            write_fields(f, fields)
        }
        Expect::Closed => f.write_str("< closed"),
        Expect::Eot => f.write_str("< eot"),
        Expect::Nothing(time) => write!(f, "< none {}", Time(*time)),
    }
}

fn write_fields(f: &mut Formatter<'_>, fields: &[Assignment]) -> fmt::Result {
    for Assignment { field, value } in fields {
        write!(f, " {field}=")?;
        match value {
            Value::Text(text) if bare(&text.0) => f.write_str(&text.0)?,
            Value::Text(text) => write_quoted(f, &text.0)?,
            Value::Bytes(bytes) => {
                f.write_str("hex\"")?;
                bytes.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))?;
                f.write_char('"')?;
            }
            Value::Unchecked(text) => {
                f.write_str("raw")?;
                write_quoted(f, &text.0)?;
            }
            Value::Now(0) => f.write_str("now")?,
            Value::Now(seconds) => write!(f, "now{seconds:+}s")?,
            Value::Today(0) => f.write_str("today")?,
            Value::Today(days) => write!(f, "today{days:+}d")?,
            Value::Of(reference) => write!(f, "{reference}")?,
        }
    }
    Ok(())
}

/// As a capture writes it.
impl Display for Reference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Part::Sent => "",
            Part::Reply => "reply.",
        };
        write!(f, "@{}.{part}{}", self.label, self.field)?;
        match &self.slice {
            None => Ok(()),
            Some(slice) => {
                let to = slice.to.map(|to| to.to_string()).unwrap_or_default();
                write!(f, "[{}..{to}]", slice.from)
            }
        }
    }
}

/// Whether the text means itself without quotes.
fn bare(text: &str) -> bool {
    let other_form = ["now", "today", "@"].iter().any(|opening| text.starts_with(opening));
    !text.is_empty() && text.chars().all(bare_char) && !other_form
}

fn write_quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}

struct Time(Duration);

impl Display for Time {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0.as_millis())
    }
}
