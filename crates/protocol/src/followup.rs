//! Is this a non-actionable follow-up to a closed case? Pure.
//!
//! After a closing banner a stray "thanks!" would be routed to an agent as a new case. The guess made here only decides
//! whether one plain question is asked, so it is careful rather than clever: a text counts only if it consists of nothing
//! but courtesies, emoji and punctuation. Anything with a question mark, a number or a word that is not listed goes through.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Longest text, in words, that can be a mere courtesy.
const MOST_WORDS: usize = 8;

/// Courtesies that stand for themselves, in several languages; without diacritics, lower case. Several words are one phrase.
#[rustfmt::skip]
const PHRASES: &[&str] = &[
    // English
    "thanks", "thank you", "thank u", "thx", "ty", "tysm", "tnx", "cheers", "ta", "many thanks", "thanks a lot",
    "thanks a bunch", "thanks so much", "thank you so much", "thank you very much", "thanks again", "thank you again",
    "thanks for your help", "thank you for your help", "thanks for the help", "much appreciated", "appreciate it",
    "ok", "okay", "okey", "k", "kk", "okie", "alright", "all right", "fine", "great", "perfect", "super", "cool", "nice",
    "good", "very good", "awesome", "excellent", "brilliant", "lovely", "wonderful", "amazing", "got it", "understood",
    "noted", "sure", "will do", "sounds good", "all good", "that helps", "no problem", "np", "you too", "same to you",
    "bye", "goodbye", "bye bye", "see you", "have a nice day", "have a good day", "have a great day", "good day",
    "have a nice evening", "have a good evening", "have a good one", "good night", "take care", "yes", "yep", "yeah",
    "no", "nope", "done", "that is all", "thats all", "that was all", "nothing else",
    // German
    "danke", "dankeschon", "danke schon", "danke sehr", "vielen dank", "besten dank", "herzlichen dank", "tausend dank",
    "merci", "danke dir", "danke ihnen", "danke euch", "danke fur die hilfe", "danke fur ihre hilfe", "alles klar", "klar",
    "in ordnung", "gut", "prima", "toll", "passt", "perfekt", "verstanden", "gerne", "gern", "ja", "nein", "tschuss",
    "tschuess", "ciao", "schonen tag", "schonen tag noch", "einen schonen tag", "ihnen auch", "gleichfalls", "bis bald",
    "auf wiedersehen", "schonen abend", "das war alles",
    // French
    "merci beaucoup", "merci bien", "merci a vous", "mille mercis", "d accord", "daccord", "parfait", "tres bien",
    "super merci", "compris", "entendu", "oui", "non", "au revoir", "bonne journee", "bonne soiree", "a bientot",
    "vous aussi", "bien recu", "genial",
    // Spanish
    "gracias", "muchas gracias", "mil gracias", "vale", "de acuerdo", "perfecto", "genial gracias", "entendido", "bien",
    "muy bien", "si", "adios", "hasta luego", "que tenga buen dia", "buen dia", "igualmente", "muy amable", "listo",
    // Italian
    "grazie", "grazie mille", "molte grazie", "tante grazie", "va bene", "perfetto", "capito", "ottimo", "bene",
    "arrivederci", "buona giornata", "buona serata", "altrettanto", "a presto",
    // Portuguese
    "obrigado", "obrigada", "muito obrigado", "muito obrigada", "obg", "valeu", "perfeito", "entendi", "certo", "ta bom",
    "tudo bem", "otimo", "sim", "nao", "tchau", "bom dia", "boa tarde", "boa noite", "ate logo", "igualmente obrigado",
    // Dutch
    "bedankt", "dank je", "dank je wel", "dankjewel", "dank u", "dank u wel", "dankuwel", "hartelijk dank", "prima dank",
    "oke", "top", "begrepen", "duidelijk", "goed", "doei", "tot ziens", "fijne dag", "fijne dag nog", "fijne avond",
    // Polish, Czech
    "dziekuje", "dzieki", "dziekuje bardzo", "bardzo dziekuje", "rozumiem", "dobrze", "swietnie", "tak", "nie",
    "do widzenia", "milego dnia", "dekuji", "diky", "dekuju", "dobre", "jasne", "rozumim", "na shledanou", "hezky den",
    // Turkish
    "tesekkurler", "tesekkur ederim", "cok tesekkurler", "cok tesekkur ederim", "sagol", "sag olun", "sagolun", "tamam",
    "anladim", "harika", "evet", "hayir", "iyi gunler", "gorusuruz", "hosca kalin",
    // Swedish, Danish, Norwegian, Finnish
    "tack", "tack sa mycket", "tusen tack", "okej", "bra", "hej da", "ha en bra dag", "tak skal du have", "mange tak",
    "tusind tak", "fint", "takk", "takk skal du ha", "tusen takk", "mange takk", "ha det", "kiitos", "kiitos paljon",
    "selva", "hyva", "nakemiin",
    // Russian, Ukrainian
    "спасибо", "большое спасибо", "спасибо большое", "благодарю", "хорошо", "понятно", "ясно", "отлично", "ок", "окей",
    "да", "нет", "до свидания", "хорошего дня", "дякую", "дуже дякую", "добре", "зрозуміло", "до побачення",
    // Greek
    "ευχαριστω", "ευχαριστω πολυ", "ενταξει", "τελεια", "ναι", "οχι", "αντιο", "καλημερα", "γεια σας",
    // Arabic, Hebrew, Persian
    "شكرا", "شكرا لك", "شكرا جزيلا", "مشكور", "تمام", "حسنا", "طيب", "ممتاز", "نعم", "مع السلامة", "תודה", "תודה רבה",
    "אוקיי", "בסדר", "מעולה", "להתראות", "ممنون", "مرسی", "متشکرم", "باشه",
    // Hindi, Indonesian, Vietnamese
    "धन्यवाद", "शुक्रिया", "ठीक है", "अच्छा", "terima kasih", "makasih", "baik", "oke terima kasih", "cam on", "cam on ban",
    // Japanese, Korean, Chinese
    "ありがとう", "ありがとうございます", "ありがとうございました", "了解", "了解です", "わかりました", "分かりました", "はい", "承知しました",
    "감사합니다", "고맙습니다", "감사해요", "네", "알겠습니다", "谢谢", "謝謝", "多谢", "好的", "好", "明白", "明白了", "知道了", "再见",
];

