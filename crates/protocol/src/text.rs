//! Text as it is shown: made harmless, and cut where links begin and end.

use linkify::{LinkFinder, LinkKind};

use crate::view::Run;

/// Most characters of one message that are kept; what is beyond is cut and marked with an ellipsis.
pub const LONGEST: usize = 50_000;

/// Most characters of a name that are kept.
pub const LONGEST_NAME: usize = 80;

/// The text without control characters (line ends and tabs stay), cut to [`LONGEST`].
#[must_use]
pub fn clean(text: String) -> String {
    let harmless = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    if text.len() <= LONGEST && (!has_control(&text) || text.chars().all(|c| harmless(&c))) {
        return text;
    }
    let mut kept = String::with_capacity(text.len().min(4 * LONGEST));
    let unified = text.replace("\r\n", "\n");
    let mut characters = unified.chars().map(|c| if c == '\r' { '\n' } else { c }).filter(harmless);
    kept.extend(characters.by_ref().take(LONGEST));
    if characters.next().is_some() {
        kept.push('…');
    }
    kept
}

/// A name as it can stand in a line: without control characters and line ends, cut to [`LONGEST_NAME`]; `None` if nothing is
/// left of it.
#[must_use]
pub fn name(text: String) -> Option<String> {
    if text.len() <= LONGEST_NAME && !has_control(&text) {
        return (!text.trim().is_empty()).then_some(text);
    }
    let line = text.split(char::is_control).collect::<Vec<_>>().join(" ");
    let kept: String = line.trim().chars().take(LONGEST_NAME).collect();
    (!kept.is_empty()).then_some(kept)
}

/// Cuts a text into runs. Links are `https`, `http`, `mailto` and `tel` addresses written out, and e-mail addresses.
#[must_use]
pub fn runs(text: String) -> Vec<Run> {
    // Every link has one of them; most texts have neither.
    let sign = text.bytes().fold(0, |found, byte| found | u8::from((byte == b':') | (byte == b'@')));
    if sign == 0 {
        return if text.is_empty() { Vec::new() } else { vec![Run { text, href: None }] };
    }
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(true).url_can_be_iri(false);
    finder
        .spans(&text)
        .map(|span| {
            let characters = span.as_str().to_owned();
            let href = match span.kind() {
                Some(LinkKind::Url) => Some(characters.clone()).filter(|address| is_openable(address)),
                Some(LinkKind::Email) => Some(format!("mailto:{characters}")),
                _ => None,
            };
            Run { text: characters, href }
        })
        .collect()
}

/// Whether an address may be handed to the operating system: one of four schemes, and for web addresses a host and no
/// user name in front of it, which is how one host is made to look like another.
#[must_use]
pub fn is_openable(address: &str) -> bool {
    let Ok(url) = url::Url::parse(address) else { return false };
    match url.scheme() {
        "https" | "http" => url.has_host() && url.username().is_empty() && url.password().is_none(),
        "mailto" | "tel" => !url.path().is_empty(),
        _ => false,
    }
}

/// Whether there is a control character. Bytes in place of characters, and no stop at the first: the compiler then looks
/// at many at once.
fn has_control(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ascii = bytes.iter().fold(0, |found, byte| found | u8::from((*byte < 0x20) | (*byte == 0x7f)));
    // The others are encoded as C2 80 to C2 9F.
    let pairs = bytes.iter().zip(bytes.iter().skip(1));
    let beyond = pairs.fold(0, |found, (byte, next)| found | u8::from((*byte == 0xc2) & (*next < 0xa0)));
    ascii | beyond != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str, href: Option<&str>) -> Run {
        Run { text: text.into(), href: href.map(Into::into) }
    }

    #[test]
    fn links_are_cut_out_without_the_punctuation_around_them() {
        assert_eq!(
            runs("See https://example.org/a?b=1, or write to ann@example.org.".into()),
            [
                run("See ", None),
                run("https://example.org/a?b=1", Some("https://example.org/a?b=1")),
                run(", or write to ", None),
                run("ann@example.org", Some("mailto:ann@example.org")),
                run(".", None),
            ]
        );
    }

    #[test]
    fn addresses_that_could_do_harm_stay_plain_text() {
        for text in [
            "javascript://x/%0aalert(1)",
            "file:///etc/passwd",
            "https://bank.example@evil.example/",
            "data://x/y",
        ] {
            assert!(runs(text.into()).iter().all(|run| run.href.as_deref() != Some(text)), "{text}");
        }
        assert!(!is_openable("javascript:alert(1)"));
        assert!(is_openable("tel:+4930123"));
    }

    #[test]
    fn control_characters_vanish_and_monsters_are_cut() {
        assert_eq!(clean("a\u{0}b\u{1b}[31m\r\nc\rd\te".into()), "ab[31m\nc\nd\te");
        let long = clean("x".repeat(LONGEST + 10));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn a_name_stands_in_one_line() {
        assert_eq!(name("Maya".into()).as_deref(), Some("Maya"));
        assert_eq!(name("May\na\u{1b}".into()).as_deref(), Some("May a"));
        assert_eq!(name("x".repeat(500)).map(|kept| kept.len()), Some(LONGEST_NAME));
        assert_eq!(name(" \n ".into()), None);
    }

    #[test]
    fn markup_is_only_characters() {
        assert_eq!(runs("<b>hi</b>".into()), [run("<b>hi</b>", None)]);
    }
}
