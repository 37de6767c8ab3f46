//! Sockets: asked for, opened or refused, frames in both directions, and every way in which they end.

use envoi_protocol::io::{Frame, SocketCall, SocketEvent, SocketFault, SocketId};

use super::*;
use crate::centre::{Push, Upgrade};
use crate::network::{Opening, Passage, Socket};

/// How long the service takes to find out that nobody is behind a socket any more, in milliseconds.
const FINDS_OUT: std::ops::Range<u64> = 20_000..90_000;
/// The kind of request that a socket is.
const LANE: &str = "sockets";

/// Something to come on a socket.
#[derive(Debug)]
pub(crate) enum OnSocket {
    /// The request for it arrives at the service.
    Knock,
    /// A frame arrives at the service.
    Frame(String),
    /// The connection breaks in the middle.
    Break,
    /// It falls silent.
    Silence,
    /// The service learns that it is no more.
    Gone,
    /// Something about it reaches the client.
    Told(SocketEvent),
    /// The client's patience with its opening ends.
    GiveUp,
}

impl World {
    /// The program asks for a socket.
    pub(super) fn open(&mut self, program: &mut Program, call: SocketCall) {
        self.tally.requests += 1;
        self.may_ask(LANE, call.what);
        self.pace();
        let ticket = self.network.ticket();
        let opening = self.network.opening(&mut self.tally);
        self.note(|| format!("=> {} {} ({opening:?})", ticket.0, call.what));
        let timeout = u64::try_from(call.timeout.as_millis()).unwrap_or(u64::MAX);
        let gives_up = self.on_socket(timeout, ticket, OnSocket::GiveUp);
        let (id, mut socket) = (call.id, Socket::new(self.life, call, gives_up));
        let way = self.network.way();
        match opening {
            Opening::Fine => {
                self.on_socket(way, ticket, OnSocket::Knock);
            }
            Opening::Fails(fault) => {
                self.on_socket(way, ticket, OnSocket::Told(SocketEvent::Failed(fault)));
            }
            Opening::Swallowed => {}
            Opening::Mute => {
                socket.silent = true;
                self.on_socket(way, ticket, OnSocket::Knock);
            }
        }
        self.network.sockets.insert(ticket, socket);
        program.sockets.insert(id, ticket);
        if program.sockets.len() > 1 {
            self.blame(Wrong::TwoReads, "two sockets are out".to_owned());
        }
    }

    /// The program says something on a socket; on one that is not open, it is dropped.
    pub(super) fn say(&mut self, program: &Program, id: SocketId, frame: Frame) {
        let Some(&ticket) = program.sockets.get(&id) else { return };
        if !self.network.sockets.get(&ticket).is_some_and(|socket| socket.open) {
            return;
        }
        self.tally.requests += 1;
        match self.centre.words_of_frame(&frame.0) {
            Some(words) => self.must_be_kept(&words),
            None => self.pace(),
        }
        let passage = self.network.passage(&mut self.tally);
        self.note(|| format!("=> {} {frame:?} ({passage:?})", ticket.0));
        let way = self.network.way();
        let now = self.agenda.now();
        let Some(socket) = self.network.sockets.get_mut(&ticket) else { return };
        let slow = if let Passage::Arrives(slow) = passage { slow } else { 0 };
        let at = socket.last.0.max(now + way + slow);
        socket.last.0 = at;
        self.pass(ticket, at, passage, OnSocket::Frame(frame.0));
    }

    /// The program closes a socket. What was said before still arrives in its usual time, so that a last word is heard; what is held
    /// up for longer is lost with the socket, as a request is with its connection.
    pub(super) fn shut(&mut self, program: &mut Program, id: SocketId) {
        let Some(ticket) = program.sockets.remove(&id) else { return };
        self.note(|| format!("=x {} closed by the program", ticket.0));
        let closes = self.agenda.now() + self.network.longest();
        if let Some(socket) = self.network.sockets.get_mut(&ticket).filter(|_| !self.plan.late) {
            socket.closes = Some(closes);
            socket.last.0 = socket.last.0.min(closes);
        }
        self.leave(ticket);
    }

    /// The program gives a socket up: what has not arrived never does.
    pub(super) fn cut(&mut self, program: &mut Program, id: SocketId) {
        let Some(ticket) = program.sockets.remove(&id) else { return };
        self.note(|| format!("=x {} cut by the program", ticket.0));
        if self.network.sockets.get(&ticket).is_some_and(Socket::carries) {
            self.break_socket(ticket);
        }
        self.leave(ticket);
    }

