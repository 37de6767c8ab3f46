//! Reads a deployment file. Each field that cannot be used has an error of its own with its line; a company is used only if
//! all of its fields can be, and the mistakes in one company do not touch another.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use envoi_protocol::masking;
use envoi_protocol::transport::{Settings, SettingsError};
use envoi_protocol::transports::{self, Service};
use envoi_protocol::view::{DeploymentView, FormField, FormFieldKind};
use serde::de::{Deserialize as _, IntoDeserializer as _};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::fields::{Fields, Report, nearest};
use super::file::{ClosingText, KeepLimit, Mode, Scalar};
use super::{Deployment, Deployments, default_form};
use crate::net::{Route, trust};

const TEXT: &str = "a text in quotes";
const TRUTH: &str = "true or false";

/// Reads the text of `file`, whose folder is where relative paths start.
#[must_use]
pub fn parse(text: &str, file: &Path) -> Deployments {
    Reader::new(text, file).read(Shape::List)
}

/// Reads the text of a file for one company: with one `[[deployment]]`, or with its keys at the top.
#[must_use]
pub fn parse_one(text: &str, file: &Path) -> Deployments {
    Reader::new(text, file).read(Shape::One)
}

/// Reads the text of a file of either form, for checking it.
#[must_use]
pub fn parse_any(text: &str, file: &Path) -> Deployments {
    Reader::new(text, file).read(Shape::Either)
}

/// How a file may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// `[[deployment]]`, any number.
    List,
    /// One `[[deployment]]`, or its keys at the top.
    One,
    /// Any number, or the keys of one at the top.
    Either,
}

