//! Banners that a service's program puts above a conversation, as `{code, data}` in an event: any transport whose service carries such
//! events hands them to [`told`], and tells what comes out as [`Event::Banner`].
//!
//! The two codes, the five forms of the data and where they are printed: `docs/protocols/yellow.md`, "Banners". Everything in the data
//! comes from strangers: it is bounded, shown as plain characters, and leads to few kinds of addresses.
//!
//! [`Event::Banner`]: crate::event::Event::Banner

use serde_json::{Map, Value};
use url::Url;

use super::settings::is_loopback;
use crate::view::{Banner, Card, Choice, ChoiceDoes};

/// Shows a banner in place of the one before.
pub const UPDATE: &str = "ui-event-update-promotion";
/// Takes the banner away; see [`WithPayload`] for one that carries data.
pub const CLOSE: &str = "ui-event-close-promotion";
/// What a customer's client says when the person has put a banner away.
pub const CLOSED_BY_PERSON: &str = "ym_closed_promotion";

/// Most cards of one banner.
const CARDS: usize = 16;
/// Most choices of one card.
const CHOICES: usize = 8;
/// Most bytes of one string.
const STRING: usize = 4 << 10;
/// Most bytes of all strings.
const ALL: usize = 64 << 10;

/// What a close event with a usable banner in its data does: public pages use it in both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WithPayload {
    /// It shows that banner.
    #[default]
    Show,
    /// It hides whatever is shown.
    Hide,
}

/// What an event says of the banner: `Some(Some(_))` shows one in place of any other, `Some(None)` hides it, `None` changes nothing.
#[must_use]
pub fn told(code: &str, data: &Value, on_close: WithPayload) -> Option<Option<Banner>> {
    let parsed;
    let (data, odd) = match data {
        // Some bridges carry only strings.
        Value::String(text) if !text.trim().is_empty() => {
            parsed = serde_json::from_str::<Value>(text)
                .ok()
                .filter(|value| value.is_object() || value.is_array());
            let odd = parsed.is_none();
            (parsed.as_ref().unwrap_or(&Value::Null), odd)
        }
        Value::Number(_) | Value::Bool(_) => (&Value::Null, true),
        data => (data, false),
    };
    match code {
        UPDATE if odd => None,
        UPDATE => Some(banner(data)),
        CLOSE if on_close == WithPayload::Show => Some(banner(data)),
        CLOSE => Some(None),
        _ => None,
    }
}

/// A banner in any of its forms, if there is anything usable in it.
fn banner(data: &Value) -> Option<Banner> {
    let mut room = ALL;
    let nothing = Map::new();
    let whole = data.as_object().unwrap_or(&nothing);
    let one;
    let list = match (data, whole.get("banners"), whole.get("quickReplies")) {
        (Value::Array(list), _, _) | (_, Some(Value::Array(list)), _) | (_, _, Some(Value::Array(list))) => {
            list
        }
        (data, ..) => {
            one = vec![data.clone()];
            &one
        }
    };
    let cards = list.iter().filter_map(Value::as_object).enumerate();
    let cards: Vec<Card> =
        cards.filter_map(|(number, given)| card(number, given, &mut room)).take(CARDS).collect();
    let settings = whole.get("bannerSettings").and_then(Value::as_object).unwrap_or(&nothing);
    let state = settings.get("state").and_then(Value::as_str).unwrap_or_default();
    (!cards.is_empty()).then(|| Banner {
        cards,
        // Only "close" is printed; the other word is not, in neither spelling.
        minimises: ["minimise", "minimize"].iter().any(|word| state.eq_ignore_ascii_case(word)),
        minimised_text: string(settings, "textOnMinimise", &mut room),
        minimised: false,
        pending: false,
    })
}

fn card(number: usize, given: &Map<String, Value>, room: &mut usize) -> Option<Card> {
    let is_image =
        given.get("type").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("image"));
    let title = string(given, "title", room).filter(|_| !is_image);
    if let Some(title) = title {
        let options = given.get("options").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let options = options.iter().filter_map(Value::as_object).take(CHOICES).enumerate();
        let choices =
            options.filter_map(|(option, given)| choice(&format!("{number}-{option}"), given, room));
        return Some(Card { title, choices: choices.collect(), ..Card::default() });
    }
    // A picture is shown as what it leads to, or else as the way to itself.
    let image = address(given, "imageURL", room)?;
    let href = address(given, "linkURL", room).unwrap_or(image);
    Some(Card { choices: vec![way_to(format!("{number}-0"), href)], ..Card::default() })
}

/// A button that opens what stands on another computer, under the name of that.
pub(crate) fn way_to(id: String, href: String) -> Choice {
    let label = host(&href);
    Choice { id, label, text: None, at: None, seconds: None, does: ChoiceDoes::Open { href } }
}

/// A button of a banner, of a card or of quick replies: all have the same form. A text is sent exactly as it is; where there is none,
/// an address is opened, and where there is none either, an event is sent.
pub(crate) fn choice(id: &str, given: &Map<String, Value>, room: &mut usize) -> Option<Choice> {
    // A text that is too long to keep whole cannot be sent exactly.
    let exact = |name: &str| given.get(name).and_then(Value::as_str).filter(|text| text.len() <= STRING);
    let text = exact("text").filter(|text| !text.trim().is_empty());
    let named = given.get("url").and_then(Value::as_str).is_some_and(|url| !url.trim().is_empty());
    let href = address(given, "url", room);
    let event = exact("event").map(str::trim).filter(|event| !event.is_empty());
    let title = string(given, "title", room);
    let fallback = || text.map(str::to_owned).or_else(|| href.as_deref().map(host));
    let label = title.or_else(fallback).or_else(|| event.map(str::to_owned))?;
    let does = match (text, href, event) {
        (Some(text), _, _) => {
            *room = room.checked_sub(text.len())?;
            ChoiceDoes::Say { text: text.to_owned(), payload: None }
        }
        (None, Some(href), _) => ChoiceDoes::Open { href },
        (None, None, Some(event)) if !named => {
            ChoiceDoes::Say { text: label.clone(), payload: Some(event.to_owned()) }
        }
        _ => ChoiceDoes::Nothing,
    };
    Some(Choice { id: id.to_owned(), label, text: None, at: None, seconds: None, does })
}

/// A string that is not blank, cut to what may be kept.
pub(crate) fn string(given: &Map<String, Value>, name: &str, room: &mut usize) -> Option<String> {
    let text = given.get(name)?.as_str().filter(|text| !text.trim().is_empty())?;
    let end = text.floor_char_boundary(STRING.min(text.len()));
    let text = text.get(..end)?;
    *room = room.checked_sub(text.len())?;
    Some(text.to_owned())
}

/// An address that may be offered: of another computer only over `https`, or for writing or calling somebody.
pub(crate) fn address(given: &Map<String, Value>, name: &str, room: &mut usize) -> Option<String> {
    let text = string(given, name, room)?;
    let url = Url::parse(text.trim()).ok()?;
    let good = match url.scheme() {
        "https" => url.username().is_empty() && url.password().is_none(),
        "http" => is_loopback(&url),
        scheme => matches!(scheme, "mailto" | "tel"),
    };
    good.then(|| text.trim().to_owned())
}

fn host(href: &str) -> String {
    let url = Url::parse(href).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| href.to_owned())
}

#[cfg(test)]
mod tests;
