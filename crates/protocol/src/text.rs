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

/// Most characters of a line in a list.
const LINE: usize = 160;

/// As many words as fit in one line of a list, out of a text that may come in pieces.
pub(crate) fn first_words<'a>(pieces: impl IntoIterator<Item = &'a str>) -> String {
    let (mut line, mut room, mut between) = (String::new(), LINE, false);
    for piece in pieces {
        line.reserve(piece.len().min(room));
        for c in piece.chars() {
            if c.is_whitespace() {
                between = !line.is_empty();
                continue;
            }
            for c in std::mem::take(&mut between).then_some(' ').into_iter().chain([c]) {
                if room == 0 {
                    return line;
                }
                room -= 1;
                line.push(c);
            }
        }
    }
    line
}

/// Cuts a text into runs. Links are `https`, `http`, `mailto` and `tel` addresses written out, and e-mail addresses.
#[must_use]
pub fn runs(text: String) -> Vec<Run> {
    // Every link has one of them; most texts have neither.
    if !has(&text, |byte| (byte == b':') | (byte == b'@')) {
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

fn has_control(text: &str) -> bool {
    // Beyond ASCII they are encoded as C2 80 to C2 9F, and few texts have anything that begins so.
    let ascii = has(text, |byte| (byte < 0x20) | (byte == 0x7f));
    ascii
        || has(text, |byte| byte == 0xc2) && {
            let pairs = text.bytes().zip(text.bytes().skip(1));
            pairs.fold(false, |found, (byte, next)| found | ((byte == 0xc2) & (next < 0xa0)))
        }
}

/// Bytes that are looked at in one go.
const BLOCK: usize = 16;

/// Whether a byte of the text is like that. There is no stop at the first, and the last block overlaps with the one before it:
/// so the compiler can look at a block as a whole, and a text of usual length takes a few steps.
pub(crate) fn has(text: &str, sign: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let mut found = [false; BLOCK];
    let mut look = |block: &[u8; BLOCK]| {
        for (found, byte) in found.iter_mut().zip(block) {
            *found |= sign(*byte);
        }
    };
    let Some(last) = bytes.last_chunk() else { return bytes.iter().any(|byte| sign(*byte)) };
    bytes.as_chunks().0.iter().for_each(&mut look);
    look(last);
    found != [false; BLOCK]
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
    fn a_line_of_a_list_holds_the_first_words() {
        assert_eq!(
            first_words([" See ", "https://x.example", ",\n\t or", "derly "]),
            "See https://x.example, orderly"
        );
        assert_eq!(first_words(["", " \n "]), "");
        let long = "ä".repeat(LINE - 1);
        assert_eq!(first_words([long.as_str(), " bc"]), format!("{long} "));
        assert_eq!(first_words(["ä".repeat(LINE + 1).as_str()]), "ä".repeat(LINE));
    }

    #[test]
    fn a_control_character_is_found_wherever_it_stands() {
        for length in 0..70 {
            let harmless = "£ä".repeat(length);
            assert_eq!(clean(harmless.clone()), harmless);
            for at in 0..=length {
                for control in ['\u{7}', '\u{7f}', '\u{80}', '\u{9f}'] {
                    let mut text: Vec<char> = "x".repeat(length).chars().collect();
                    text.insert(at, control);
                    let text: String = text.into_iter().collect();
                    assert_eq!(clean(text), "x".repeat(length), "{control:?} at {at} of {length}");
                }
            }
        }
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
