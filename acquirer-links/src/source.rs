/// Which socket of a lane telegrams came in on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// That of its link.
    Link(usize),
    /// Another: one that waits for its late answer, or is not signed on yet.
    Beside(usize),
}

impl Source {
    /// The lane.
    pub(crate) fn lane(self) -> usize {
        match self {
            Self::Link(lane) | Self::Beside(lane) => lane,
        }
    }

    /// The lane whose link it is, if it is one.
    pub(crate) fn link(self) -> Option<usize> {
        match self {
            Self::Link(lane) => Some(lane),
            Self::Beside(_) => None,
        }
    }
}
