//! Three answers, and what becomes of one packet.

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holds {
    No,
    Maybe,
    Yes,
}

pub(crate) use Holds::{Maybe, No, Yes};

impl From<bool> for Holds {
    fn from(holds: bool) -> Self {
        if holds { Yes } else { No }
    }
}

impl Holds {
    pub(crate) fn and(self, other: impl Into<Self>) -> Self {
        self.min(other.into())
    }

    pub(crate) fn or(self, other: impl Into<Self>) -> Self {
        self.max(other.into())
    }

    pub(crate) fn not(self) -> Self {
        match self {
            No => Yes,
            Maybe => Maybe,
            Yes => No,
        }
    }
}

/// Whether any of several holds.
pub(crate) fn any(all: impl Iterator<Item = Holds>) -> Holds {
    all.fold(No, Holds::or)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Allow,
    Deny,
    Pass,
}

/// What may become of a packet, and whether it may still be undecided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet {
    pub(crate) allowed: bool,
    pub(crate) denied: bool,
    undecided: bool,
}

impl Packet {
    pub(crate) fn fresh() -> Self {
        Self {
            allowed: false,
            denied: false,
            undecided: true,
        }
    }

    /// Asks rules one after the other; what none decides meets `end`, if that holds, and goes on
    /// to the next stage otherwise.
    pub(crate) fn stage(&mut self, rules: &[(Holds, Action)], end: (Holds, Action)) {
        if !self.undecided {
            return;
        }
        let (mut here, mut passed) = (true, false);
        for (matches, action) in rules.iter().chain([&end]) {
            if !here || *matches == No {
                continue;
            }
            match action {
                Action::Allow => self.allowed = true,
                Action::Deny => self.denied = true,
                Action::Pass => passed = true,
            }
            here = *matches == Maybe;
        }
        self.undecided = here || passed;
    }

    /// What nothing decided is allowed.
    pub(crate) fn end(mut self) -> Self {
        self.allowed |= self.undecided;
        self
    }

    /// Whether it may have got through because nothing decided.
    pub(crate) fn may_be_undecided(self) -> bool {
        self.undecided
    }

    /// What may become of a packet that takes one of several ways, nobody knows which.
    pub(crate) fn one_of(ways: impl Iterator<Item = Self>) -> Self {
        let mut all = Self {
            allowed: false,
            denied: false,
            undecided: false,
        };
        for way in ways {
            all.allowed |= way.allowed;
            all.denied |= way.denied;
            all.undecided |= way.undecided;
        }
        all
    }

    /// Both must let it through.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            allowed: self.allowed && other.allowed,
            denied: self.denied || other.denied,
            undecided: self.undecided && other.undecided,
        }
    }
}