    /// The client's end is closed. The service hears of it if anything still gets through.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        let (now, way) = (self.agenda.now(), self.network.way());
        let Some(socket) = self.network.sockets.get_mut(&ticket) else { return };
        socket.here = false;
        let (at, carries, there) = (socket.last.0.max(now + way), socket.carries(), socket.there);
        self.agenda.call_off(socket.gives_up);
        if carries {
            self.agenda.put(at, Event::OnSocket(ticket, OnSocket::Gone));
        } else if !there {
            self.network.sockets.remove(&ticket);
        }
    }

    /// The program is gone: what it had said may still arrive.
    pub(super) fn drop_sockets(&mut self) {
        let open: Vec<Ticket> = self.network.sockets.keys().copied().collect();
        for ticket in open {
            let still_arrives = self.rng.bool();
            if !self.network.sockets.get(&ticket).is_some_and(|socket| socket.here) {
                continue;
            }
            if !still_arrives {
                self.break_socket(ticket);
            }
            self.leave(ticket);
        }
    }

    /// Every socket breaks, or falls silent.
    pub(super) fn strike_sockets(&mut self, noticed: bool) {
        let open: Vec<Ticket> = self.network.sockets.keys().copied().collect();
        for ticket in open {
            if noticed { self.break_socket(ticket) } else { self.silence_socket(ticket) }
        }
    }

    /// What comes on a socket.
    pub(super) fn on_socket_event(&mut self, ticket: Ticket, event: OnSocket) {
        match event {
            OnSocket::Knock => self.knock(ticket),
            OnSocket::Frame(text) => {
                let now = self.agenda.now();
                let lost = |socket: &Socket| socket.closes.is_some_and(|closes| closes < now);
                let reaches = |socket: &Socket| socket.there && socket.carries() && !lost(socket);
                if !self.network.sockets.get(&ticket).is_some_and(reaches) {
                    return;
                }
                self.note(|| format!("   {} a frame arrived", ticket.0));
                self.centre.frame(self.agenda.unix(), ticket, &text);
                self.heard();
                self.ripen();
            }
            OnSocket::Break => self.break_socket(ticket),
            OnSocket::Silence => self.silence_socket(ticket),
            OnSocket::Gone => {
                let Some(socket) = self.network.sockets.get_mut(&ticket) else { return };
                let (there, here) = (std::mem::take(&mut socket.there), socket.here);
                if !here {
                    self.network.sockets.remove(&ticket);
                }
                if there {
                    self.centre.hang_up(ticket);
                    self.heard();
                    self.ripen();
                }
            }
            OnSocket::Told(event) => self.told(ticket, event),
            OnSocket::GiveUp => {
                if self.network.sockets.get(&ticket).is_some_and(|socket| socket.here && !socket.open) {
                    self.told(ticket, SocketEvent::Failed(IoFault::Timeout.into()));
                    // The service may have opened it meanwhile, and learns that nobody is there.
                    self.leave(ticket);
                }
            }
        }
    }

    /// What the service has to say on sockets now.
    pub(super) fn push(&mut self) {
        for (ticket, push) in self.centre.pushes(self.agenda.unix()) {
            let passage = match push {
                Push::Text(_) => self.network.passage(&mut self.tally),
                Push::Close(_) => Passage::Arrives(0),
            };
            let (now, way) = (self.agenda.now(), self.network.way());
            let Some(socket) = self.network.sockets.get_mut(&ticket).filter(|socket| socket.there) else {
                continue;
            };
            let slow = if let Passage::Arrives(slow) = passage { slow } else { 0 };
            let at = socket.last.1.max(now + way + slow);
            socket.last.1 = at;
            let event = match push {
                Push::Text(text) => SocketEvent::Text(Frame(text)),
                Push::Close(code) => {
                    socket.there = false;
                    SocketEvent::Closed(code)
                }
            };
            if passage != Passage::Arrives(0) {
                self.note(|| format!("   {} a frame sets out ({passage:?})", ticket.0));
            }
            self.pass(ticket, at, passage, OnSocket::Told(event));
        }
    }

    /// Lets a frame pass, or not.
    fn pass(&mut self, ticket: Ticket, at: u64, passage: Passage, frame: OnSocket) {
        if !self.network.sockets.get(&ticket).is_some_and(Socket::carries) {
            return;
        }
        if let Some(socket) = self.network.sockets.get_mut(&ticket) {
            socket.doomed |= !matches!(passage, Passage::Arrives(_));
        }
        match passage {
            Passage::Arrives(_) => {
                self.agenda.put(at, Event::OnSocket(ticket, frame));
            }
            Passage::CutBefore => self.break_socket(ticket),
            Passage::SilentBefore => self.silence_socket(ticket),
            Passage::CutAfter => {
                self.agenda.put(at, Event::OnSocket(ticket, frame));
                self.agenda.put(at, Event::OnSocket(ticket, OnSocket::Break));
            }
            Passage::SilentAfter => {
                self.agenda.put(at, Event::OnSocket(ticket, frame));
                self.agenda.put(at, Event::OnSocket(ticket, OnSocket::Silence));
            }
        }
    }

    fn knock(&mut self, ticket: Ticket) {
        let Some(socket) = self.network.sockets.get_mut(&ticket) else { return };
        if !socket.here {
            self.network.sockets.remove(&ticket);
            return;
        }
        if socket.broken {
            // That it broke is still to be told.
            return;
        }
        let upgrade = self.centre.connect(self.agenda.unix(), ticket, &socket.call);
        let event = match upgrade {
            Upgrade::Open => {
                socket.there = true;
                SocketEvent::Open
            }
            Upgrade::Refused { status, retry_after } => {
                SocketEvent::Failed(SocketFault::Refused { status, retry_after })
            }
        };
        let silent = socket.silent;
        self.note(|| format!("   {} asked for: {event:?}", ticket.0));
        if silent {
            // The answer is lost on the way, and the service thinks that somebody is there.
            let wait = self.rng.u64(FINDS_OUT);
            self.on_socket(wait, ticket, OnSocket::Gone);
        } else {
            let (now, way) = (self.agenda.now(), self.network.way());
            if let Some(socket) = self.network.sockets.get_mut(&ticket) {
                socket.last.1 = now + way;
            }
            self.on_socket(way, ticket, OnSocket::Told(event));
        }
        self.heard();
        self.ripen();
    }

    /// Something about a socket reaches the client.
    fn told(&mut self, ticket: Ticket, event: SocketEvent) {
        let Some(socket) = self.network.sockets.get_mut(&ticket) else { return };
        let last = matches!(event, SocketEvent::Closed(_) | SocketEvent::Failed(_));
        let lost = matches!(event, SocketEvent::Open | SocketEvent::Text(_) | SocketEvent::Closed(_));
        if !socket.here || socket.life != self.life || (lost && !socket.carries()) {
            return;
        }
        let id = socket.call.id;
        if last || event == SocketEvent::Open {
            socket.open = !last;
            self.agenda.call_off(socket.gives_up);
        }
        if last {
            socket.here = false;
            if !socket.there {
                self.network.sockets.remove(&ticket);
            }
            if let Some(program) = &mut self.program {
                program.sockets.remove(&id);
            }
        }
        if let SocketEvent::Failed(SocketFault::Refused { status: 429, retry_after: Some(wait) }) = &event {
            let opens = self.agenda.now() + u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            let shut = self.shut.entry(LANE).or_default();
            *shut = (*shut).max(opens);
        }
        self.note(|| format!("<= {} {event:?}", ticket.0));
        self.feed(Input::Socket { socket: id, event });
    }

    /// The connection breaks, and both ends notice.
    fn break_socket(&mut self, ticket: Ticket) {
        let (there, here) = (self.network.way(), self.network.way());
        let Some(socket) = self.network.sockets.get_mut(&ticket) else { return };
        if std::mem::replace(&mut socket.broken, true) {
            return;
        }
        self.on_socket(there, ticket, OnSocket::Gone);
        self.on_socket(here, ticket, OnSocket::Told(SocketEvent::Failed(IoFault::Broken.into())));
    }

    /// Nothing gets through any more. The client finds out if it pings, and the service in its own time.
    fn silence_socket(&mut self, ticket: Ticket) {
        let finds_out = self.rng.u64(FINDS_OUT);
        let Some(socket) = self.network.sockets.get_mut(&ticket) else { return };
        if socket.broken || std::mem::replace(&mut socket.silent, true) {
            return;
        }
        let ping = socket.call.ping.map(|ping| u64::try_from(ping.as_millis()).unwrap_or(u64::MAX));
        self.on_socket(finds_out, ticket, OnSocket::Gone);
        if let Some(ping) = ping {
            let told = SocketEvent::Failed(IoFault::Timeout.into());
            self.on_socket(2 * ping, ticket, OnSocket::Told(told));
        }
    }

    fn on_socket(&mut self, wait: u64, ticket: Ticket, event: OnSocket) -> Appointment {
        self.agenda.after(wait, Event::OnSocket(ticket, event))
    }
}

#[cfg(test)]
mod tests;