struct Reader<'a> {
    text: &'a str,
    folder: &'a Path,
    report: Report<'a>,
    list: Vec<Arc<Deployment>>,
    /// Line of each id that was used.
    ids: BTreeMap<String, u32>,
    /// Ids of companies that cannot be used.
    broken: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, file: &'a Path) -> Self {
        let folder = file.parent().unwrap_or(Path::new(""));
        Self {
            text,
            folder,
            report: Report::new(text, file),
            list: Vec::new(),
            ids: BTreeMap::new(),
            broken: Vec::new(),
        }
    }

    fn read(mut self, shape: Shape) -> Deployments {
        let (root, errors) = DeTable::parse_recoverable(self.text);
        let broken: Vec<Range<usize>> = errors.iter().map(|error| error.span().unwrap_or(0..0)).collect();
        for (error, span) in errors.iter().zip(&broken) {
            self.report.add(span, "", format!("this is not TOML: {}", error.message().trim()));
        }
        let table = root.get_ref();
        let bare = !table.is_empty() && !table.contains_key("deployment");
        if bare && shape != Shape::List {
            if broken.is_empty() {
                self.company(table, root.span(), String::new());
            }
        } else {
            self.companies(table, root.span(), &broken, shape);
        }
        Deployments { list: self.list, faults: self.report.finish(), broken: self.broken }
    }

    fn companies(&mut self, table: &DeTable<'_>, span: Range<usize>, broken: &[Range<usize>], shape: Shape) {
        let mut top = Fields::new(table, span, String::new());
        let companies = top.raw("deployment");
        top.finish(&mut self.report, |_| {
            Some(String::from("each company starts with a line [[deployment]]"))
        });
        let Some(value) = companies else { return };
        let Some(array) = value.get_ref().as_array() else {
            let message = "must be written as [[deployment]], with two brackets, once for each company";
            return self.report.add(&value.span(), "deployment", message);
        };
        if shape == Shape::One && array.len() != 1 {
            let message = format!("this file should hold one company, and it holds {}", array.len());
            return self.report.add(&value.span(), "deployment", message);
        }
        let starts: Vec<usize> = array.iter().map(|company| company.span().start).collect();
        for (at, company) in array.iter().enumerate() {
            let path = format!("deployment[{}]", at + 1);
            let region = company.span().start..starts.get(at + 1).copied().unwrap_or(usize::MAX);
            let Some(table) = company.get_ref().as_table() else {
                self.report.add(&company.span(), path, "must be a table");
                continue;
            };
            // A company with a mistake in its TOML is not to be guessed at; the mistake was told.
            if !broken.iter().any(|error| region.contains(&error.start)) {
                self.company(table, company.span(), path);
            }
        }
    }

    fn company(&mut self, table: &DeTable<'_>, span: Range<usize>, path: String) {
        let errors_before = self.report.count();
        let mut fields = Fields::new(table, span, path);
        let report = &mut self.report;
        let id = fields.required::<String>(report, "id", TEXT);
        let name = fields.required::<String>(report, "name", TEXT);
        let service = fields.required::<String>(report, "service", TEXT);
        let mode = fields.required::<Mode>(report, "mode", "\"asynchronous\" or \"synchronous\"");
        let brand = fields.optional::<String>(report, "brand", "a colour like \"#0a6cff\"");
        let closing = fields.optional::<ClosingText>(
            report,
            "closing_text",
            "a text, or a table with one text per language",
        );
        let guard = fields.optional::<bool>(report, "follow_up_guard", TRUTH);
        let closes = fields.optional::<bool>(report, "closes_window", TRUTH);
        let preview = fields.optional::<bool>(report, "typing_preview", TRUTH);
        let keep = fields.optional::<KeepLimit>(
            report,
            "keep",
            "a number of days from 1 to 65535, or \"until_quit\"",
        );
        let data = fields.optional::<BTreeMap<String, Scalar>>(
            report,
            "user_data",
            "a table of texts, whole numbers and true or false",
        );
        let filters = filters(&mut fields, report);
        let form = form(&mut fields, report);
        let editable = fields.optional::<bool>(report, "editable", TRUTH);
        let route = route(&mut fields, report, self.folder);

        if let Some((id, span)) = &id {
            self.check_id(&fields, id, span);
        }
        let named = id.as_ref().map(|(id, _)| id.clone());
        if let Some((name, span)) = &name
            && (name.trim().is_empty() || name.chars().count() > 100)
        {
            self.report.add(span, fields.named("name"), "must be between 1 and 100 characters long");
        }
        if let Some((brand, span)) = &brand
            && !is_colour(brand)
        {
            self.report.add(span, fields.named("brand"), "must be a colour like \"#0a6cff\"");
        }
        let service = service.and_then(|(id, span)| self.service(&fields, &id, &span));
        let asynchronous = mode.as_ref().is_none_or(|(mode, _)| *mode == Mode::Asynchronous);
        let settings = self.settings(&mut fields, service, asynchronous);
        let names = service.map(|service| (service.fields)()).unwrap_or_default();
        fields.finish(&mut self.report, |key| {
            names
                .iter()
                .any(|field| field.name == key)
                .then(|| String::from("it belongs under [deployment.settings]"))
        });

        let (Some((id, id_span)), Some((name, _)), Some(service), Some((settings, pictures))) =
            (id, name, service, settings)
        else {
            self.broken.extend(named);
            return;
        };
        if self.report.count() > errors_before {
            self.broken.push(id);
            return;
        }
        self.ids.insert(id.clone(), self.report.line(id_span.start));
        self.list.push(Arc::new(Deployment {
            view: Arc::new(DeploymentView {
                id,
                name: name.trim().to_owned(),
                brand: brand.map(|(brand, _)| brand.to_ascii_lowercase()),
                asynchronous,
                pictures,
                form: form.unwrap_or_else(default_form),
                demo: false,
                keep: keep.map(|(keep, _)| keep.keep()),
                available: true,
                editable: editable.is_some_and(|(editable, _)| editable),
            }),
            service,
            settings,
            closing_text: closing.map(|(text, _)| text),
            follow_up_guard: guard.is_none_or(|(guard, _)| guard),
            closes_window: closes.is_some_and(|(closes, _)| closes),
            typing_preview: preview.is_some_and(|(preview, _)| preview),
            user_data: data
                .map(|(data, _)| data.into_iter().map(|(key, value)| (key, value.into_text())).collect())
                .unwrap_or_default(),
            filters,
            route,
        }));
    }

    fn check_id(&mut self, fields: &Fields<'_, '_>, id: &str, span: &Range<usize>) {
        if !is_slug(id) {
            let message =
                "must be lower-case letters, digits and \"-\", at most 64, beginning with a letter or digit";
            self.report.add(span, fields.named("id"), message);
        } else if let Some(line) = self.ids.get(id) {
            let message =
                format!("\"{id}\" is the id of the company in line {line} already; each needs its own");
            self.report.add(span, fields.named("id"), message);
        }
    }

    fn service(
        &mut self,
        fields: &Fields<'_, '_>,
        id: &str,
        span: &Range<usize>,
    ) -> Option<&'static Service> {
        let found = transports::named(id);
        if found.is_none() {
            let known: Vec<&str> = transports::ALL.iter().map(|service| service.id).collect();
            let near =
                nearest(id, &known).map(|near| format!(" Did you mean \"{near}\"?")).unwrap_or_default();
            let message = format!(
                "\"{id}\" is not a service that Envoi speaks; it speaks: {}.{near}",
                known.join(", ")
            );
            self.report.add(span, fields.named("service"), message);
        }
        found
    }

    /// The settings and whether pictures can be sent, if the service can use them.
    fn settings(
        &mut self,
        fields: &mut Fields<'_, '_>,
        service: Option<&'static Service>,
        asynchronous: bool,
    ) -> Option<(Settings, bool)> {
        let value = fields.raw("settings");
        let table = value.map(Spanned::get_ref).and_then(DeValue::as_table);
        let span = value.map_or_else(|| fields.span().clone(), Spanned::span);
        let settings = match value {
            None => Ok(Settings::new()),
            Some(value) => Settings::deserialize(value.clone().into_deserializer()),
        };
        let Ok(settings) = settings else {
            let message = "must be a table: a line [deployment.settings] and its keys below it";
            self.report.add(&span, fields.named("settings"), message);
            return None;
        };
        match (service?.build)(&settings, asynchronous, &0.into()) {
            Ok(transport) => Some((settings, transport.capabilities().files.is_some())),
            Err(problems) => {
                for SettingsError { field, problem, .. } in problems {
                    let at = table.and_then(|table| place(table, &field)).unwrap_or_else(|| span.clone());
                    self.report.add(&at, fields.named(&format!("settings.{field}")), problem);
                }
                None
            }
        }
    }
}

