//! What a person may do in a conversation, and what it leads to.

use super::*;

impl Session {
    pub(super) fn command(&mut self, now: Now, command: Command) -> Result<(), Fault> {
        if let Some(why) = self.withheld(&command) {
            return Err(why);
        }
        match command {
            Command::Start { form } => self.start(now, form),
            Command::Send { text } => self.write(now, &text),
            Command::SendAnyway => match self.guard.take() {
                Some(guard) => {
                    self.say_text(now, &guard.text);
                    Ok(())
                }
                None => Err(Fault::new(FaultCode::TooLate)),
            },
            Command::DontSend => {
                self.guard = None;
                Ok(())
            }
            Command::Retry { item } => {
                let local = self.timeline.local(&item).filter(|local| self.outbox.retry(*local));
                let local = local.ok_or(Fault::new(FaultCode::TooLate))?;
                self.timeline.requeue(local);
                Ok(())
            }
            Command::Cancel { item } => self.take_back(now, &item),
            Command::Typing { text } => {
                self.key_pressed(now, text);
                Ok(())
            }
            Command::Draft { text } => {
                self.draft = text;
                Ok(())
            }
            Command::Reveal { item } => self.reveal(item),
            Command::Older => {
                self.older(now);
                Ok(())
            }
            Command::UserData { data } => {
                if self.phase.is_over() {
                    return Err(Fault::new(FaultCode::ChatOver));
                }
                if self.phase == Phase::Fresh {
                    self.setup.user_data.extend(data);
                } else if self.abilities.user_data {
                    self.transport.request(now, Request::UserData(data));
                } else {
                    return Err(Fault::new(FaultCode::Unsupported));
                }
                Ok(())
            }
            Command::TryNow => {
                self.outbox.hurry();
                if self.resuming && self.fault.is_some() {
                    self.fault = None;
                    self.link = Link::Restoring;
                    self.resume(now);
                } else {
                    self.transport.request(now, Request::TryNow);
                }
                if matches!(self.memory, Memory::NotKept { .. })
                    && self.phase.is_joined()
                    && let Some(token) = self.setup.token.clone()
                {
                    self.remember(now, token);
                }
                Ok(())
            }
            Command::End => match self.phase {
                Phase::Fresh | Phase::Over(_) => Err(Fault::new(FaultCode::ChatOver)),
                _ if !self.abilities.end => Err(Fault::new(FaultCode::Unsupported)),
                _ => {
                    self.transport.request(now, Request::Leave);
                    Ok(())
                }
            },
            Command::Seen => {
                self.unread = 0;
                self.seen = self.timeline.newest();
                self.attention.seen();
                Ok(())
            }
            Command::Choose { item, choices } => self.choose(now, &item, &choices),
            Command::Fill { item, answers } => self.fill(now, &item, &answers),
            Command::ChooseBanner { choice } => self.choose_banner(now, &choice),
            Command::CloseBanner => self.close_banner(now),
            Command::OpenBanner => self.open_banner(),
            Command::StayOn => self.stay_on(now),
            Command::SignIn => self.begin_sign_in(now),
            Command::OpenSignIn => self.open_sign_in(),
            Command::CancelSignIn => self.cancel_sign_in(now),
            Command::Nickname { name } => self.nickname(now, &name),
            Command::Notice { text } => self.notice(now, text),
            Command::Inject { text } => self.inject(now, text),
            Command::SendHidden { text, pattern } => self.send_hidden(now, &text, pattern.as_deref()),
            Command::Hide { patterns } => self.hide(&patterns),
        }
    }

    pub(super) fn start(&mut self, now: Now, fields: BTreeMap<String, String>) -> Result<(), Fault> {
        if self.phase != Phase::Fresh {
            return Err(Fault::new(FaultCode::TooLate));
        }
        let empty = |name: &str| fields.get(name).is_none_or(|value| value.trim().is_empty());
        let form = &self.setup.deployment.form;
        if let Some(missing) = form.iter().find(|field| field.required && empty(&field.name)) {
            return Err(Fault::with_detail(FaultCode::FieldMissing, missing.name.clone()));
        }
        self.start_with(now, fields);
        Ok(())
    }

