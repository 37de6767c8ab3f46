//! Plays a scenario: one task per chat, which reacts to what the customer does, one thing after the other.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::scenario::{On, Rule, Scenario, Step};
use crate::action::{Action, ActionError};
use crate::chat::{Chat, Kind, Lasting, Line, Who};
use crate::world::Shared;

/// Plays `scenario` in every new chat until this future is dropped.
pub(crate) async fn play(shared: Arc<Shared>, scenario: Arc<Scenario>, speed: f64) {
    let mut bell = shared.listen();
    let mut known: HashSet<String> = HashSet::new();
    let mut players = JoinSet::new();
    loop {
        bell.mark_unchanged();
        let new: Vec<String> = shared.with(|world, _| {
            let chats = world.chats().into_iter();
            // A chat that a join has moved goes on with the player it had.
            chats.filter(|one| one.moved_from.is_none()).map(|one| one.id).collect()
        });
        for session in new {
            if known.insert(session.clone()) {
                let player = Player {
                    shared: Arc::clone(&shared),
                    scenario: Arc::clone(&scenario),
                    speed,
                    session,
                    heard: 0,
                    used: HashSet::new(),
                };
                players.spawn(player.play());
            }
        }
        while players.try_join_next().is_some() {}
        if bell.changed().await.is_err() {
            return;
        }
    }
}

/// The chat is over or gone: nothing more to play.
struct Over;

/// What the customer did.
enum Heard {
    Text(String),
    Picture,
}

struct Player {
    shared: Arc<Shared>,
    scenario: Arc<Scenario>,
    speed: f64,
    session: String,
    /// How many lines of the chat have been looked at.
    heard: usize,
    /// Numbers of the rules that were played.
    used: HashSet<usize>,
}

impl Player {
    async fn play(mut self) {
        // The only way out is that the chat is over.
        let Err(Over) = self.react().await else { return };
    }

    async fn react(&mut self) -> Result<(), Over> {
        self.play_first(On::Start, "").await?;
        let mut bell = self.shared.listen();
        loop {
            bell.mark_unchanged();
            match self.listen()? {
                Some(heard) => {
                    if self.is_alone()? {
                        self.play_first(On::Return, "").await?;
                    }
                    match heard {
                        Heard::Text(text) => self.play_first(On::Message, &text).await?,
                        Heard::Picture => self.play_first(On::Picture, "").await?,
                    }
                }
                None => bell.changed().await.map_err(|_| Over)?,
            }
        }
    }

    /// The next thing the customer did, if there is one.
    fn listen(&mut self) -> Result<Option<Heard>, Over> {
        let position = self.heard;
        let lines = self.look(|_, lines| lines(position))?;
        let found = lines.iter().enumerate().find_map(|(at, line)| heard(line).map(|heard| (at + 1, heard)));
        let (looked, heard) = found.map_or((lines.len(), None), |(next, heard)| (next, Some(heard)));
        self.heard += looked;
        Ok(heard)
    }

    fn is_alone(&mut self) -> Result<bool, Over> {
        self.look(|chat, _| chat.centre_present().next().is_none())
    }

    async fn play_first(&mut self, on: On, message: &str) -> Result<(), Over> {
        let scenario = Arc::clone(&self.scenario);
        let Some((number, rule)) = scenario.choose(on, message, &self.used) else { return Ok(()) };
        self.used.insert(number);
        self.play_rule(rule).await
    }

    async fn play_rule(&mut self, rule: &Rule) -> Result<(), Over> {
        let mut typing: Option<Option<String>> = None;
        for step in &rule.steps {
            let mut actions = Vec::new();
            let speaks = matches!(step, Step::Say(..) | Step::Image(..) | Step::Leave(..) | Step::End);
            if speaks && let Some(by) = typing.take() {
                actions.push(Action::Typing { on: false, text: None, by });
            }
            match step {
                Step::Wait(ms) => self.pause(*ms).await,
                Step::Join(name, kind) => {
                    actions.push(Action::Join { name: name.clone(), kind: kind.clone() });
                }
                Step::Type(ms, by) => {
                    self.act(vec![Action::Typing { on: true, text: None, by: by.clone() }])?;
                    typing = Some(by.clone());
                    self.pause(*ms).await;
                }
                Step::Say(text, by) => {
                    let nickname = self.look(|chat, _| chat.nickname.clone())?;
                    let text = text.replace("{nickname}", &nickname.unwrap_or_default());
                    actions.push(Action::Say { text, by: by.clone() });
                }
                Step::Image(base64, name, by) => {
                    let (base64, name) = (base64.clone(), Some(name.clone()));
                    actions.push(Action::Image { base64, name, by: by.clone() });
                }
                Step::State(state) => actions.push(Action::State { state: state.clone() }),
                Step::Leave(name) => actions.push(Action::Leave { by: Some(name.clone()) }),
                Step::End => actions.push(Action::End { quiet: false }),
            }
            self.act(actions)?;
        }
        Ok(())
    }

    fn act(&mut self, actions: Vec<Action>) -> Result<(), Over> {
        self.look(|_, _| ())?;
        if actions.is_empty() {
            return Ok(());
        }
        match self.shared.change(|world, now| world.act(&self.session, now, actions)) {
            Ok(_) => Ok(()),
            Err(ActionError::Ended | ActionError::NoSuchSession(_)) => Err(Over),
            Err(problem) => {
                tracing::warn!(%problem, "a step of the script was left out");
                Ok(())
            }
        }
    }

    /// Looks at the chat and, on demand, at its lines from one on. It may have moved to another id since the last time.
    fn look<R>(&mut self, look: impl FnOnce(&Chat, &dyn Fn(usize) -> Vec<Line>) -> R) -> Result<R, Over> {
        let Self { shared, session, .. } = self;
        shared.with(|world, _| {
            let chats = world.chats();
            if let Some(moved) = chats.iter().find(|one| one.moved_from.as_ref() == Some(session)) {
                session.clone_from(&moved.id);
            }
            let found = chats.iter().find(|one| one.id == *session && !one.ended).ok_or(Over)?;
            Ok(look(found, &|from| world.lines(found, from)))
        })
    }

    async fn pause(&self, ms: u64) {
        sleep(Duration::from_millis(ms).div_f64(self.speed)).await;
    }
}

fn heard(line: &Line) -> Option<Heard> {
    if line.who != Who::Customer || line.lasting != Lasting::Kept {
        return None;
    }
    match line.kind {
        Kind::Text => Some(Heard::Text(line.text.clone())),
        Kind::Picture => Some(Heard::Picture),
        _ => None,
    }
}