/// Where a setting stands: the deepest part of its path that is there.
fn place(table: &DeTable<'_>, path: &str) -> Option<Range<usize>> {
    let (key, value) = table
        .iter()
        .filter(|(key, _)| {
            path.strip_prefix(key.get_ref().as_ref())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
        .max_by_key(|(key, _)| key.get_ref().len())?;
    let rest = path.strip_prefix(key.get_ref().as_ref()).and_then(|rest| rest.strip_prefix('.'));
    let inner = rest.zip(value.get_ref().as_table()).and_then(|(rest, inner)| place(inner, rest));
    Some(inner.unwrap_or_else(|| key.span()))
}

fn form(fields: &mut Fields<'_, '_>, report: &mut Report<'_>) -> Option<Vec<FormField>> {
    let value = fields.raw("form")?;
    let path = fields.named("form");
    let Some(array) = value.get_ref().as_array() else {
        report.add(&value.span(), path, "must be a list of tables, each with a name");
        return None;
    };
    let mut form: Vec<FormField> = Vec::new();
    for (at, entry) in array.iter().enumerate() {
        let path = format!("{path}[{}]", at + 1);
        let Some(table) = entry.get_ref().as_table() else {
            report.add(&entry.span(), path, "must be a table with a name, as in { name = \"firstname\" }");
            continue;
        };
        let mut fields = Fields::new(table, entry.span(), path);
        let name = fields.required::<String>(report, "name", TEXT);
        let label = fields.optional::<String>(report, "label", TEXT);
        let kind =
            fields.optional::<FormFieldKind>(report, "kind", "\"text\", \"email\", \"phone\" or \"area\"");
        let required = fields.optional::<bool>(report, "required", TRUTH);
        let value = fields.optional::<String>(report, "value", TEXT);
        fields.finish(report, |_| None);
        let Some((name, span)) = name else { continue };
        if name.trim().is_empty() || name.chars().count() > 100 {
            report.add(&span, fields.named("name"), "must be between 1 and 100 characters long");
        } else if form.iter().any(|field| field.name == name) {
            report.add(&span, fields.named("name"), format!("\"{name}\" is in this form already"));
        }
        form.push(FormField {
            name,
            label: label.map(|(label, _)| label),
            kind: kind.map_or(FormFieldKind::Text, |(kind, _)| kind),
            required: required.is_some_and(|(required, _)| required),
            value: value.map(|(value, _)| value),
        });
    }
    Some(form)
}

/// The expressions of what is hidden; each that cannot be used has an error of its own.
fn filters(fields: &mut Fields<'_, '_>, report: &mut Report<'_>) -> Vec<String> {
    let listed = fields.optional::<Vec<String>>(report, "filters", "a list of regular expressions in quotes");
    let Some((filters, span)) = listed else { return Vec::new() };
    if filters.len() >= masking::MOST {
        let message = format!("there may be at most {} expressions", masking::MOST - 1);
        report.add(&span, fields.named("filters"), message);
    }
    for (at, filter) in filters.iter().enumerate() {
        if let Err(problem) = masking::check(filter) {
            report.add(&span, fields.named(&format!("filters[{}]", at + 1)), problem.to_string());
        }
    }
    filters
}

fn route(fields: &mut Fields<'_, '_>, report: &mut Report<'_>, folder: &Path) -> Route {
    let mut route = Route::default();
    if let Some((address, span)) = fields.optional::<String>(report, "proxy", "an address in quotes") {
        match Url::parse(&address) {
            Ok(url) if matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") && url.has_host() => {
                route.proxy = Some(url);
            }
            // The address may hold a password, so it is not quoted.
            _ => report.add(
                &span,
                fields.named("proxy"),
                "must be an address like \"http://proxy.example:3128\"",
            ),
        }
    }
    if let Some((path, span)) =
        fields.optional::<PathBuf>(report, "extra_ca_file", "the path of a file in quotes")
    {
        let path = folder.join(path);
        match trust::certificates(&path) {
            Ok(_) => route.extra_ca_file = Some(path),
            Err(problem) => report.add(&span, fields.named("extra_ca_file"), problem.to_string()),
        }
    }
    route
}

/// Whether a text can be the id of a company.
pub(super) fn is_slug(id: &str) -> bool {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    id.len() <= 64 && id.starts_with(good) && id.chars().all(|c| good(c) || c == '-')
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests;
