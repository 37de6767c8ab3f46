//! Words as they are looked for: without case, accents and vowel marks, in every script.
//!
//! SQLite's own tokenizers take Arabic vowel marks for spaces, know no İ, and find nothing within a line of Chinese. So the
//! text is cut and folded here, and the index is given words that need no more than to be split at blanks. Where a script puts
//! no spaces between its words, each pair of neighbouring characters counts as a word.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use envoi_protocol::view::{Content, Item, Offer};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Raised whenever the same text is folded to something else: the index is then made anew.
const FOLDING: u32 = 1;

/// Most bytes of a word that count.
const LONGEST_WORD: usize = 48;

/// What the index was made with.
pub(super) fn folding() -> String {
    let (major, minor, patch) = unicode_normalization::UNICODE_VERSION;
    let (std_major, std_minor, std_patch) = char::UNICODE_VERSION;
    format!("{FOLDING}, unicode {major}.{minor}.{patch} and {std_major}.{std_minor}.{std_patch}")
}

/// What can be found of a row.
pub(super) fn of(item: &Item) -> Option<Cow<'_, str>> {
    match &item.content {
        Content::Message { text, .. } => match text.as_slice() {
            [run] => Some(Cow::Borrowed(&run.text)),
            runs => Some(Cow::Owned(runs.iter().map(|run| run.text.as_str()).collect())),
        },
        Content::Picture { name, .. } | Content::File { name, .. } => Some(Cow::Borrowed(name)),
        Content::Offer { offer, .. } => Some(Cow::Owned(offered(offer))),
        Content::Unsupported { .. }
        | Content::Joined { .. }
        | Content::Left { .. }
        | Content::CaseClosed { .. }
        | Content::Local { .. } => None,
    }
}

/// All that stands in an offer, a line each.
fn offered(offer: &Offer) -> String {
    let cards = offer.cards.iter().flat_map(|card| [Some(card.title.as_str()), card.text.as_deref()]);
    let groups = offer.groups.iter().map(|group| group.title.as_deref());
    let choices = offer.choices().flat_map(|choice| [Some(choice.label.as_str()), choice.text.as_deref()]);
    let questions = offer.questions.iter().flat_map(|asked| &asked.questions);
    let questions = questions
        .flat_map(|asked| [asked.heading.as_deref(), Some(asked.label.as_str()), asked.hint.as_deref()]);
    let texts = std::iter::once(Some(offer.text.as_str())).chain(cards).chain(groups).chain(choices);
    let texts = texts.chain(questions);
    let texts: Vec<&str> = texts.flatten().filter(|text| !text.trim().is_empty()).collect();
    texts.join("\n")
}

/// A word that stands for a conversation in the index. Nobody can write it: its first character belongs to no word.
pub(super) fn mark(conversation: i64) -> String {
    format!("\u{e000}{conversation}")
}

/// Writes what the index is given for a row with this text: the mark of its conversation and its words, each between two blanks.
pub(super) fn fold(conversation: i64, text: &str, folded: &mut String) {
    folded.clear();
    // Writing to a String cannot fail.
    let _ = write!(folded, "\u{e000}{conversation}");
    let mut before: Option<String> = None;
    cut(text, |piece| match piece {
        Piece::Word(word, _) => {
            end(&mut before, folded);
            folded.push(' ');
            folded.push_str(word);
        }
        Piece::Sign(sign, first, _) => {
            if first {
                end(&mut before, folded);
            }
            let last = before.replace(sign.to_owned());
            if let Some(last) = last {
                let _ = write!(folded, " {last}{sign}");
            }
        }
    });
    end(&mut before, folded);
    folded.push(' ');
}

/// The last sign of a stretch stands alone, so that it is found as well.
fn end(before: &mut Option<String>, folded: &mut String) {
    if let Some(last) = before.take() {
        let _ = write!(folded, " {last}");
    }
}

