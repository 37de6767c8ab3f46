//! Notifications of the operating system: how a notice is worded, and how it is raised.

use envoi_protocol::attention::{News, Notice};
use fluent_bundle::FluentArgs;
use tauri::{AppHandle, Manager as _};
use tauri_plugin_notification::NotificationExt as _;

use crate::window;
use crate::words::Words;

/// Name under which a notification carries its conversation.
const CONVERSATION: &str = "conversation";

/// A notification as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Worded {
    title: String,
    body: String,
}

/// Hears clicks from now on: each opens its conversation. To be called before anything is raised.
pub(crate) fn listen(app: &AppHandle) {
    let handle = app.clone();
    let heard = app.notification().on_action(move |action| {
        let carried = action.notification().and_then(|notification| notification.extra().get(CONVERSATION));
        if let Some(conversation) = carried.and_then(|name| name.as_str()) {
            let conversation = conversation.to_owned();
            let app = handle.clone();
            let shown = handle.run_on_main_thread(move || window::show_conversation(&app, &conversation));
            if let Err(error) = shown {
                tracing::warn!(%error, "the window could not be raised");
            }
        }
    });
    if let Err(error) = heard {
        tracing::warn!(%error, "clicks on notifications will not be heard");
    }
}

/// Raises a notification.
pub(crate) fn raise(app: &AppHandle, notice: &Notice) {
    let Worded { title, body } = word(&app.state::<Words>(), notice);
    let raised = app
        .notification()
        .builder()
        .title(title)
        .body(escape_markup(&body))
        .extra(CONVERSATION, &notice.conversation)
        .show();
    if let Err(error) = raised {
        tracing::warn!(%error, "a notification could not be raised");
    }
}

fn word(words: &Words, notice: &Notice) -> Worded {
    let company = notice.company.clone();
    match &notice.news {
        News::Message { who, text } => {
            let body = text.clone().unwrap_or_else(|| words.say("new-message"));
            Worded { title: title(words, who.as_deref(), &company), body }
        }
        News::Messages { who, count } => {
            let mut arguments = FluentArgs::new();
            arguments.set("count", *count);
            Worded {
                title: title(words, who.as_deref(), &company),
                body: words.say_with("new-messages", &arguments),
            }
        }
        News::CaseClosed => Worded { title: company, body: words.say("case-closed") },
        News::StillThere => Worded { title: company, body: words.say("still-there") },
        News::ChatEnded => Worded { title: company, body: words.say("chat-ended") },
    }
}

fn title(words: &Words, who: Option<&str>, company: &str) -> String {
    let Some(who) = who else { return company.to_owned() };
    let mut arguments = FluentArgs::new();
    arguments.set("who", who);
    arguments.set("company", company);
    words.say_with("who-of-company", &arguments)
}

/// On Linux the body of a notification is markup, and what the other side wrote must not be.
fn escape_markup(text: &str) -> String {
    if cfg!(any(target_os = "windows", target_os = "macos")) {
        return text.to_owned();
    }
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(news: News) -> Notice {
        Notice { conversation: "tide-1".into(), company: "Tidewater Energy".into(), news }
    }

    #[test]
    fn a_notice_says_who_and_what_as_far_as_it_may() {
        let words = Words::of("en");
        let maya = || Some("Maya".to_owned());
        for (news, title, body) in [
            (News::Message { who: maya(), text: Some("Hi".into()) }, "Maya · Tidewater Energy", "Hi"),
            (News::Message { who: maya(), text: None }, "Maya · Tidewater Energy", "New message"),
            (News::Message { who: None, text: None }, "Tidewater Energy", "New message"),
            (News::Messages { who: None, count: 3 }, "Tidewater Energy", "3 new messages"),
            (News::CaseClosed, "Tidewater Energy", "Case closed"),
            (News::StillThere, "Tidewater Energy", "Still there? This chat is about to end."),
            (News::ChatEnded, "Tidewater Energy", "Chat ended"),
        ] {
            let worded = Worded { title: title.into(), body: body.into() };
            assert_eq!(word(&words, &notice(news)), worded);
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_the_other_side_wrote_is_no_markup() {
        assert_eq!(escape_markup("<a href=\"x\">1 & 2</a>"), "&lt;a href=\"x\"&gt;1 &amp; 2&lt;/a&gt;");
    }
}
