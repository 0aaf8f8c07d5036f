//! A decoder as one would write it first: field by field from the layout file, with strings, and nothing of the codec.

use std::collections::BTreeMap;

use specs::{Align, Encoding, Field, Format, Kind, Layout};

/// A telegram as the layout file reads it.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// The dotted paths of all fields at fault, in the order of the wire; an empty one for a wrong length.
    pub(crate) faults: Vec<String>,
    /// The value of each field that has one, by its path. Worth nothing where there are faults.
    pub(crate) values: BTreeMap<String, Option<String>>,
}

pub(crate) fn read(layout: &Layout, telegram: &[u8]) -> Reading {
    let mut reading = Reading::default();
    if telegram.len() == layout.length {
        read_layout(layout, telegram, "", true, &mut reading);
    } else {
        reading.faults.push(String::new());
    }
    reading
}

fn read_layout(layout: &Layout, bytes: &[u8], prefix: &str, in_use: bool, reading: &mut Reading) {
    for field in &layout.fields {
        let path = format!("{prefix}{}", field.name);
        let raw = &bytes[field.at..field.at + field.len * field.repeat];
        if let Some(group) = &field.group {
            let used = match &field.count {
                Some(counter) => {
                    count(layout.fields.iter().find(|field| field.name == *counter).unwrap(), bytes)
                }
                None => field.repeat,
            };
            let is_single = field.repeat == 1 && field.count.is_none();
            for (index, occurrence) in raw.chunks(field.len).enumerate() {
                let prefix = if is_single { format!("{path}.") } else { format!("{path}[{index}].") };
                read_layout(group, occurrence, &prefix, in_use && index < used, reading);
            }
        } else if in_use {
            let most = layout.fields.iter().find(|group| group.count.as_ref() == Some(&field.name));
            let is_too_many = most.is_some_and(|group| count(field, bytes) > group.repeat);
            match value(field, raw) {
                Some(value) if !is_too_many => {
                    let comes_from_elsewhere =
                        field.value.is_some() || most.is_some() || field.kind == Kind::Filler;
                    if !comes_from_elsewhere {
                        reading.values.insert(path, value);
                    }
                }
                _ => reading.faults.push(path),
            }
        }
    }
}

/// How many occurrences a counting field says are in use.
fn count(counter: &Field, bytes: &[u8]) -> usize {
    let digits = latin(&bytes[counter.at..counter.at + counter.len]);
    let digits = digits.trim_matches(' ');
    if digits.chars().all(|digit| digit.is_ascii_digit()) { digits.parse().unwrap_or(0) } else { 0 }
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The value that stands there, none inside where it is absent; none at all where it breaks a rule.
#[allow(clippy::option_option, reason = "absent and wrong are two things")]
fn value(field: &Field, raw: &[u8]) -> Option<Option<String>> {
    let raw = if field.lenient.cut { before_half(field, raw) } else { raw };
    let text = latin(raw);
    if let Some(constant) = &field.value {
        let missing = String::from(char::from(field.pad)).repeat(field.len - constant.len());
        let padded = match field.align {
            Align::Left => format!("{constant}{missing}"),
            Align::Right => format!("{missing}{constant}"),
        };
        return (text == padded).then_some(None);
    }
    let text = if field.lenient.nul { text.trim_end_matches('\0') } else { &text };
    if field.blank_is_absent && text.trim_matches(' ').is_empty() {
        return Some(None);
    }
    let read = match field.kind {
        Kind::Number => number(field, text),
        Kind::Digits => digits(field, text),
        Kind::Text | Kind::Code => printable(field, text),
        Kind::Korean => korean(field, &raw[..text.chars().count()]),
        Kind::Datetime => moment(field.format.unwrap(), text),
        Kind::Binary | Kind::Filler | Kind::Group => Some(raw.escape_ascii().to_string()),
    };
    read.map(Some)
}

/// The text without what pads it, where blanks pad.
fn unpadded<'a>(field: &Field, text: &'a str) -> &'a str {
    match (field.pad, field.align) {
        _ if field.lenient.alignment => text.trim_matches(' '),
        (b' ', Align::Left) => text.trim_end_matches(' '),
        (b' ', Align::Right) => text.trim_start_matches(' '),
        _ => text,
    }
}