    /// Asks the service for a chat.
    pub(super) fn start_with(&mut self, now: Now, fields: BTreeMap<String, String>) {
        self.fault = None;
        self.phase = Phase::Joining;
        self.form = Some(fields.clone());
        let form = EntryForm { fields, user_data: self.setup.user_data.clone() };
        self.transport.request(now, Request::Start(form));
    }

    /// Asks the service for the chat whose token was kept.
    pub(super) fn resume(&mut self, now: Now) {
        if let Some(token) = self.setup.token.clone() {
            self.transport.request(now, Request::Resume { token, cursor: self.cursor.clone() });
        }
    }

    pub(super) fn write(&mut self, now: Now, text: &str) -> Result<(), Fault> {
        self.may_say(now, text)?;
        if let Phase::Closing { by, .. } = &self.phase
            && self.setup.guard
            && followup::is_non_actionable(text)
        {
            self.guard = Some(Guard { text: text.to_owned(), by: by.clone() });
            text.clone_into(&mut self.draft);
            return Ok(());
        }
        self.say_text(now, text);
        Ok(())
    }

    /// Whether words can be taken; a chat that needs no form is started with them.
    pub(super) fn may_say(&mut self, now: Now, text: &str) -> Result<(), Fault> {
        if text.trim().is_empty() {
            return Err(Fault::with_detail(FaultCode::FieldMissing, "text"));
        }
        let count = text.chars().count();
        if let Some(most) = self.abilities.longest_text
            && count > usize::try_from(most).unwrap_or(usize::MAX)
        {
            return Err(Fault::with_detail(
                FaultCode::MessageTooLong,
                format!("{count} of {most} characters"),
            ));
        }
        if self.phase == Phase::Fresh && !self.setup.deployment.form.iter().any(|field| field.required) {
            self.start(now, BTreeMap::new())?;
        }
        if self.phase == Phase::Fresh {
            return Err(Fault::with_detail(FaultCode::FieldMissing, "form"));
        }
        if !self.phase.may_write() {
            return Err(Fault::new(FaultCode::ChatOver));
        }
        Ok(())
    }

    /// Takes words of the composer, which is empty from here on.
    fn say_text(&mut self, now: Now, text: &str) {
        if self.filters.hide(text) {
            self.push_hidden(now, text);
        } else {
            let local = self.say(now, text.to_owned(), ParcelContent::Text(text.to_owned()));
            self.said_by_hand(local, text);
        }
        self.draft.clear();
    }

    /// Queues something to say, with a row that shows these words.
    pub(super) fn say(&mut self, now: Now, shown: String, content: ParcelContent) -> LocalId {
        let local = self.take_local();
        let row = Content::Message {
            from: timeline::me(),
            text: text::runs(shown),
            delivery: Some(DeliveryView::Queued),
        };
        self.timeline.echo(local, timeline::plain(timeline::row_of(local), now.wall, false, row));
        self.outbox.push(local, content);
        self.spoke(now);
        local
    }

    /// Takes back what has not left, or gives an upload up, which the service's machine answers.
    fn take_back(&mut self, now: Now, item: &str) -> Result<(), Fault> {
        let local = self.timeline.local(item).ok_or(Fault::new(FaultCode::TooLate))?;
        let content = self.outbox.content(local).cloned();
        if self.outbox.cancel(local) {
            self.timeline.remove(local);
            self.unsay(local, content.as_ref());
        } else if self.outbox.withdraw(local) {
            self.transport.request(now, Request::Withdraw { local });
        } else {
            return Err(Fault::new(FaultCode::TooLate));
        }
        Ok(())
    }

