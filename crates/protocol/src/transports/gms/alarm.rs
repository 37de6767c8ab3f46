//! The warning that the chat ends because nothing happens: whether it stands, and until when.

use std::time::Duration;

use super::map::Silence;
use crate::event::{Event, IdleAlert};
use crate::io::Now;

/// Differences of a countdown that are not worth telling.
const JITTER: Duration = Duration::from_millis(1_500);

/// The warning, if it stands.
#[derive(Debug, Default)]
pub(crate) struct Alarm(Option<IdleAlert>);

impl Alarm {
    /// Takes the last word on the silence and when it was said, and how many seconds the service says are left. Gives what is to
    /// be told, if that is news. What is read again was said some time ago.
    pub(crate) fn heed(
        &mut self,
        now: Now,
        word: Option<(Silence, Option<i64>)>,
        left: Option<u64>,
        replayed: bool,
    ) -> Option<Event> {
        let left = left.map(Duration::from_secs);
        match word {
            Some((Silence::Ending { seconds, text }, at)) => {
                let told = seconds.map(|seconds| {
                    let whole = Duration::from_secs(seconds);
                    let age = at.map_or(0, |at| now.wall.saturating_sub(at));
                    let age = Duration::from_millis(u64::try_from(age).unwrap_or_default());
                    if replayed { whole.saturating_sub(age) } else { whole }
                });
                let ends_at = left.or(told).map(|left| now.at.after(left));
                self.turn(Some(IdleAlert { ends_at, text }))
            }
            Some((Silence::Ended | Silence::Broken, _)) => self.turn(None),
            None => {
                let (left, alert) = (left?, self.0.as_ref()?);
                let ends_at = now.at.after(left);
                let off = alert.ends_at.is_none_or(|old| old.since(ends_at).max(ends_at.since(old)) > JITTER);
                let text = alert.text.clone();
                off.then(|| self.turn(Some(IdleAlert { ends_at: Some(ends_at), text }))).flatten()
            }
        }
    }

    /// The person has said that they are still there.
    pub(crate) fn off(&mut self) -> Option<Event> {
        self.turn(None)
    }

    fn turn(&mut self, alert: Option<IdleAlert>) -> Option<Event> {
        (self.0 != alert).then(|| {
            self.0.clone_from(&alert);
            Event::Idle(alert)
        })
    }
}
