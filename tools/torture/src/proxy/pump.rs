//! One direction of one connection.

use std::{io, sync::atomic::Ordering, time::Duration};

use bytes::{Bytes, BytesMut};
use tokio::{net::TcpStream, sync::watch, time::sleep};

use super::{Fault, Shared};
use crate::chance::Chance;

/// Most bytes carried at a time.
const PIECE: usize = 16 * 1024;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// From the client to the server.
    Forth,
    /// From the server to the client.
    Back,
}

/// A socket failed, or bytes were lost and the line healed: both sockets are to be reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// Carries what `from` says to `to` until that is told that there is no more.
pub(super) async fn pump(
    from: &TcpStream,
    to: &TcpStream,
    direction: Direction,
    shared: &Shared,
    chance: Chance,
) -> Result<(), Broken> {
    let mut fault = shared.fault.clone();
    let frame = shared.frame.filter(|_| direction == Direction::Back);
    let is_back = direction == Direction::Back;
    let mut carrier = Carrier { shared, chance, is_back, is_framed: frame.is_some(), begun: BytesMut::new() };
    let mut piece = BytesMut::with_capacity(PIECE);
    let mut lost = false;
    loop {
        let now = *fault.borrow_and_update();
        if lost && !now.swallows(direction) {
            return Err(Broken);
        }
        if now == Fault::HalfOpen {
            lost = true;
            shared.counts.stalled.fetch_add(1, Ordering::Relaxed);
            if fault.changed().await.is_err() {
                return Err(Broken);
            }
            continue;
        }
        piece.reserve(PIECE);
        let read = tokio::select! {
            biased;
            changed = fault.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return Err(Broken),
            },
            read = read(from, &mut piece) => read,
        };
        match read {
            Err(_) => return Err(Broken),
            Ok(0) => {
                if carrier.finish(to).await.is_err() {
                    return Err(Broken);
                }
                // A peer that is gone needs not be told.
                let _ = socket2::SockRef::from(to).shutdown(std::net::Shutdown::Write);
                return Ok(());
            }
            Ok(count) if now.swallows(direction) => {
                lost = true;
                carrier.shared.counts.swallowed.fetch_add(count as u64, Ordering::Relaxed);
                piece.clear();
            }
            Ok(_) => {
                if carrier.carry(piece.split().freeze(), to, now, &fault).await.is_err() {
                    return Err(Broken);
                }
            }
        }
    }
}

struct Carrier<'s> {
    shared: &'s Shared,
    chance: Chance,
    /// Whether these are answers.
    is_back: bool,
    /// Whether frames are told apart here.
    is_framed: bool,
    /// A frame that is not whole yet.
    begun: BytesMut,
}

impl Carrier<'_> {
    async fn carry(
        &mut self,
        piece: Bytes,
        to: &TcpStream,
        fault: Fault,
        faults: &watch::Receiver<Fault>,
    ) -> io::Result<()> {
        let Some(frame) = self.shared.frame.filter(|_| self.is_framed) else {
            let piece = if self.is_back { self.spoilt(piece, fault) } else { piece };
            return self.write(&piece, to, fault, faults).await;
        };
        self.begun.extend_from_slice(&piece);
        let mut out = BytesMut::new();
        loop {
            match frame.decode(&mut self.begun) {
                Ok(Some(telegram)) => {
                    let telegram = self.spoilt(telegram, fault);
                    let times = if self.is_doubled(fault) { 2 } else { 1 };
                    for _ in 0..times {
                        if frame.encode(&telegram, &mut out).is_err() {
                            // Its own length was hit: what it is worth now is the receiver's to say.
                            out.extend_from_slice(&telegram);
                        }
                    }
                }
                Ok(None) => break,
                Err(_) => {
                    self.is_framed = false;
                    out.extend_from_slice(&self.begun.split());
                    break;
                }
            }
        }
        self.write(&out, to, fault, faults).await
    }

    /// What is left of a frame that never became whole.
    async fn finish(&mut self, to: &TcpStream) -> io::Result<()> {
        let rest = self.begun.split();
        write_all(to, &rest).await
    }

    fn is_doubled(&mut self, fault: Fault) -> bool {
        let Fault::Duplicates { one_in } = fault else { return false };
        let doubled = self.chance.one_in(one_in);
        self.shared.counts.duplicates.fetch_add(u64::from(doubled), Ordering::Relaxed);
        doubled
    }

    fn spoilt(&mut self, telegram: Bytes, fault: Fault) -> Bytes {
        let Fault::Corruption { one_in } = fault else { return telegram };
        if telegram.is_empty() || !self.chance.one_in(one_in) {
            return telegram;
        }
        self.shared.counts.corrupted.fetch_add(1, Ordering::Relaxed);
        let mut spoilt = BytesMut::from(&telegram[..]);
        let place = self.chance.index(spoilt.len());
        spoilt[place] |= 0x80;
        spoilt.freeze()
    }

    async fn write(
        &mut self,
        bytes: &[u8],
        to: &TcpStream,
        fault: Fault,
        faults: &watch::Receiver<Fault>,
    ) -> io::Result<()> {
        match fault {
            Fault::Latency { up_to } => {
                sleep(self.chance.millis(0, u64::try_from(up_to.as_millis()).unwrap_or(1))).await;
                write_all(to, bytes).await
            }
            Fault::Slicing => self.write_slices(bytes, to, |_| Duration::ZERO).await,
            Fault::Bandwidth { bytes_per_s } => {
                let pause = |bytes: usize| {
                    Duration::from_secs_f64(
                        f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / f64::from(bytes_per_s.max(1)),
                    )
                };
                for slice in bytes.chunks(256) {
                    // A line that heals in the middle is fast again at once.
                    if *faults.borrow() == fault {
                        sleep(pause(slice.len())).await;
                    }
                    write_all(to, slice).await?;
                }
                Ok(())
            }
            Fault::None
            | Fault::BlackHoleForth
            | Fault::BlackHoleBack
            | Fault::HalfOpen
            | Fault::Reset
            | Fault::Refuse
            | Fault::Flapping { .. }
            | Fault::Duplicates { .. }
            | Fault::Corruption { .. } => write_all(to, bytes).await,
        }
    }

    async fn write_slices(
        &mut self,
        mut bytes: &[u8],
        to: &TcpStream,
        pause: impl Fn(usize) -> Duration,
    ) -> io::Result<()> {
        while !bytes.is_empty() {
            let most = self.chance.one_of(&[1, 1, 1, 2, 7, 60, 400]).min(bytes.len());
            let (slice, rest) = bytes.split_at(most);
            write_all(to, slice).await?;
            sleep(pause(most)).await;
            tokio::task::yield_now().await;
            bytes = rest;
        }
        Ok(())
    }
}

impl Fault {
    /// Whether what goes this way is lost.
    fn swallows(self, direction: Direction) -> bool {
        match self {
            Self::BlackHoleForth => direction == Direction::Forth,
            Self::BlackHoleBack => direction == Direction::Back,
            Self::HalfOpen => true,
            Self::None
            | Self::Latency { .. }
            | Self::Slicing
            | Self::Reset
            | Self::Refuse
            | Self::Flapping { .. }
            | Self::Bandwidth { .. }
            | Self::Duplicates { .. }
            | Self::Corruption { .. } => false,
        }
    }
}

async fn read(from: &TcpStream, piece: &mut BytesMut) -> io::Result<usize> {
    loop {
        from.readable().await?;
        match from.try_read_buf(piece) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            read => return read,
        }
    }
}

async fn write_all(to: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        to.writable().await?;
        match to.try_write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