/// A folded piece of a text, with the bytes of the text that it was.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A word.
    Word(&'a str, Range<usize>),
    /// A character of a script without spaces; true for the first of a stretch.
    Sign(&'a str, bool, Range<usize>),
}

/// Cuts a text into folded pieces.
pub(super) fn cut(text: &str, mut each: impl FnMut(Piece<'_>)) {
    let mut word = String::with_capacity(LONGEST_WORD + 8);
    let mut range = 0..0;
    let mut in_signs = false;
    let bytes = text.as_bytes();
    let mut rest = 0;
    while let Some(first) = bytes.get(rest) {
        let at = rest;
        if first.is_ascii_alphanumeric() {
            // A stretch of them at once: nearly all of most texts is such.
            let tail = bytes.get(at..).unwrap_or_default();
            let length = tail.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(tail.len());
            rest = at + length;
            in_signs = false;
            if word.is_empty() {
                range.start = at;
            }
            range.end = rest;
            let folded = word.len();
            word.push_str(text.get(at..rest).unwrap_or_default());
            if let Some(added) = word.get_mut(folded..) {
                added.make_ascii_lowercase();
            }
            continue;
        }
        let Some(c) = text.get(at..).and_then(|text| text.chars().next()) else { break };
        rest = at + c.len_utf8();
        if !c.is_ascii() {
            if is_silent(c) {
                continue;
            }
            if c.is_alphanumeric() || is_combining_mark(c) {
                let end = rest;
                if is_sign(c) {
                    flush(&mut word, &range, &mut each);
                    fold_character(c, &mut word);
                    each(Piece::Sign(&word, !in_signs, at..end));
                    word.clear();
                    in_signs = true;
                    continue;
                }
                in_signs = false;
                if word.is_empty() {
                    range.start = at;
                }
                fold_character(c, &mut word);
                range.end = end;
                continue;
            }
        }
        in_signs = false;
        flush(&mut word, &range, &mut each);
    }
    flush(&mut word, &range, &mut each);
}

fn flush(word: &mut String, range: &Range<usize>, each: &mut impl FnMut(Piece<'_>)) {
    if word.is_empty() {
        return;
    }
    if word.len() > LONGEST_WORD {
        word.truncate(word.floor_char_boundary(LONGEST_WORD));
    }
    each(Piece::Word(word, range.clone()));
    word.clear();
}

/// A character as it counts: in lower case, decomposed, and without the marks that people leave out.
fn fold_character(c: char, word: &mut String) {
    let plain = match c {
        'ß' | 'ẞ' => "ss",
        'ı' => "i",
        'ς' => "σ",
        'ø' | 'Ø' => "o",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'þ' | 'Þ' => "th",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        _ => {
            let kept = |c: &char| !is_left_out(*c) && (c.is_alphanumeric() || is_combining_mark(*c));
            word.extend(c.to_lowercase().nfkd().filter(kept).flat_map(char::to_lowercase));
            return;
        }
    };
    word.push_str(plain);
}

/// Accents, and the vowel marks of Arabic and Hebrew.
const fn is_left_out(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e8}'
        | '\u{6ea}'..='\u{6ed}')
}

/// Characters that are in a word without being seen: joiners, directions, soft hyphens, and the line that stretches Arabic.
const fn is_silent(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{640}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Characters of scripts that put no spaces between words: Chinese, Japanese, Thai, Lao, Burmese and Khmer.
const fn is_sign(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{312f}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut folded = String::new();
        fold(1, text, &mut folded);
        folded.strip_prefix("\u{e000}1").unwrap().trim().to_owned()
    }

    #[test]
    fn case_accents_and_vowel_marks_do_not_count() {
        for (text, same) in [
            ("Café, CAFÉ cafe\u{301}!", "cafe cafe cafe"),
            ("Grüße GRÜSSE Straße", "grusse grusse strasse"),
            ("İstanbul ISTANBUL ıstanbul", "istanbul istanbul istanbul"),
            ("مُحَمَّد محمد مـحـمـد", "محمد محمد محمد"),
            ("أحمد احمد", "احمد احمد"),
            ("שָׁלוֹם", "שלום"),
            ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
            ("Łódź smørrebrød œuvre", "lodz smorrebrod oeuvre"),
            ("ﬁne １２３ x²", "fine 123 x2"),
            ("co\u{ad}operate a\u{200f}b", "cooperate ab"),
            ("don't e-mail a_b", "don t e mail a b"),
            ("क्या", "क्या"),
        ] {
            assert_eq!(folded(text), same, "{text}");
        }
    }

    #[test]
    fn scripts_without_spaces_are_cut_into_pairs() {
        assert_eq!(folded("我的发票 invoice 字"), "我的 的发 发票 票 invoice 字");
        assert_eq!(folded("請求書、ガス"), "請求 求書 書 ガス ス".nfkd().collect::<String>());
        assert_eq!(folded("a中b"), "a 中 b");
    }

    #[test]
    fn nothing_that_anybody_writes_is_a_mark_or_breaks_the_index() {
        assert_eq!(folded("\u{e000}1"), "1");
        assert_eq!(folded("\u{301}\u{301} \u{0}\"*()"), "");
        assert_eq!(folded(&"é".repeat(60_000)), "e".repeat(LONGEST_WORD));
        assert_eq!(folded("㈱½"), folded("㈱½").replace(['(', ')', '⁄'], ""));
    }
}
