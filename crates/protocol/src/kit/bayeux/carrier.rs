//! How messages travel: each kind by its own request, or all of them on one socket.

use std::time::Duration;

use url::Url;

use super::client::{Client, State};
use super::message::{self, Message};
use super::{Options, Output, Trouble};
use crate::io::{Body, CallId, Frame, HttpCall, HttpReply, IoFault, Method, Now, SocketCall, SocketId};

/// How often a socket is pinged: a server that is silent for longer is gone.
const PING: Duration = Duration::from_secs(20);

/// By what a session travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    Requests,
    Socket,
}

impl Over {
    /// The protocol's word for it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Requests => "long-polling",
            Self::Socket => "websocket",
        }
    }
}

/// Which way the next handshake takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By request.
    Requests,
    /// On a socket that is to be opened.
    Socket,
    /// On a socket that is being opened.
    Opening(SocketId),
    /// On the socket that is open.
    Open(SocketId),
    /// By request, because the socket has failed: if that is answered, it was the socket.
    Detour,
}

/// What a call was for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Errand {
    Handshake {
        message: String,
    },
    Connect {
        message: String,
    },
    Publish {
        messages: Vec<String>,
    },
    /// The last message, perhaps with others before it.
    Leave {
        messages: Vec<String>,
    },
}

/// Kinds of requests that a server may ask to slow down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    Handshake,
    Connect,
    Publish,
    Leave,
}

impl Errand {
    pub(super) const fn lane(&self) -> Lane {
        match self {
            Self::Handshake { .. } => Lane::Handshake,
            Self::Connect { .. } => Lane::Connect,
            Self::Publish { .. } => Lane::Publish,
            // What is published with the last message goes where all publishing goes.
            Self::Leave { messages } if !messages.is_empty() => Lane::Publish,
            Self::Leave { .. } => Lane::Leave,
        }
    }
}

impl Lane {
    /// The step after the address (with an empty one the address ends in a slash), and what it is called in logs.
    const fn step(self) -> (&'static str, &'static str) {
        match self {
            Self::Handshake => ("handshake", "handshake"),
            Self::Connect => ("connect", "connect"),
            Self::Publish => ("", "publish"),
            Self::Leave => ("disconnect", "disconnect"),
        }
    }
}

impl Client {
    pub(super) fn name_message(&mut self) -> String {
        self.last_message += 1;
        self.last_message.to_string()
    }

    /// Sends messages by request.
    pub(super) fn request(&mut self, errand: Errand, messages: &[String], timeout: Duration) -> CallId {
        let (step, what) = errand.lane().step();
        let retry = matches!(errand, Errand::Handshake { .. } | Errand::Connect { .. }) && self.is_retry();
        let url = self.address(step);
        let mut headers = self.options.headers.clone();
        headers.extend(self.jar.header(url.path()));
        let id = self.calls.open(errand);
        self.out.push_back(Output::Call(HttpCall {
            id,
            what,
            method: Method::Post,
            url,
            headers,
            body: Body::Json(message::together(messages)),
            timeout,
            limit: self.options.limit,
            retry,
            progress: false,
        }));
        id
    }

    fn address(&self, step: &str) -> Url {
        let mut url = self.options.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(step);
        }
        url
    }

    /// Says messages on a socket.
    pub(super) fn say(&mut self, socket: SocketId, messages: &[String]) {
        self.out.push_back(Output::Say(socket, Frame(message::together(messages))));
    }

    /// Opens a socket for what is due.
    pub(super) fn open(&mut self) {
        let Some(url) = self.options.socket.clone() else {
            self.way = super::carrier::Way::Requests;
            return;
        };
        let retry = self.is_retry();
        self.last_socket += 1;
        let id = SocketId(self.last_socket);
        let mut headers = self.options.headers.clone();
        headers.extend(self.jar.header(&path(&url)));
        self.way = Way::Opening(id);
        self.out.push_back(Output::Open(SocketCall {
            id,
            what: "bayeux",
            url,
            headers,
            timeout: self.options.timeout,
            ping: Some(PING),
            limit: self.options.limit,
            retry,
        }));
    }

    /// Shakes hands by request.
    pub(super) fn shake(&mut self) {
        let id = self.name_message();
        let words = message::handshake(&id, &[Over::Requests.word()]);
        self.state = State::Shaking { message: id.clone(), over: Over::Requests, until: None };
        self.request(Errand::Handshake { message: id }, &[words], self.options.timeout);
    }

    /// Shakes hands on a socket.
    pub(super) fn shake_on(&mut self, now: Now, socket: SocketId) {
        let id = self.name_message();
        let words = message::handshake(&id, &[Over::Socket.word(), Over::Requests.word()]);
        let until = Some(now.at.after(self.options.timeout));
        self.state = State::Shaking { message: id, over: Over::Socket, until };
        self.say(socket, &[words]);
    }

    /// Abandons calls.
    pub(super) fn cancel(&mut self, of: impl Fn(&Errand) -> bool) {
        for id in self.calls.close_all(of) {
            self.out.push_back(Output::Cancel(id));
        }
    }

    /// Reads an answer, keeps its cookies, and keeps to what it says about time.
    pub(super) fn judge(
        &mut self,
        now: Now,
        lane: Lane,
        result: Result<&HttpReply, IoFault>,
    ) -> Result<Vec<Message>, Trouble> {
        let reply = result?;
        if !reply.cookies.is_empty() {
            self.jar.take(self.address(lane.step().0).path(), &reply.cookies);
        }
        if let Some(wait) = reply.retry_after.filter(|_| !(200..300).contains(&reply.status)) {
            self.gates.shut(now, lane, wait);
        }
        read(reply)
    }
}

fn read(reply: &HttpReply) -> Result<Vec<Message>, Trouble> {
    let good = (200..300).contains(&reply.status);
    let page = reply.content_type.to_ascii_lowercase().starts_with("text/html");
    match reply.status {
        429 => Err(Trouble::Busy { after: reply.retry_after }),
        300..400 => Err(Trouble::Page(reply.status)),
        status if good && page => Err(Trouble::Page(status)),
        _ if good => message::read(&reply.body).map_err(Trouble::Unreadable),
        status => Err(Trouble::Status(status)),
    }
}

/// A handshake that nothing follows: it tells whether a server answers and lets us in.
#[must_use]
pub fn probe(options: &Options) -> HttpCall {
    let mut client = Client::new(Options { socket: None, ..options.clone() }, 0);
    client.start(Now { at: crate::io::Moment(0), wall: 0 }, Vec::new());
    loop {
        match client.poll() {
            Some(Output::Call(call)) => return HttpCall { id: CallId(0), what: "probe", ..call },
            Some(_) => {}
            None => client.shake(),
        }
    }
}

/// Reads the answer to that.
///
/// # Errors
/// What is wrong with the server, or with us.
pub fn judge_probe(result: &Result<HttpReply, IoFault>) -> Result<(), Trouble> {
    let messages = read(result.as_ref().map_err(|fault| *fault)?)?;
    let reply = messages.iter().find(|message| message.channel == message::HANDSHAKE);
    let reply = reply.ok_or(Trouble::Unreadable("the answer to a handshake"))?;
    match reply.successful {
        Some(false) => Err(Trouble::Refused(reply.refusal())),
        _ => Ok(()),
    }
}

fn path(url: &str) -> String {
    Url::parse(url).map(|url| url.path().to_owned()).unwrap_or_default()
}
