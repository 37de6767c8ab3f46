//! The companies that can be written to, as they stand in `deployments.toml` of the profile.
//!
//! [`file`] is the file's model, from which the JSON schema is generated; [`parse`] reads it with one clear error per field;
//! [`add`] appends to it, corrects and removes without touching a comment; [`check`] asks the service whether the details are good.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::seed::Seed;
use envoi_protocol::session::{Preferences, Setup};
use envoi_protocol::stored::Stored;
use envoi_protocol::token::ResumeToken;
use envoi_protocol::transport::{Settings, SettingsError, Transport};
use envoi_protocol::transports::Service;
use envoi_protocol::view::{ConfigFault, DeploymentView, FormField, NewDeployment};

use crate::disk;
use crate::net::Route;

pub mod add;
pub mod check;
mod fields;
pub mod file;
pub mod parse;

pub use file::ClosingText;

/// Configuration of one company, checked.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// As an interface sees it.
    pub view: Arc<DeploymentView>,
    /// The service it is reached with.
    pub service: &'static Service,
    /// Settings of that service.
    pub settings: Settings,
    /// Its own words for the closing banner.
    pub closing_text: Option<ClosingText>,
    /// Whether a likely "thanks" after a closed case is questioned.
    pub follow_up_guard: bool,
    /// Whether the window goes away when a synchronous chat ends.
    pub closes_window: bool,
    /// Whether what is being typed is shown to the other side before it is sent.
    pub typing_preview: bool,
    /// Data for the start of each chat.
    pub user_data: BTreeMap<String, String>,
    /// Regular expressions of what the timeline does not show.
    pub filters: Vec<String>,
    /// How it is reached.
    pub route: Route,
}

/// What makes one conversation different from another of the same company.
#[derive(Debug, Clone)]
pub struct Particulars {
    /// Name of the conversation.
    pub conversation: String,
    /// Languages of the person, best first, for instance `de-AT`.
    pub languages: Vec<String>,
    /// The person's choices.
    pub preferences: Preferences,
    /// When it was begun: milliseconds since 1970-01-01 UTC.
    pub created: i64,
    /// Whether it is to outlive the program.
    pub keeps: bool,
    /// The token of a kept chat.
    pub token: Option<ResumeToken>,
    /// What the archive holds of it.
    pub stored: Option<Box<Stored>>,
    /// Seed of all that is random.
    pub seed: Seed,
}

impl Particulars {
    /// What a session is made from whose company cannot be reached as things are configured.
    #[must_use]
    pub fn shelved(self, company: Arc<DeploymentView>) -> Setup {
        let Self { conversation, preferences, created, keeps, token, stored, seed, languages: _ } = self;
        Setup {
            conversation,
            deployment: company,
            closing_text: None,
            guard: false,
            closes_window: false,
            typing_preview: false,
            user_data: BTreeMap::new(),
            hidden: Vec::new(),
            preferences,
            created,
            keeps,
            token,
            stored,
            seed,
        }
    }
}

impl Deployment {
    /// What a session of this company is made from.
    #[must_use]
    pub fn setup(&self, particulars: Particulars) -> Setup {
        let Particulars { conversation, languages, preferences, created, keeps, token, stored, seed } =
            particulars;
        Setup {
            conversation,
            deployment: Arc::clone(&self.view),
            closing_text: self.closing_text.as_ref().and_then(|text| text.for_languages(&languages)),
            guard: self.follow_up_guard,
            closes_window: self.closes_window,
            typing_preview: self.typing_preview,
            user_data: self.user_data.clone(),
            hidden: self.filters.clone(),
            preferences,
            created,
            keeps,
            token,
            stored,
            seed,
        }
    }

    /// The details as a person enters them. What an entry may say beside them is not among them.
    #[must_use]
    pub fn details(&self) -> NewDeployment {
        let entered = (self.service.fields)().into_iter().filter_map(|field| {
            let text = self.settings.get(&field.name)?.as_str()?.to_owned();
            Some((field.name, text))
        });
        NewDeployment {
            id: Some(self.view.id.clone()),
            service: self.service.id.to_owned(),
            name: self.view.name.clone(),
            asynchronous: self.view.asynchronous,
            settings: entered.collect(),
        }
    }

