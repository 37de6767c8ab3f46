//! What is the same whichever way a chat travels: the service's own fields, attached data, and what is an address.

use std::collections::BTreeMap;

use crate::event::EntryForm;
use crate::text;

/// What we call ourselves towards the service.
const PRODUCT: &str = "Envoi";

/// The service's fields, and the names by which a form may have them.
const FIELDS: [(&str, &[&str]); 5] = [
    ("nickname", &["nickname"]),
    ("firstName", &["firstname", "firstName"]),
    ("lastName", &["lastname", "lastName"]),
    ("emailAddress", &["email", "emailAddress"]),
    ("subject", &["subject"]),
];

/// The service's own fields as far as a form fills them.
pub(crate) fn fields(form: &EntryForm) -> impl Iterator<Item = (&'static str, String)> {
    FIELDS.into_iter().filter_map(|(field, names)| {
        let value = names.iter().find_map(|name| form.fields.get(*name))?.trim();
        (!value.is_empty()).then(|| (field, value.to_owned()))
    })
}

/// Attached data: what every client of this service tells of itself, what is configured, what the form asks beyond the service's
/// own fields, and what was asked for.
pub(crate) fn attached(
    form: &EntryForm,
    asked: &BTreeMap<String, String>,
    language: Option<&str>,
    asynchronous: bool,
) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut put = |key: &str, value: &str| all.insert(key.to_owned(), value.to_owned());
    if let Some(language) = language {
        put("GCTI_LanguageCode", language);
    }
    put("_genesys_source", "web");
    put("_genesys_browser", PRODUCT);
    put("_genesys_OS", system());
    if asynchronous {
        put("GCTI_Chat_AsyncMode", "true");
    }
    all.extend(form.user_data.clone());
    let is_ours = |name: &str| FIELDS.iter().any(|(_, names)| names.contains(&name));
    let more = form.fields.iter().filter(|(name, value)| !is_ours(name) && !value.trim().is_empty());
    all.extend(more.map(|(name, value)| (name.clone(), value.clone())));
    all.extend(asked.clone());
    all
}

/// Whether a text is exactly one web address.
pub(crate) fn is_one_address(text: &str) -> bool {
    let text = text.trim();
    let scheme =
        |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    (scheme("https://") || scheme("http://"))
        && !text.contains(char::is_whitespace)
        && text::is_openable(text)
}

fn system() -> &'static str {
    match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "macOS",
        "windows" => "Windows",
        other => other,
    }
}