fn number(field: &Field, text: &str) -> Option<String> {
    let text = unpadded(field, text);
    let text = if field.lenient.padding { text.trim_start_matches(' ') } else { text };
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) if field.signed => ("-", digits),
        _ => ("", text),
    };
    let is_number = !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_digit());
    let significant = digits.trim_start_matches('0');
    match (is_number, sign, significant) {
        (false, _, _) | (true, "-", "") => None,
        (true, _, "") => Some("0".to_owned()),
        (true, sign, digits) => Some(format!("{sign}{digits}")),
    }
}

fn digits(field: &Field, text: &str) -> Option<String> {
    let digits = unpadded(field, text);
    let are_digits = !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_digit());
    are_digits.then(|| digits.to_owned())
}

fn printable(field: &Field, text: &str) -> Option<String> {
    let stands = match field.align {
        _ if field.lenient.alignment => true,
        Align::Left => !text.starts_with(' '),
        Align::Right => !text.ends_with(' '),
    };
    let value = text.trim_matches(' ');
    let is_printable = text.chars().all(|c| (' '..='~').contains(&c));
    (is_printable && (stands || value.is_empty())).then(|| value.to_owned())
}

fn korean(field: &Field, bytes: &[u8]) -> Option<String> {
    let mut at = 0;
    while at < bytes.len() {
        let pair = (bytes[at], bytes.get(at + 1).copied().unwrap_or(0));
        at += match (field.encoding, pair) {
            (_, (b' '..=b'~', _)) => 1,
            (Encoding::Ksx1001, (0xa1..=0xfe, 0xa1..=0xfe)) => 2,
            (Encoding::Uhc, (0x81..=0xfe, second)) if second >= 0x81 && second != 0xff => 2,
            (Encoding::Uhc, (0x81..=0xfe, second)) if second.is_ascii_alphabetic() => 2,
            _ => return None,
        };
    }
    let text = encoding_rs::EUC_KR.decode_without_bom_handling(bytes).0;
    let text = text.trim_end_matches(' ');
    Some(if field.align == Align::Right { text.trim_start_matches(' ') } else { text }.to_owned())
}

/// The whole characters before half a one, if the last byte is that.
fn before_half<'a>(field: &Field, raw: &'a [u8]) -> &'a [u8] {
    let (half, whole) = raw.split_last().unwrap();
    let is_half = match field.encoding {
        Encoding::Ksx1001 => *half >= 0xa1,
        Encoding::Uhc => *half >= 0x81,
    };
    if is_half && *half != 0xff && korean(field, whole).is_some() { whole } else { raw }
}

fn moment(format: Format, text: &str) -> Option<String> {
    if !text.chars().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let (day, clock) = match format {
        Format::DateTime | Format::ShortDateTime | Format::MonthDayTime => text.split_at(text.len() - 6),
        Format::Date | Format::ShortDate => (text, ""),
        Format::Time => ("", text),
    };
    let two = |text: &str, at: usize| text[at..at + 2].parse::<u32>().unwrap();
    if !clock.is_empty() && (two(clock, 0) > 23 || two(clock, 2) > 59 || two(clock, 4) > 59) {
        return None;
    }
    let clock = if clock.is_empty() {
        String::new()
    } else {
        format!("{}:{}:{}", &clock[..2], &clock[2..4], &clock[4..])
    };
    if day.is_empty() {
        return Some(clock);
    }
    let (year, month_day) = day.split_at(day.len() - 4);
    let year = match year.len() {
        4 => year.to_owned(),
        2 => format!("20{year}"),
        // Some year has a 29 February.
        _ => "2000".to_owned(),
    };
    let leap = {
        let year: u32 = year.parse().unwrap();
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let (month, of_month) = (two(month_day, 0), two(month_day, 2));
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    if of_month == 0 || of_month > last {
        return None;
    }
    Some(match format {
        Format::DateTime | Format::ShortDateTime => format!("{year}-{month:02}-{of_month:02}T{clock}"),
        Format::MonthDayTime => format!("{month:02}-{of_month:02} {clock}"),
        Format::Date | Format::ShortDate | Format::Time => format!("{year}-{month:02}-{of_month:02}"),
    })
}
