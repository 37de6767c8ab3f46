//! The marks with which words are set off where a deployment has that switched on, turned into plain words.
//!
//! What stands between marks stays, the marks go; a link becomes its label and its address, so that nobody is led to a place that they
//! do not see. Nothing here makes anything but text. See `docs/protocols/web-messaging.md`, K8 and K9.

use crate::text::is_openable;

/// Longest line that is looked at, in bytes: to look for the other half of a mark takes longer the further away it may be.
const LONGEST: usize = 4_096;
/// How often marks are looked for within marks.
const DEPTH: u8 = 6;

/// The words without their marks.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut fenced, mut begun) = (false, false);
    let mut lines = text.split('\n');
    while let Some(line) = lines.next() {
        // The line of a fence is none of the text's own.
        let turns = if fenced { is_fence(line) } else { opens(line, lines.clone()) };
        if turns {
            fenced = !fenced;
            continue;
        }
        if std::mem::replace(&mut begun, true) {
            out.push('\n');
        }
        if fenced || line.len() > LONGEST {
            out.push_str(line);
        } else {
            unmark(line, None, DEPTH, &mut out);
        }
    }
    out
}

/// Whether code begins behind this line: a fence, perhaps with the name of a language, and another fence below something. What one
/// fence alone stands in front of is somebody's words.
fn opens<'text>(line: &str, mut below: impl Iterator<Item = &'text str>) -> bool {
    let language = line.trim().strip_prefix("```");
    let named =
        language.is_some_and(|name| !name.contains(|letter: char| letter == '`' || letter.is_whitespace()));
    named && below.next().is_some_and(|first| !is_fence(first)) && below.any(is_fence)
}

fn is_fence(line: &str) -> bool {
    line.trim() == "```"
}

/// Goes through a part of a line; `before` is the character in front of it.
fn unmark(line: &str, mut before: Option<char>, depth: u8, out: &mut String) {
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let found = match first {
            '`' => code(rest),
            '[' => link(rest),
            'h' | 'm' | 't' if !before.is_some_and(char::is_alphanumeric) => address(rest),
            '*' | '_' | '~' | '=' => set_off(rest, first, before),
            _ => None,
        };
        let taken = match found {
            Some(Found::Verbatim { text, taken }) => {
                out.push_str(text);
                taken
            }
            Some(Found::SetOff { text, taken }) if depth > 0 => {
                unmark(text, None, depth - 1, out);
                taken
            }
            Some(Found::Link { label, address, taken }) => {
                unmark(label, None, depth.saturating_sub(1), out);
                if label != address {
                    out.push_str(" (");
                    out.push_str(address);
                    out.push(')');
                }
                taken
            }
            _ => {
                out.push(first);
                first.len_utf8()
            }
        };
        let (gone, left) = rest.split_at_checked(taken).unwrap_or((rest, ""));
        before = gone.chars().next_back();
        rest = left;
    }
}

/// What stands at a place, and how many bytes of the line that was.
enum Found<'a> {
    Verbatim { text: &'a str, taken: usize },
    SetOff { text: &'a str, taken: usize },
    Link { label: &'a str, address: &'a str, taken: usize },
}

fn code(rest: &str) -> Option<Found<'_>> {
    let inner = rest.strip_prefix('`')?;
    let end = inner.find('`').filter(|end| *end > 0)?;
    Some(Found::Verbatim { text: inner.get(..end)?, taken: end + 2 })
}

fn link(rest: &str) -> Option<Found<'_>> {
    let inner = rest.strip_prefix('[')?;
    let (label, after) = inner.split_once("](")?;
    let (address, _) = after.split_once(')')?;
    let taken = label.len() + address.len() + 4;
    let fits = !label.trim().is_empty() && !label.contains('[') && is_openable(address.trim());
    fits.then_some(Found::Link { label, address: address.trim(), taken })
}

/// An address that is written out: nothing in it is a mark.
fn address(rest: &str) -> Option<Found<'_>> {
    let known = ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| rest.starts_with(scheme));
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    // A mark at its end belongs to what stands around it.
    let text = rest.get(..end)?.trim_end_matches(['*', '_', '~', '=']);
    known.then_some(Found::Verbatim { text, taken: text.len() })
}