/// Words that make no request of their own beside a courtesy: "ok, thanks then".
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "and", "a", "so", "then", "again", "very", "much", "all", "you", "u", "for", "the", "your", "help", "everything", "it",
    "that", "really", "oh", "ah", "well", "now", "guys", "team", "sir", "madam", "haha", "lol", "hi", "hey",
    "und", "sehr", "dir", "ihnen", "noch", "dann", "fur", "die", "ihre", "hilfe", "auch", "et", "pour", "votre", "aide", "bien",
    "y", "por", "su", "ayuda", "todo", "e", "per", "aiuto", "tutto", "pela", "ajuda", "en", "voor", "de", "hulp", "i", "za",
];

/// Whether the text is nothing but a courtesy, an emoji or punctuation.
#[must_use]
pub fn is_non_actionable(text: &str) -> bool {
    let folded = fold(text);
    if folded.has_request_mark {
        return false;
    }
    if folded.words.is_empty() {
        return !text.trim().is_empty();
    }
    folded.words.len() <= MOST_WORDS && consists_of_courtesies(&folded.words)
}

struct Folded {
    words: Vec<String>,
    has_request_mark: bool,
}

/// Lower case, without diacritics, apostrophes, punctuation and emoji. Question marks and digits are what a request has.
fn fold(text: &str) -> Folded {
    let mut folded = String::with_capacity(text.len());
    let mut has_request_mark = false;
    for character in
        text.nfkd().filter(|character| !is_combining_mark(*character)).flat_map(char::to_lowercase)
    {
        match character {
            '?' | '؟' | '¿' => has_request_mark = true,
            '\'' | '’' | '‘' | 'ʼ' => {}
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            'ø' => folded.push('o'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            _ if character.is_numeric() => has_request_mark = true,
            _ if character.is_alphabetic() => folded.push(character),
            _ => folded.push(' '),
        }
    }
    let words = folded.split_whitespace().map(squeeze).collect();
    Folded { words, has_request_mark }
}

/// "thaaanks" is "thanks": three or more of a letter in a row become one.
fn squeeze(word: &str) -> String {
    let mut squeezed = String::with_capacity(word.len());
    let mut characters = word.chars().peekable();
    while let Some(character) = characters.next() {
        let mut run = 1;
        while characters.next_if_eq(&character).is_some() {
            run += 1;
        }
        let keep = if run >= 3 { 1 } else { run };
        squeezed.extend(std::iter::repeat_n(character, keep));
    }
    squeezed
}

/// Whether the words can be cut into listed phrases and fillers, with at least one phrase among them.
fn consists_of_courtesies(words: &[String]) -> bool {
    let phrases: Vec<Vec<String>> = PHRASES.iter().map(|phrase| fold(phrase).words).collect();
    let fillers: Vec<String> = FILLERS.iter().flat_map(|filler| fold(filler).words).collect();
    // For each place: can everything before it be cut, and was a phrase among it?
    let mut reach: Vec<Option<bool>> = vec![None; words.len() + 1];
    if let Some(start) = reach.first_mut() {
        *start = Some(false);
    }
    for at in 0..words.len() {
        let Some(Some(so_far)) = reach.get(at).copied() else { continue };
        let rest = words.get(at..).unwrap_or_default();
        for phrase in phrases.iter().filter(|phrase| !phrase.is_empty() && rest.starts_with(phrase)) {
            mark(&mut reach, at + phrase.len(), true);
        }
        if rest.first().is_some_and(|word| fillers.contains(word)) {
            mark(&mut reach, at + 1, so_far);
        }
    }
    reach.last().copied().flatten() == Some(true)
}

fn mark(reach: &mut [Option<bool>], at: usize, with_phrase: bool) {
    if let Some(place) = reach.get_mut(at) {
        *place = Some(place.unwrap_or(false) || with_phrase);
    }
}

#[cfg(test)]
mod tests {
    use super::is_non_actionable;

    #[test]
    fn courtesies_in_several_languages_are_questioned() {
        for text in [
            "Thanks!",
            "thank you",
            "Thank you so much!!!",
            "ok",
            "OK.",
            "Okay, thanks",
            "ok thanks, bye",
            "Thaaaanks",
            "great, thank you for your help",
            "👍",
            "🙏🙏",
            "❤️",
            "👍🏽",
            "👨‍👩‍👧",
            "...",
            "!!",
            ":)",
            "Got it",
            "that’s all",
            "Danke",
            "Vielen Dank!",
            "alles klar, danke schön",
            "Tschüß",
            "schönen Tag noch",
            "Merci beaucoup",
            "D’accord",
            "¡Muchas gracias!",
            "Grazie mille",
            "obrigada",
            "Dank je wel",
            "Dziękuję",
            "děkuji",
            "Teşekkürler",
            "tamam",
            "Tack så mycket",
            "kiitos",
            "спасибо",
            "Большое спасибо!",
            "дякую",
            "ευχαριστώ",
            "شكرًا",
            "תודה רבה",
            "धन्यवाद",
            "ありがとうございます",
            "감사합니다",
            "谢谢",
            "好的",
            "cảm ơn",
        ] {
            assert!(is_non_actionable(text), "{text:?} is a courtesy");
        }
    }

    #[test]
    fn whatever_could_be_a_request_goes_through() {
        for text in [
            "Thanks, but the bill is still wrong",
            "ok when?",
            "ok?",
            "thanks 42",
            "no it does not work",
            "help",
            "help me",
            "I need help",
            "You",
            "and",
            "Danke, aber die Rechnung stimmt nicht",
            "Hallo",
            "please call me",
            "stop",
            "why",
            "Thank you, one more thing",
            "¿gracias?",
            "cancel",
            "the",
            "ok cancel my order",
            "yes please go ahead and order",
            "thank you thank you thank you thank you thank you",
        ] {
            assert!(!is_non_actionable(text), "{text:?} may be a request");
        }
    }

    #[test]
    fn nothing_is_not_a_message() {
        assert!(!is_non_actionable(""));
        assert!(!is_non_actionable(" \n"));
    }
}
