use std::io;

use bytes::BytesMut;
use codec::frame::FrameError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use crate::connect::connect;
use crate::receive::readable;
use crate::shared::{Shared, now};
use crate::source::Source;
use crate::stream::Stream;
use crate::{LinkLoss, SignOn, SignedOn};

/// A socket that takes requests.
pub(crate) struct Connected {
    pub(crate) stream: Stream,
    /// What came in behind the reply to its sign-on.
    pub(crate) inbox: BytesMut,
    /// Where it goes to, among the addresses.
    pub(crate) address: usize,
}

/// Why there is no such socket.
pub(crate) enum DialFailure {
    NotConnected(io::Error),
    NotSignedOn(LinkLoss),
}

impl DialFailure {
    pub(crate) fn log<T: Copy>(&self, shared: &Shared<T>, address: usize) {
        let (acquirer, is_first) = (&shared.settings.name, shared.traffic().is_first_failure(address));
        let is_news = shared.reasons.is_news(address, is_first, &self.reason(), now());
        let address = &shared.addresses[address];
        match (self, is_news) {
            (Self::NotConnected(error), true) => {
                tracing::warn!(%acquirer, %address, %error, "cannot connect");
            }
            (Self::NotConnected(error), false) => {
                tracing::debug!(%acquirer, %address, %error, "still cannot connect");
            }
            (Self::NotSignedOn(why), true) => tracing::warn!(%acquirer, %address, ?why, "cannot sign on"),
            (Self::NotSignedOn(why), false) => {
                tracing::debug!(%acquirer, %address, ?why, "still cannot sign on");
            }
        }
    }

    fn reason(&self) -> String {
        match self {
            Self::NotConnected(error) => error.to_string(),
            Self::NotSignedOn(why) => format!("{why:?}"),
        }
    }
}

/// Connects to an address for a lane, and signs on where that is asked for.
pub(crate) async fn dial<T: Copy>(
    shared: &Shared<T>,
    lane: usize,
    address: usize,
) -> Result<Connected, DialFailure> {
    let Shared { settings, addresses, profile, .. } = shared;
    let connecting =
        connect(&addresses[address], settings.connect_timeout, settings.stall_timeout, settings.tls.as_ref());
    let stream = connecting.await.map_err(DialFailure::NotConnected)?;
    let mut connected = Connected { stream, inbox: BytesMut::new(), address };
    if let Some(sign_on) = profile.sign_on.as_ref().filter(|_| settings.sign_on) {
        let until = Instant::now() + settings.connect_timeout;
        let signed_on = timeout_at(until, connected.sign_on(shared, lane, sign_on)).await;
        if let Err(why) = signed_on.unwrap_or(Err(LinkLoss::SignOnSilent)) {
            connected.stream.reset();
            return Err(DialFailure::NotSignedOn(why));
        }
    }
    Ok(connected)
}

impl Connected {
    async fn sign_on<T: Copy>(
        &mut self,
        shared: &Shared<T>,
        lane: usize,
        sign_on: &SignOn,
    ) -> Result<(), LinkLoss> {
        let lost = |error: io::Error| LinkLoss::Io(error.kind());
        let number = shared.traffic().next_number();
        let mut framed = BytesMut::new();
        let telegram = (sign_on.write)(number);
        shared.profile.frame.encode(&telegram, &mut framed).map_err(LinkLoss::BadFrame)?;
        self.stream.write_all(&framed).await.map_err(lost)?;
        self.stream.flush().await.map_err(lost)?;
        loop {
            match self.reply(shared, lane, sign_on).map_err(LinkLoss::BadFrame)? {
                Some(SignedOn::Accepted) => return Ok(()),
                Some(SignedOn::Refused) => return Err(LinkLoss::SignOnRefused),
                None => {}
            }
            readable(shared, lane).await;
            if self.stream.read_buf(&mut self.inbox).await.map_err(lost)? == 0 {
                return Err(LinkLoss::ClosedByPeer);
            }
        }
    }

    /// The reply, if it came. What else came in answers nothing on a socket nothing was asked on, but may be late.
    fn reply<T: Copy>(
        &mut self,
        shared: &Shared<T>,
        lane: usize,
        sign_on: &SignOn,
    ) -> Result<Option<SignedOn>, FrameError> {
        while let Some(telegram) = shared.profile.frame.decode(&mut self.inbox)? {
            if let Some(signed_on) = (sign_on.reply)(&telegram) {
                return Ok(Some(signed_on));
            }
            let key = (shared.profile.key_of)(&telegram);
            shared.traffic().answer(telegram, key, Source::Beside(lane), now());
        }
        Ok(None)
    }
}
