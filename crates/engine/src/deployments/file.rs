//! The model of `deployments.toml`, from which its JSON schema is generated. [`super::parse`] reads the same keys one by one,
//! so that each can have an error of its own; a test holds the two together.

use std::collections::BTreeMap;
use std::path::PathBuf;

use envoi_protocol::transports;
use envoi_protocol::view::{FormFieldKind, Keep};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// A file of companies that Envoi can write to.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Envoi deployments")]
#[expect(dead_code, reason = "read field by field; this is what the schema is generated from")]
struct DeploymentsFile {
    /// The companies, one table each.
    #[serde(default)]
    deployment: Vec<DeploymentTable>,
}

/// One company.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "read field by field; this is what the schema is generated from")]
struct DeploymentTable {
    /// Name by which conversations, the command line and the keyring know the company: lower-case letters, digits and `-`,
    /// at most 64, unique in the file. Changing it parts the company from its conversations.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,63}$"))]
    id: String,
    /// Name to show.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// The service that the company uses.
    service: String,
    /// What a closed case means: `asynchronous`, the chat stays open and writing again starts a new case; `synchronous`, the
    /// chat ends.
    mode: Mode,
    /// Brand colour.
    #[schemars(regex(pattern = r"^#[0-9a-fA-F]{6}$"))]
    brand: Option<String>,
    /// What the service has to be told: address, key and so on. Each service has its own names.
    settings: BTreeMap<String, serde_json::Value>,
    /// The company's own words for the banner after a closed case: one text, or one per language (`en`, `de-AT`).
    closing_text: Option<ClosingText>,
    /// Whether the first message after a closed case is questioned if it looks like a mere "thanks".
    #[serde(default = "yes")]
    follow_up_guard: bool,
    /// Whether the window goes away when a synchronous chat ends.
    #[serde(default)]
    closes_window: bool,
    /// Whether agents see what is being typed before it is sent.
    #[serde(default)]
    typing_preview: bool,
    /// Data that is handed over with the start of each chat.
    #[serde(default)]
    user_data: BTreeMap<String, Scalar>,
    /// Regular expressions: a message in which one of them is found is not shown.
    #[serde(default)]
    #[schemars(length(max = 63), inner(length(max = 1000)))]
    filters: Vec<String>,
    /// How long conversations may be kept on a customer's computer: a number of days, or `until_quit` for computers that several
    /// people use. Left out: as the person likes. Where the person likes it shorter, that counts.
    keep: Option<KeepLimit>,
    /// What is asked before the chat starts. Left out: the first name. Empty: nothing.
    form: Option<Vec<FormTable>>,
    /// A proxy in place of the system's: `http://`, `https://`, `socks5://` or `socks5h://`.
    proxy: Option<String>,
    /// A file with certificates (PEM) that are trusted beside the system's. A relative path starts at the folder of this file.
    extra_ca_file: Option<PathBuf>,
    /// Whether the person may change and remove the company in the window. Envoi writes it into what is added there.
    #[serde(default)]
    editable: bool,
}

/// One field of the entry form.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "read field by field; this is what the schema is generated from")]
struct FormTable {
    /// Name under which the service is told, for instance `firstname`, `lastname`, `email`, `subject`.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// Label to show. Left out: Envoi words well-known names itself.
    label: Option<String>,
    /// What it holds.
    #[serde(default = "text")]
    kind: FormFieldKind,
    /// Whether the chat cannot start without it.
    #[serde(default)]
    required: bool,
    /// What it contains at first.
    value: Option<String>,
}

/// What a closed case means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    /// The chat stays open, writing again starts a new case.
    Asynchronous,
    /// The chat ends.
    Synchronous,
}

/// A company's own words for the closing banner.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ClosingText {
    /// The same for everybody.
    One(String),
    /// By language tag.
    ByLanguage(BTreeMap<String, String>),
}

impl ClosingText {
    /// The words for a person of these languages, best first. Without a match it is English, or `None` to use our own words.
    #[must_use]
    pub fn for_languages(&self, languages: &[String]) -> Option<String> {
        match self {
            Self::One(text) => Some(text.clone()),
            Self::ByLanguage(texts) => {
                let find = |wanted: &str| {
                    texts
                        .iter()
                        .find(|(tag, _)| tag.replace('_', "-").eq_ignore_ascii_case(wanted))
                        .map(|(_, text)| text)
                };
                languages
                    .iter()
                    .map(|tag| tag.replace('_', "-"))
                    .find_map(|tag| find(&tag).or_else(|| find(tag.split('-').next().unwrap_or_default())))
                    .or_else(|| find("en"))
                    .cloned()
            }
        }
    }
}

/// How long conversations may be kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum KeepLimit {
    /// So many days.
    Days(#[schemars(range(min = 1))] std::num::NonZeroU16),
    /// A word.
    Word(KeepWord),
}

/// See [`KeepLimit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum KeepWord {
    /// Gone when the program is quit.
    UntilQuit,
}

impl KeepLimit {
    /// As everything else knows it.
    pub(super) const fn keep(&self) -> Keep {
        match self {
            Self::Days(days) => Keep::Days { days: days.get() },
            Self::Word(KeepWord::UntilQuit) => Keep::UntilQuit,
        }
    }
}

/// A value of attached data.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Scalar {
    /// Words.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// Yes or no.
    Truth(bool),
}

impl Scalar {
    /// As the service is told.
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Whole(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
        }
    }
}

const fn yes() -> bool {
    true
}

const fn text() -> FormFieldKind {
    FormFieldKind::Text
}

/// The JSON schema of `deployments.toml`, pretty, with a line end. Kept in `docs/deployments.schema.json`.
#[must_use]
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(DeploymentsFile).to_value();
    let services: Vec<&str> = transports::ALL.iter().map(|service| service.id).collect();
    if let Some(service) = schema.pointer_mut("/$defs/DeploymentTable/properties/service") {
        service["enum"] = json!(services);
    }
    // A value and its pretty form cannot fail to be written.
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> ClosingText {
        ClosingText::ByLanguage(
            [("en", "Done"), ("de", "Fertig"), ("pt-BR", "Pronto")].map(|(a, b)| (a.into(), b.into())).into(),
        )
    }

    #[test]
    fn the_closing_text_is_in_the_best_language_there_is() {
        let told = |languages: &[&str]| {
            texts().for_languages(&languages.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>()).unwrap()
        };
        assert_eq!(told(&["de-AT", "en"]), "Fertig");
        assert_eq!(told(&["pt_BR"]), "Pronto");
        assert_eq!(told(&["fr", "DE"]), "Fertig");
        assert_eq!(told(&["ja"]), "Done");
        assert_eq!(told(&[]), "Done");
    }

    #[test]
    fn without_a_fitting_language_our_own_words_are_used() {
        let only_german = ClosingText::ByLanguage([("de".to_owned(), "Fertig".to_owned())].into());
        assert_eq!(only_german.for_languages(&["fr".to_owned()]), None);
    }

    #[test]
    fn the_committed_schema_is_not_stale() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/deployments.schema.json");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == schema(),
            "docs/deployments.schema.json is stale: run `cargo run -p envoi-cli -- schema > docs/deployments.schema.json`"
        );
    }
}
