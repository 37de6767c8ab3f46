//! Sockets on the network: what becomes of a request for one, and of every frame on it.
//!
//! What it keeps to is the truth of TCP again: frames of one direction stay in their order, none comes twice, and what has not arrived
//! when the connection ends never does.

use envoi_protocol::io::{IoFault, SocketCall, SocketFault};

use super::{Network, Outage};
use crate::agenda::Appointment;
use crate::verdict::Tally;

/// What becomes of a request for a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    /// It arrives, and so does the answer.
    Fine,
    /// It does not arrive, which is noticed.
    Fails(SocketFault),
    /// It does not arrive, and nobody ever says so.
    Swallowed,
    /// It arrives, and the answer is never seen.
    Mute,
}

/// What becomes of a frame, in either direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passage {
    /// It arrives, perhaps so much later than usual.
    Arrives(u64),
    /// The connection breaks before it arrives.
    CutBefore,
    /// It arrives, and the connection breaks.
    CutAfter,
    /// It does not arrive, and neither does anything later: nobody is told.
    SilentBefore,
    /// It arrives, and nothing later does: nobody is told.
    SilentAfter,
}

/// A socket, seen from both ends.
#[derive(Debug)]
pub(crate) struct Socket {
    /// Which run of the program asked for it.
    pub(crate) life: u64,
    pub(crate) call: SocketCall,
    pub(crate) gives_up: Appointment,
    /// Whether the client holds it.
    pub(crate) here: bool,
    /// Whether the client knows that it is open.
    pub(crate) open: bool,
    /// Whether the service holds it.
    pub(crate) there: bool,
    /// Nothing gets through any more, and the news of that is on its way to both ends.
    pub(crate) broken: bool,
    /// Nothing gets through any more, and nobody is told.
    pub(crate) silent: bool,
    /// What it ends with is on its way.
    pub(crate) doomed: bool,
    /// Until when what the client said before it closed the socket still arrives, if it did.
    pub(crate) closes: Option<u64>,
    /// When the last frame to the service arrives there, and the last one to the client here.
    pub(crate) last: (u64, u64),
}

impl Socket {
    pub(crate) fn new(life: u64, call: SocketCall, gives_up: Appointment) -> Self {
        Self {
            life,
            call,
            gives_up,
            here: true,
            open: false,
            there: false,
            broken: false,
            silent: false,
            doomed: false,
            closes: None,
            last: (0, 0),
        }
    }

    /// Whether anything gets through.
    pub(crate) fn carries(&self) -> bool {
        !self.broken && !self.silent
    }
}

impl Network {
    /// Whether a socket is open that brings what comes.
    pub(super) fn hears_by_socket(&self) -> bool {
        let lasts = |socket: &Socket| socket.carries() && !socket.doomed;
        self.sockets.values().any(|socket| socket.here && socket.open && socket.there && lasts(socket))
    }

    /// Whether a frame is still on its way that was held up for longer than any is when all is well.
    pub(crate) fn is_held_up(&self, now: u64) -> bool {
        let latest = now + self.longest();
        let waits = |socket: &Socket| socket.carries() && socket.last.0.max(socket.last.1) > latest;
        self.sockets.values().any(waits)
    }

    /// Draws what becomes of a request for a socket.
    pub(crate) fn opening(&mut self, tally: &mut Tally) -> Opening {
        let refused = |status, retry_after| Opening::Fails(SocketFault::Refused { status, retry_after });
        if let Some(outage) = self.outage {
            tally.fault("socket during an outage");
            return match outage {
                Outage::Refused => Opening::Fails(IoFault::Unreachable.into()),
                Outage::Silence => Opening::Swallowed,
                Outage::Portal => refused(self.rng.choice([200, 302, 511]).unwrap_or(200), None),
                Outage::Intercepted => Opening::Fails(IoFault::Tls.into()),
            };
        }
        if self.rng.u32(0..1_000) >= self.struck {
            return Opening::Fine;
        }
        let (kind, opening) = match self.rng.u8(0..10) {
            0 => ("socket unreachable", Opening::Fails(IoFault::Unreachable.into())),
            1 => ("socket cut before it was open", Opening::Fails(IoFault::Broken.into())),
            2 => ("socket not trusted", Opening::Fails(IoFault::Tls.into())),
            3 => ("socket request swallowed", Opening::Swallowed),
            4 => ("socket open and silent", Opening::Mute),
            5 => {
                let wait = std::time::Duration::from_secs(self.rng.u64(1..30));
                ("socket refused with 429 and Retry-After", refused(429, Some(wait)))
            }
            6 => ("socket refused with 429", refused(429, None)),
            7 => ("socket refused by a captive portal", refused(302, None)),
            _ => ("socket refused with 5xx", refused(self.bad_status(), None)),
        };
        tally.fault(kind);
        opening
    }

    /// Draws what becomes of a frame.
    pub(crate) fn passage(&mut self, tally: &mut Tally) -> Passage {
        if self.rng.u32(0..2_000) >= self.struck {
            return Passage::Arrives(0);
        }
        let (kind, passage) = match self.rng.u8(0..8) {
            0 | 1 => ("socket cut before a frame", Passage::CutBefore),
            2 | 3 => ("socket cut after a frame", Passage::CutAfter),
            4 => ("socket silent before a frame", Passage::SilentBefore),
            5 => ("socket silent after a frame", Passage::SilentAfter),
            _ => ("slow frame", Passage::Arrives(self.rng.u64(500..15_000))),
        };
        tally.fault(kind);
        passage
    }
}