    /// The person said something: whatever was closed is open again, everything above was seen, and somebody is there.
    pub(super) fn spoke(&mut self, now: Now) {
        self.guard = None;
        self.unread = 0;
        self.seen = self.timeline.newest();
        self.own_typing = None;
        self.closure = self.closure.after(Activity::Customer);
        self.change_phase(Phase::reopened);
        // Whether there is a question to answer does not matter here.
        let _ = self.stay_on(now);
    }

    pub(super) fn take_local(&mut self) -> LocalId {
        let local = LocalId(self.next_local);
        self.next_local += 1;
        local
    }

    pub(super) fn key_pressed(&mut self, now: Now, text: String) {
        let tells = self.setup.preferences.show_typing && self.abilities.typing;
        if !tells || !self.phase.is_joined() {
            return;
        }
        if self.own_typing.is_none() && self.link.is_up() && !text.is_empty() {
            let preview = self.setup.typing_preview.then_some(text);
            self.transport.request(now, Request::Typing { on: true, preview });
            self.own_typing = Some(now.at.after(TYPING_PAUSE));
        } else if let Some(until) = &mut self.own_typing {
            *until = now.at.after(TYPING_PAUSE);
        }
    }

    pub(super) fn fetch_media(&mut self, now: Now, item: String, kept: Option<String>) {
        // As long as the service has no copy of an own file, it is what waits to be sent, or to be seen in the transcript.
        let waiting = self.timeline.local(&item).and_then(|local| self.outbox.content(local)?.attachment());
        let own = waiting.map(|file| Media { mime: file.mime.clone(), bytes: file.bytes.clone() });
        let content = match (own, self.media_url(&item).or(kept)) {
            (Some(media), _) => Ok(media),
            (None, Some(url)) => match &self.shelved {
                Some(why) => Err(why.clone()),
                None => {
                    let waiting = self.media.entry(url.clone()).or_default();
                    waiting.push(item);
                    if waiting.len() == 1 {
                        self.transport.request(now, Request::Media { url });
                    }
                    return;
                }
            },
            (None, None) => Err(Fault::new(FaultCode::TooLate)),
        };
        self.held.push_back(Output::Media { item, content });
    }

    /// Where the bytes of an item are, or those of the picture on one of its cards.
    fn media_url(&self, item: &str) -> Option<String> {
        let Some((item, number)) = item.split_once('#') else {
            return self.timeline.row(item)?.media_url.clone();
        };
        let Content::Offer { offer, .. } = &self.timeline.row(item)?.item.content else { return None };
        offer.cards.get(number.parse::<usize>().ok()?)?.picture.clone()
    }

    pub(super) fn remember(&mut self, now: Now, token: ResumeToken) {
        self.setup.token = Some(token.clone());
        if !self.setup.keeps {
            self.memory = Memory::Shared;
            self.form = None;
            self.transport.kept(now);
            return;
        }
        if token.secret.expose().len() > TOKEN_LIMIT {
            self.memory = Memory::NotKept { why: FaultCode::KeyringFailed };
            self.form = None;
            self.transport.kept(now);
            return;
        }
        if self.memory != Memory::Kept {
            self.memory = Memory::Asking;
        }
        self.keeping = Some(now.at.after(PATIENCE_WITH_KEYRING));
        self.tokens_out = self.tokens_out.saturating_add(1);
        self.held.push_back(Output::Remember(token));
    }

    pub(super) fn remembered(&mut self, now: Now, result: Result<(), FaultCode>) {
        self.keeping = None;
        self.form = None;
        self.tokens_out = self.tokens_out.saturating_sub(1);
        self.ever_kept |= result.is_ok();
        if self.tokens_out == 0 && (result.is_ok() || !self.ever_kept) {
            self.transport.kept(now);
        }
        if self.setup.keeps && !self.phase.is_over() {
            self.memory = match result {
                Ok(()) => Memory::Kept,
                Err(why) => Memory::NotKept { why },
            };
        }
    }
}
