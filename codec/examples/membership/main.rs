//! 한강멤버십, an invented loyalty programme whose telegrams have every kind of field and every key of a layout file.
//!
//! `cargo run -p codec --example membership` builds a request, looks into it, changes it on its way, takes the answer and shows
//! what an error says. How its layouts came to be is told in `docs/new-layout.md`.

mod purchase;
mod telegrams;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::io::{self, Write};

use bytes::{Bytes, BytesMut};
use codec::{Owned, Telegram as _};

use crate::telegrams::{Answer, Earn, LineView};

fn main() -> Result<(), Box<dyn Error>> {
    tell(&mut io::stdout().lock())
}

/// All of it, in the order of a purchase.
fn tell(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let mut buffer = BytesMut::with_capacity(Earn::LENGTH);
    purchase::earn()?.encode(&mut buffer)?;
    writeln!(out, "a request of {} bytes", buffer.len())?;

    look(&buffer, out)?;
    forward(&mut buffer, out)?;
    let answer = purchase::answer()?.encode_to_bytes()?;
    take_answer(answer, out)?;
    blame(&mut buffer, out)
}

/// One pass validates; each accessor then reads its own bytes and cannot fail.
fn look(telegram: &[u8], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let earn = Earn::view(telegram)?;
    writeln!(out, "{:?} of {} won at {}", earn.purpose(), earn.total(), earn.sold_at())?;
    for line in earn.basket().lines() {
        writeln!(out, "  {} x {} = {}", line.quantity(), line.name(), line.amount())?;
    }
    let refunds =
        earn.basket().lines().into_iter().map(LineView::amount).filter(|amount| *amount < 0).count();
    writeln!(out, "  of them taken back: {refunds}")?;

    // Parsed when asked for, never before. Neither shows what it holds unless it is asked for that, too.
    let track = earn.card().parse_track2()?;
    writeln!(out, "{track:?}, card until {}", track.expiry())?;
    writeln!(out, "{:?}", earn.reading().parse_emv()?)?;
    writeln!(out, "{:?}", earn.card())?;
    Ok(())
}

/// A few fields of a telegram on its way are set where they stand; the rest goes on as it came.
fn forward(telegram: &mut [u8], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let mut patch = Earn::patch(telegram)?;
    patch.header().set_serial("0000000043".parse()?)?.set_branch("HQ".parse()?)?;
    patch.set_cashier(None)?;
    patch.basket().coupons(1).ok_or("there are two coupons")?.set_discount(Some(500))?;

    let refused = patch.set_points(-123_456_789).expect_err("a minus sign needs a place");
    writeln!(out, "not set: {refused}")?;
    let header = patch.view().header();
    writeln!(out, "forwarded as {} from {}", header.serial(), header.branch())?;
    Ok(())
}

/// What is kept crosses threads and awaits, and is not validated again.
fn take_answer(bytes: Bytes, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let answer = Owned::<Answer>::new(bytes)?;
    let other = answer.clone();
    let balance =
        std::thread::spawn(move || other.view().points().balance()).join().map_err(|_| "no balance")?;
    let Answer { result, member, points, message, .. } = answer.view().to_owned();
    writeln!(out, "{result}: {}, {message}, {balance} points left", member.name)?;
    if let Some(at) = points.expires_at {
        writeln!(out, "some of them until {at}")?;
    }
    Ok(())
}

/// An error names the layout, the field by its path, its place, and both values; of a secret nothing.
fn blame(telegram: &mut [u8], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let path = "basket.lines[1].quantity";
    let quantity = Earn::LAYOUT.field(path).ok_or("no such field")?;
    telegram[quantity.at..][..quantity.len].copy_from_slice(b"2 x");
    telegram[98..101].copy_from_slice(b"12?");
    for error in Earn::validate_all(telegram) {
        writeln!(out, "{error}")?;
    }
    Ok(())
}
