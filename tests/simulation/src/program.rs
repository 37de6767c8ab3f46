//! One run of the program, from its start to its death: a session, and the calls that it waits for.

use std::collections::BTreeMap;
use std::sync::Arc;

use envoi_protocol::io::{CallId, Now, SocketId};
use envoi_protocol::session::{Preferences, Session, Setup};
use envoi_protocol::stored::Stored;
use envoi_protocol::token::ResumeToken;
use envoi_protocol::transport::Settings;
use envoi_protocol::transports::Service;
use envoi_protocol::view::DeploymentView;

use crate::agenda::Appointment;
use crate::breakage::Breakage;
use crate::centre::Ticket;
use crate::plan::Plan;
use crate::screen::Screen;

#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) session: Session,
    pub(crate) screen: Screen,
    pub(crate) calls: BTreeMap<CallId, Ticket>,
    pub(crate) sockets: BTreeMap<SocketId, Ticket>,
    pub(crate) tick: Option<Appointment>,
    /// The sign-in that it waits for.
    pub(crate) signing_in: Option<CallId>,
}

/// What a program is started with.
pub(crate) struct Start<'a> {
    pub(crate) service: &'static Service,
    pub(crate) settings: &'a Settings,
    pub(crate) plan: &'a Plan,
    pub(crate) token: Option<ResumeToken>,
    pub(crate) stored: Option<Stored>,
    pub(crate) seed: u64,
    pub(crate) breakage: Option<Breakage>,
}

impl Program {
    pub(crate) fn start(start: Start<'_>, now: Now) -> Self {
        let transport = (start.service.build)(start.settings, start.plan.asynchronous, &start.seed.into())
            .expect("settings that can be used");
        let transport = match start.breakage {
            Some(breakage) => breakage.wrap(transport),
            None => transport,
        };
        let setup = Setup {
            conversation: "tide".to_owned(),
            deployment: Arc::new(DeploymentView {
                id: "tide".to_owned(),
                name: "Tidewater Energy".to_owned(),
                brand: None,
                asynchronous: start.plan.asynchronous,
                pictures: transport.capabilities().files.is_some(),
                form: Vec::new(),
                demo: false,
                keep: None,
                available: true,
                editable: false,
            }),
            closing_text: None,
            guard: start.plan.guard,
            closes_window: false,
            typing_preview: false,
            user_data: BTreeMap::new(),
            hidden: Vec::new(),
            preferences: Preferences::default(),
            created: now.wall,
            keeps: true,
            token: start.token,
            stored: start.stored.map(Box::new),
            seed: start.seed.into(),
        };
        let session = Session::new(setup, transport);
        let screen = Screen::open(session.snapshot(now));
        Self {
            session,
            screen,
            calls: BTreeMap::new(),
            sockets: BTreeMap::new(),
            tick: None,
            signing_in: None,
        }
    }
}
