//! The cookies of one client. A server knows a client by them, and so does whatever shares requests out among its nodes; two
//! chats have two jars, or a server would take them for two windows of one browser and slow both down.

use crate::io::HeaderValue;
use crate::token::Secret;

/// Most cookies that are kept, and most bytes of one: a server needs two or three.
const MOST: usize = 32;
const LONGEST: usize = 4_096;

/// Cookies of one origin.
#[derive(Debug, Clone, Default)]
pub(super) struct Jar {
    cookies: Vec<Cookie>,
}

#[derive(Debug, Clone)]
struct Cookie {
    name: String,
    value: Secret,
    path: String,
}

impl Jar {
    /// Takes in what an answer to a request for `path` sets.
    pub(super) fn take(&mut self, path: &str, set: &[Secret]) {
        for text in set {
            let Some((cookie, gone)) = read(path, text.expose()) else { continue };
            self.cookies.retain(|known| known.name != cookie.name || known.path != cookie.path);
            if !gone && self.cookies.len() < MOST {
                self.cookies.push(cookie);
            }
        }
    }

    /// What goes along with a request for `path`.
    pub(super) fn header(&self, path: &str) -> Option<(String, HeaderValue)> {
        let mut ours: Vec<&Cookie> = self.cookies.iter().filter(|cookie| cookie.covers(path)).collect();
        ours.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs = ours.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value.expose()));
        let all = pairs.collect::<Vec<_>>().join("; ");
        (!all.is_empty()).then(|| ("cookie".to_owned(), HeaderValue::Secret(Secret::new(all))))
    }
}

impl Cookie {
    fn covers(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.path.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'))
    }
}

/// A cookie, and whether it is taken back.
fn read(path: &str, text: &str) -> Option<(Cookie, bool)> {
    let mut parts = text.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let sendable = |text: &str| text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if name.is_empty() || text.len() > LONGEST || !sendable(name) || !sendable(value) {
        return None;
    }
    let mut cookie =
        Cookie { name: name.to_owned(), value: Secret::new(value), path: folder(path).to_owned() };
    let mut gone = false;
    for part in parts {
        let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
        match attribute.trim().to_ascii_lowercase().as_str() {
            "path" if value.trim().starts_with('/') => cookie.path = value.trim().to_owned(),
            // A lifetime that ends later than the chat is no matter; a date is only ever used to take a cookie back.
            "max-age" => gone = value.trim().parse::<i64>().is_ok_and(|seconds| seconds <= 0),
            "expires" => gone |= value.contains("1970"),
            _ => {}
        }
    }
    Some((cookie, gone))
}

fn folder(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(end) => path.get(..end).unwrap_or("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(jar: &Jar, path: &str) -> Option<String> {
        jar.header(path).map(|(_, value)| match value {
            HeaderValue::Secret(secret) => secret.expose().to_owned(),
            HeaderValue::Plain(plain) => plain,
        })
    }

    fn set(jar: &mut Jar, texts: &[&str]) {
        let texts: Vec<_> = texts.iter().map(|text| Secret::new(*text)).collect();
        jar.take("/genesys/cometd/handshake", &texts);
    }

    #[test]
    fn what_was_set_goes_along_where_it_belongs() {
        let mut jar = Jar::default();
        set(&mut jar, &["BAYEUX_BROWSER=abc; Path=/; HttpOnly", "node=3;path=/genesys", "deep=1"]);
        assert_eq!(sent(&jar, "/genesys/cometd/").as_deref(), Some("deep=1; node=3; BAYEUX_BROWSER=abc"));
        assert_eq!(sent(&jar, "/genesys/2/chat-ntf").as_deref(), Some("node=3; BAYEUX_BROWSER=abc"));
        assert_eq!(sent(&jar, "/genesysx").as_deref(), Some("BAYEUX_BROWSER=abc"));
    }

    #[test]
    fn a_newer_cookie_replaces_and_an_old_date_removes() {
        let mut jar = Jar::default();
        set(&mut jar, &["a=1; Path=/", "b=2; Path=/"]);
        set(&mut jar, &["a=3; Path=/", "b=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]);
        assert_eq!(sent(&jar, "/").as_deref(), Some("a=3"));
        set(&mut jar, &["a=3; Path=/; Max-Age=0"]);
        assert_eq!(sent(&jar, "/"), None);
    }

    #[test]
    fn what_is_no_cookie_is_left_out_and_none_shows_itself() {
        let mut jar = Jar::default();
        set(&mut jar, &["", "=x", "a", "a=\u{1}", "k=hush; Path=/"]);
        assert_eq!(sent(&jar, "/").as_deref(), Some("k=hush"));
        assert!(!format!("{jar:?}").contains("hush"));
    }
}