    /// The machine of one conversation.
    ///
    /// # Errors
    ///
    /// The settings that cannot be used; there are none in a deployment that was read from a file.
    pub fn transport(&self, seed: &Seed) -> Result<Box<dyn Transport>, Vec<SettingsError>> {
        (self.service.build)(&self.settings, self.view.asynchronous, seed)
    }

    /// The pretend company on this computer: everything by default, in no file.
    ///
    /// # Errors
    ///
    /// The settings that cannot be used.
    pub fn demo(
        id: &str,
        name: &str,
        service: &'static Service,
        settings: Settings,
    ) -> Result<Self, Vec<SettingsError>> {
        let transport = (service.build)(&settings, true, &0.into())?;
        Ok(Self {
            view: Arc::new(DeploymentView {
                id: id.to_owned(),
                name: name.to_owned(),
                brand: None,
                asynchronous: true,
                pictures: transport.capabilities().files.is_some(),
                form: default_form(),
                demo: true,
                keep: None,
                available: true,
                editable: false,
            }),
            service,
            settings,
            closing_text: None,
            follow_up_guard: true,
            closes_window: false,
            typing_preview: false,
            user_data: BTreeMap::new(),
            filters: Vec::new(),
            route: Route::default(),
        })
    }
}

/// What is asked before a chat starts when the file says nothing: the first name, which services want.
#[must_use]
pub fn default_form() -> Vec<FormField> {
    vec![FormField {
        name: String::from("firstname"),
        label: None,
        kind: envoi_protocol::view::FormFieldKind::Text,
        required: true,
        value: None,
    }]
}

/// What a deployment file holds: everything that can be used, and what cannot.
#[derive(Debug, Clone, Default)]
pub struct Deployments {
    /// The good ones, in the order of the file.
    pub list: Vec<Arc<Deployment>>,
    /// What is wrong with the others.
    pub faults: Vec<ConfigFault>,
    /// Ids of the others, as far as they can be told.
    pub broken: Vec<String>,
}

impl Deployments {
    /// Reads a file. That there is none is no fault.
    #[must_use]
    pub fn load(file: &Path) -> Self {
        Self::load_with(file, parse::parse)
    }

    /// Reads a file for one company: with one `[[deployment]]`, or with its keys at the top.
    #[must_use]
    pub fn load_one(file: &Path) -> Self {
        let mut loaded = Self::load_with(file, parse::parse_one);
        if loaded.list.is_empty() && loaded.faults.is_empty() {
            loaded.faults.push(whole(file, "there is no such file, or it names no company".to_owned()));
        }
        loaded
    }

    /// Reads a file of either form, for checking it.
    #[must_use]
    pub fn load_any(file: &Path) -> Self {
        Self::load_with(file, parse::parse_any)
    }

    /// Why a company that is not in the list cannot be reached: it was removed, or its entry has a mistake.
    #[must_use]
    pub fn absence(&self, id: &str) -> Fault {
        // Where the file itself cannot be read, its entry may well be in there.
        let unread = self.faults.iter().any(|fault| fault.field.is_empty());
        if unread || self.broken.iter().any(|broken| broken == id) {
            Fault::with_detail(
                FaultCode::CompanyBroken,
                format!("the entry of the company \"{id}\" has a mistake"),
            )
        } else {
            Fault::with_detail(FaultCode::CompanyGone, format!("there is no company \"{id}\""))
        }
    }

    fn load_with(file: &Path, parse: fn(&str, &Path) -> Self) -> Self {
        let failed = |message| Self { faults: vec![whole(file, message)], ..Self::default() };
        match disk::read(file) {
            Ok(None) => Self::default(),
            Ok(Some(bytes)) => match String::from_utf8(bytes) {
                Ok(text) => parse(text.strip_prefix('\u{feff}').unwrap_or(&text), file),
                Err(_) => failed("the file is not text in UTF-8; save it as UTF-8".to_owned()),
            },
            Err(cause) => failed(format!("the file cannot be read: {cause}")),
        }
    }
}

fn whole(file: &Path, message: String) -> ConfigFault {
    ConfigFault { file: file.display().to_string(), line: None, field: String::new(), message }
}
