//! Telegrams that keep their layout's rules, made from the layout file alone.

use std::collections::HashMap;

use specs::{Align, Encoding, Field, Format, Kind, Layout};

use super::random::Random;

/// Which of the forms that a layout accepts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The one that is written.
    Written,
    /// Any: odd padding where the layout is lenient, leading zeros between blanks, something in fillers and in what is not used.
    Accepted,
}

pub(crate) fn telegram(layout: &Layout, form: Form, random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(layout.length);
    let mut counts = HashMap::new();
    for group in &layout.fields {
        if let Some(counter) = &group.count {
            counts.insert(counter.as_str(), random.within(0, group.repeat));
        }
    }
    for field in &layout.fields {
        if let Some(group) = &field.group {
            let used = field.count.as_ref().map_or(field.repeat, |counter| counts[counter.as_str()]);
            for index in 0..field.repeat {
                let occurrence = match form {
                    _ if index < used => telegram(group, form, random),
                    Form::Written => vec![b' '; field.len],
                    Form::Accepted => anything(field.len, random),
                };
                bytes.extend(occurrence);
            }
        } else {
            let count = counts.get(field.name.as_str());
            let content = match count {
                Some(count) => number(field, &count.to_string(), form, random),
                None => content(field, form, random),
            };
            assert_eq!(content.len(), field.len, "{}", field.name);
            bytes.extend(content);
        }
    }
    bytes
}

fn content(field: &Field, form: Form, random: &mut Random) -> Vec<u8> {
    let len = field.len;
    if let Some(value) = &field.value {
        return aligned(value.as_bytes(), field);
    }
    if field.blank_is_absent && random.once_in(4) {
        let mut blanks = vec![b' '; len];
        if form == Form::Accepted && field.lenient.cut {
            blanks[len - 1] = 0xb0;
        } else if form == Form::Accepted && field.lenient.nul {
            blanks[random.below(len)..].fill(0);
        }
        return blanks;
    }
    match field.kind {
        Kind::Number => {
            let negative = field.signed && len > 1 && random.once_in(2);
            let places = random.within(1, len - usize::from(negative));
            let nines = random.once_in(4);
            let digit = |random: &mut Random| if nines { '9' } else { char::from(b'0' + random.byte() % 10) };
            let digits: String = (0..places).map(|_| digit(random)).collect();
            let digits = digits.trim_start_matches('0');
            let text = match (digits, negative) {
                ("", _) => "0".to_owned(),
                (digits, true) => format!("-{digits}"),
                (digits, false) => digits.to_owned(),
            };
            number(field, &text, form, random)
        }
        Kind::Digits => {
            let places = if field.pad == b'0' { len } else { random.within(1, len) };
            let digits: Vec<u8> = (0..places).map(|_| b'0' + random.byte() % 10).collect();
            aligned(&digits, field)
        }
        Kind::Text | Kind::Code => {
            let least = usize::from(field.blank_is_absent);
            let places = random.within(least, len);
            let mut text: Vec<u8> = (0..places).map(|_| random.pick(b" !09AZaz~OX")).collect();
            for edge in [0, places.saturating_sub(1)] {
                if let Some(byte) = text.get_mut(edge).filter(|byte| **byte == b' ') {
                    *byte = b'-';
                }
            }
            loosely(&text, field, form, random)
        }
        Kind::Korean => {
            let text = characters(field, random);
            loosely(&text, field, form, random)
        }
        Kind::Datetime => moment(field.format.unwrap(), random).into_bytes(),
        Kind::Binary => {
            let mut bytes = anything(len, random);
            bytes[0] = random.pick(&[0, 0x9f, b'0', 0xff]);
            bytes
        }
        Kind::Filler if form == Form::Written => vec![field.pad; len],
        Kind::Filler | Kind::Group => anything(len, random),
    }
}

fn anything(len: usize, random: &mut Random) -> Vec<u8> {
    (0..len).map(|_| random.byte()).collect()
}

fn aligned(value: &[u8], field: &Field) -> Vec<u8> {
    let padding = vec![field.pad; field.len - value.len()];
    match field.align {
        Align::Left => [value, &padding].concat(),
        Align::Right => [&padding, value].concat(),
    }
}

