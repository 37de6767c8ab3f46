//! What the program says outside of its window, in the person's language: notifications and the tray.

use envoi_engine::net::sign_in::Page;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::{CharacterDirection, LanguageIdentifier};

const CATALOGUES: &[(&str, &str)] = &[
    ("en", include_str!("../words/en.ftl")),
    ("de", include_str!("../words/de.ftl")),
    ("ar", include_str!("../words/ar.ftl")),
];

/// A catalogue of one language, with English behind it.
pub(crate) struct Words {
    bundles: Vec<FluentBundle<FluentResource>>,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words")
    }
}

impl Words {
    /// The words for the language the system is set to.
    pub(crate) fn of_this_system() -> Self {
        Self::of(&sys_locale::get_locale().unwrap_or_default())
    }

    /// The words for a language tag such as `de-AT`; English if there are none.
    pub(crate) fn of(tag: &str) -> Self {
        let wanted = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        let chosen = CATALOGUES.iter().filter(|(language, _)| *language == wanted);
        let english = CATALOGUES.iter().filter(|(language, _)| *language == "en" && wanted != "en");
        Self {
            bundles: chosen
                .chain(english)
                .filter_map(|(language, source)| bundle(language, source))
                .collect(),
        }
    }

    /// The text of this name.
    pub(crate) fn say(&self, name: &str) -> String {
        self.say_with(name, &FluentArgs::new())
    }

    /// What the browser shows to whoever has signed in.
    pub(crate) fn sign_in_page(&self) -> Page {
        let language = self.bundles.first().and_then(|bundle| bundle.locales.first());
        Page {
            right_to_left: language.is_some_and(|one| one.character_direction() == CharacterDirection::RTL),
            language: language.map_or_else(|| String::from("en"), ToString::to_string),
            done: self.say("sign-in-done"),
            declined: self.say("sign-in-declined"),
            stray: self.say("sign-in-stray"),
            close: self.say("sign-in-close"),
        }
    }

    /// The text of this name with what goes into it.
    pub(crate) fn say_with(&self, name: &str, arguments: &FluentArgs<'_>) -> String {
        self.bundles
            .iter()
            .find_map(|bundle| {
                let pattern = bundle.get_message(name)?.value()?;
                Some(bundle.format_pattern(pattern, Some(arguments), &mut Vec::new()).into_owned())
            })
            .unwrap_or_else(|| name.to_owned())
    }
}

fn bundle(language: &str, source: &str) -> Option<FluentBundle<FluentResource>> {
    let identifier: LanguageIdentifier = language.parse().ok()?;
    let resource = FluentResource::try_new(source.to_owned()).ok()?;
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // The texts go to notification daemons, some of which show isolation marks as boxes.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).ok()?;
    Some(bundle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(source: &str) -> Vec<&str> {
        let is_name = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
        source.lines().filter(is_name).filter_map(|line| line.split(" =").next()).collect()
    }

    #[test]
    fn every_language_has_every_text() {
        let english = names(CATALOGUES[0].1);
        assert!(english.len() >= 8);
        for (language, source) in CATALOGUES {
            assert_eq!(names(source), english, "{language}");
            assert!(bundle(language, source).is_some(), "{language} can be read");
            let words = Words::of(language);
            for name in &english {
                assert_ne!(words.say(name), *name, "{language}: {name}");
            }
        }
    }

    #[test]
    fn whoever_has_signed_in_is_told_so_in_their_language() {
        let page = Words::of("ar-EG").sign_in_page();
        assert_eq!((page.language.as_str(), page.right_to_left), ("ar", true));
        let page = Words::of("xx").sign_in_page();
        assert_eq!((page.language.as_str(), page.right_to_left), ("en", false));
        assert_eq!(page, Page::default(), "the engine's own words are the English ones");
    }

    #[test]
    fn numbers_have_their_plural() {
        let mut arguments = FluentArgs::new();
        arguments.set("count", 1);
        assert_eq!(Words::of("en-GB").say_with("new-messages", &arguments), "1 new message");
        arguments.set("count", 3);
        assert_eq!(Words::of("de_AT").say_with("new-messages", &arguments), "3 neue Nachrichten");
        assert_eq!(Words::of("xx").say("case-closed"), "Case closed", "English for whom we have no words");
    }
}