/// Words between two of the same marks, which touch them and nothing else that could be a word.
fn set_off(rest: &str, mark: char, before: Option<char>) -> Option<Found<'_>> {
    let run = rest.find(|c| c != mark)?;
    let fits = if mark == '=' { run == 2 } else { run <= 3 };
    if !fits || before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let marks = rest.get(..run)?;
    let inner = rest.get(run..)?;
    if inner.starts_with(char::is_whitespace) {
        return None;
    }
    inner.match_indices(marks).find_map(|(end, _)| {
        let text = inner.get(..end).filter(|text| !text.is_empty())?;
        let after = inner.get(end + run..)?.chars().next();
        let touches = !text.ends_with(char::is_whitespace) && !text.ends_with(mark);
        let alone = after.is_none_or(|after| !after.is_alphanumeric() && after != mark);
        (touches && alone).then_some(Found::SetOff { text, taken: 2 * run + end })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_go_and_words_stay() {
        for (marked, words) in [
            ("*bold* and _italic_", "bold and italic"),
            ("~gone~ ==seen== **very** ***most***", "gone seen very most"),
            ("*bold and _italic_ in it*.", "bold and italic in it."),
            ("(*so*)", "(so)"),
            ("run `rm *x* _y_` now", "run rm *x* _y_ now"),
            ("```\nlet *x* = 1;\n```\nthen *go*", "let *x* = 1;\nthen go"),
            ("```rust\nlet *x* = 1;\n```", "let *x* = 1;"),
            ("```Thanks", "```Thanks"),
            ("```Thanks\n```", "```Thanks\n```"),
            ("```Many thanks\nAnn\n```", "```Many thanks\nAnn\n```"),
            ("Here:\n```\nlet *x*", "Here:\n```\nlet x"),
            ("*a*\n*b*", "a\nb"),
        ] {
            assert_eq!(plain(marked), words, "{marked}");
        }
    }

    #[test]
    fn what_only_looks_like_marks_stays() {
        for words in [
            "2*3*4 = 24",
            "5 * 3 * 2",
            "snake_case_name",
            "*.txt and *.doc",
            "a = b == c",
            "_ _",
            "***",
            "*open",
            "https://x.example/_a_/b*c*?d_e_",
            "see https://x.example/_a_ there",
            "`open",
            "[label] (no link)",
            "[run](javascript:alert(1))",
            "[a](ftp://x)",
            "<b>no</b> &amp; <script>",
            "",
        ] {
            assert_eq!(plain(words), words);
        }
    }

    #[test]
    fn a_link_shows_where_it_leads() {
        assert_eq!(
            plain("See [*your* bill](https://x.example/b_1_)!"),
            "See your bill (https://x.example/b_1_)!"
        );
        assert_eq!(plain("[https://x.example](https://x.example)"), "https://x.example");
        assert_eq!(
            plain("[https://bank.example](https://evil.example)"),
            "https://bank.example (https://evil.example)"
        );
        assert_eq!(plain("*see https://x.example*"), "see https://x.example");
    }

    proptest! {
        #[test]
        fn nothing_is_added_but_the_brackets_of_a_link(text in "[a*_~=`\\[\\]() \n:/ht]{0,60}") {
            let kept = |text: &str| text.chars().filter(char::is_ascii_alphabetic).count();
            let words = plain(&text);
            // The name of a language goes with its fence.
            prop_assert!(kept(&words) == kept(&text) || text.matches("```").count() > 1);
            prop_assert!(words.len() <= text.len() + 2);
        }

        #[test]
        fn any_text_is_taken(text in "\\PC{0,200}") {
            plain(&text);
        }
    }

    #[test]
    fn marks_in_marks_do_not_go_on_for_ever() {
        let deep = "*_".repeat(2_000) + "x" + &"_*".repeat(2_000);
        assert!(plain(&deep).contains('x'));
        let wide = "*a ".repeat(1_300);
        assert_eq!(plain(&wide), wide);
    }
}