/// A number without leading zeros, as the field has it.
fn number(field: &Field, text: &str, form: Form, random: &mut Random) -> Vec<u8> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let zeros_till = |len: usize| "0".repeat(len - text.len());
    let is_loose = form == Form::Accepted && random.once_in(2);
    let wider = format!("{sign}{}{digits}", zeros_till(random.within(text.len(), field.len)));
    if field.pad == b'0' {
        let text = if is_loose && field.lenient.padding {
            wider
        } else {
            format!("{sign}{}{digits}", zeros_till(field.len))
        };
        return format!("{text:>0$}", field.len).into_bytes();
    }
    let text = if is_loose { &wider } else { text };
    if is_loose && field.lenient.alignment {
        anywhere(text.as_bytes(), field, random)
    } else {
        aligned(text.as_bytes(), field)
    }
}

/// At its side, or as the field's leniencies let it stand.
fn loosely(value: &[u8], field: &Field, form: Form, random: &mut Random) -> Vec<u8> {
    if form == Form::Written || random.once_in(3) {
        return aligned(value, field);
    }
    let mut bytes =
        if field.lenient.alignment { anywhere(value, field, random) } else { aligned(value, field) };
    if field.lenient.cut && value.len() < field.len && random.once_in(2) {
        bytes[field.len - 1] = random.pick(&[0xa1, 0xb0, 0xfe]);
    } else if field.lenient.nul {
        let end = bytes.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
        let nuls = random.within(end, bytes.len());
        bytes[nuls..].fill(0);
    }
    bytes
}

fn anywhere(value: &[u8], field: &Field, random: &mut Random) -> Vec<u8> {
    let before = random.within(0, field.len - value.len());
    [vec![b' '; before], value.to_vec(), vec![b' '; field.len - value.len() - before]].concat()
}

/// Whole characters, assigned or not, no blank at the end.
fn characters(field: &Field, random: &mut Random) -> Vec<u8> {
    let places = random.within(usize::from(field.blank_is_absent), field.len);
    let mut text = Vec::new();
    while text.len() < places {
        let pair = match field.encoding {
            _ if places - text.len() == 1 || random.once_in(3) => vec![random.pick(b" a~0")],
            Encoding::Ksx1001 => {
                vec![random.pick(&[0xa1, 0xb0, 0xc8, 0xc9, 0xfe]), random.pick(&[0xa1, 0xb3, 0xfe])]
            }
            Encoding::Uhc => vec![
                random.pick(&[0x81, 0x8c, 0xa0, 0xb0, 0xc6, 0xfe]),
                random.pick(&[b'A', b'Z', b'a', b'c', b'z', 0x81, 0xa0, 0xa1, 0xfe]),
            ],
        };
        text.extend(pair);
    }
    for edge in [0, text.len().saturating_sub(1)] {
        if let Some(byte) = text.get_mut(edge).filter(|byte| **byte == b' ') {
            *byte = b'.';
        }
    }
    text
}

fn moment(format: Format, random: &mut Random) -> String {
    let year = random.pick(&[0, 1, 1900, 1999, 2000, 2024, 2026, 2099, 2100, 9999]);
    let year = if format.word().starts_with("yyyy") { year } else { 2000 + year % 100 };
    let month = random.within(1, 12);
    let leap = format == Format::MonthDayTime || year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + usize::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let day = random.pick(&[1, 28, last]);
    let clock = format!("{:02}{:02}{:02}", random.below(24), random.below(60), random.below(60));
    let short = year % 100;
    match format {
        Format::DateTime => format!("{year:04}{month:02}{day:02}{clock}"),
        Format::ShortDateTime => format!("{short:02}{month:02}{day:02}{clock}"),
        Format::MonthDayTime => format!("{month:02}{day:02}{clock}"),
        Format::Date => format!("{year:04}{month:02}{day:02}"),
        Format::ShortDate => format!("{short:02}{month:02}{day:02}"),
        Format::Time => clock,
    }
}
