//! Adds a company to the file that a person may have written by hand, corrects its entry and takes it out again: nothing else of the
//! file is changed, not even a comment.

use std::collections::BTreeSet;
use std::path::Path;

use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::transport::Settings;
use envoi_protocol::transports::{self, Service};
use envoi_protocol::view::{FieldFault, NewDeployment};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike, value};

use super::{Deployments, parse};
use crate::disk;

/// What is wrong with the details as they were entered, without asking anybody. Empty if nothing is.
#[must_use]
pub fn faults(new: &NewDeployment, others: &Deployments) -> Vec<FieldFault> {
    let mut faults = Vec::new();
    // A company that is corrected may stay what it was.
    let others = || others.list.iter().filter(|other| new.id.as_ref() != Some(&other.view.id));
    let name = new.name.trim();
    if name.is_empty() {
        faults.push(fault("name", FaultCode::FieldMissing));
    } else if name.chars().count() > 100 {
        faults.push(fault("name", FaultCode::FieldBad));
    } else if others().any(|other| other.view.name.to_lowercase() == name.to_lowercase()) {
        faults.push(fault("name", FaultCode::AlreadyThere));
    }
    let Some(service) = transports::named(&new.service) else {
        faults.push(fault("service", FaultCode::Unsupported));
        return faults;
    };
    let settings = settings(new);
    if let Err(problems) = (service.build)(&settings, new.asynchronous, &0.into()) {
        faults.extend(problems.into_iter().map(|problem| FieldFault {
            fault: Fault::with_detail(problem.code, problem.problem),
            field: Some(problem.field),
        }));
    } else if others().any(|other| other.service.id == service.id && other.settings == settings) {
        faults.push(FieldFault { field: address_field(service), fault: Fault::new(FaultCode::AlreadyThere) });
    }
    faults
}

/// Appends the company to `file`, or corrects the entry that it has there, and says its id.
///
/// # Errors
///
/// What is in the way: a fault in the details, a file that cannot be read as it is (it is then left alone), or a disk that
/// does not take it.
pub fn append(file: &Path, new: &NewDeployment) -> Result<String, Vec<FieldFault>> {
    let general = |fault| vec![FieldFault { field: None, fault }];
    let text = text_of(file).map_err(general)?;
    let (mark, text) = without_mark(&text);
    let present = parse::parse(text, file);
    let faults = faults(new, &present);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut document = document(text, file, &present).map_err(general)?;
    // Where nothing but comments stands, they stay in front.
    let head = match document.is_empty() {
        true if text.trim().is_empty() => Some(String::new()),
        true => Some(format!("{}\n", document.trailing().as_str().unwrap_or_default())),
        false => None,
    };
    if head.is_some() {
        document.set_trailing("");
    }
    let entry = document.entry("deployment").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(companies) = entry.as_array_of_tables_mut() else {
        let detail = format!(
            "`deployment` in {} is not written as [[deployment]]; nothing was changed",
            file.display()
        );
        return Err(general(Fault::with_detail(FaultCode::ConfigBroken, detail)));
    };
    // Also the ids of companies that cannot be used at the moment are taken.
    let taken: BTreeSet<String> = companies
        .iter()
        .filter_map(|company| company.get("id").and_then(Item::as_str).map(str::to_owned))
        .collect();
    let is_meant = |company: &Table| company.get("id").and_then(Item::as_str) == new.id.as_deref();
    let present = new.id.as_ref().and_then(|_| companies.iter().position(is_meant));
    let id = match (present.and_then(|at| companies.get_mut(at)), &new.id) {
        (Some(company), Some(id)) => {
            correct(company, new);
            id.clone()
        }
        (_, wanted) => {
            // Its conversations know a company that was removed by its id.
            let wanted = wanted.clone().filter(|id| parse::is_slug(id));
            let id = wanted.unwrap_or_else(|| free_id(&slug(&new.name), &taken));
            companies.push(table(&id, new, head.as_deref().unwrap_or("\n")));
            id
        }
    };
    disk::replace(file, format!("{mark}{document}").as_bytes())
        .map_err(|cause| general(failed(file, &cause)))?;
    Ok(id)
}

/// Takes a company out of `file` that the person may remove. What stands above its entry stays.
///
/// # Errors
///
/// That there is no such company, or what is in the way of writing, as with [`append`].
pub fn remove(file: &Path, id: &str) -> Result<(), Fault> {
    let text = text_of(file)?;
    let (mark, text) = without_mark(&text);
    let mut document = document(text, file, &parse::parse(text, file))?;
    let is_meant = |company: &Table| {
        let may = company.get("editable").and_then(Item::as_bool).unwrap_or_default();
        may && company.get("id").and_then(Item::as_str) == Some(id)
    };
    let companies = document.get_mut("deployment").and_then(Item::as_array_of_tables_mut);
    let found = companies.and_then(|companies| {
        let at = companies.iter().position(is_meant)?;
        Some((at, companies))
    });
    let Some((at, companies)) = found else {
        let detail = format!("{} has no company \"{id}\" that may be removed here", file.display());
        return Err(Fault::with_detail(FaultCode::TooLate, detail));
    };
    let above = companies.get(at).map(above).unwrap_or_default();
    companies.remove(at);
    let last = companies.len() == at;
    if let Some(next) = companies.get_mut(at) {
        let both = together(&above, &self::above(next));
        next.decor_mut().set_prefix(both);
    }
    if companies.is_empty() {
        document.remove("deployment");
    }
    if last {
        let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
        document.set_trailing(together(&above, &trailing));
    }
    disk::replace(file, format!("{mark}{document}").as_bytes()).map_err(|cause| failed(file, &cause))
}

/// What stands above an entry.
fn above(company: &Table) -> String {
    company.decor().prefix().and_then(|before| before.as_str()).unwrap_or_default().to_owned()
}

/// What stood above an entry that is gone, if it was more than empty lines, and what stands there now.
fn together(above: &str, now: &str) -> String {
    if above.trim().is_empty() { now.to_owned() } else { format!("{above}{now}") }
}

fn text_of(file: &Path) -> Result<String, Fault> {
    match disk::read(file) {
        Ok(None) => Ok(String::new()),
        Ok(Some(bytes)) => String::from_utf8(bytes).map_err(|_| {
            let detail = format!("{} is not text in UTF-8; save it as UTF-8", file.display());
            Fault::with_detail(FaultCode::ConfigBroken, detail)
        }),
        Err(cause) => Err(failed(file, &cause)),
    }
}

fn failed(file: &Path, cause: &std::io::Error) -> Fault {
    Fault::with_detail(FaultCode::DiskFailed, format!("{}: {cause}", file.display()))
}

/// Some editors put a mark in front of UTF-8; it stays where it was.
fn without_mark(text: &str) -> (&'static str, &str) {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", text),
    }
}

fn document(text: &str, file: &Path, present: &Deployments) -> Result<DocumentMut, Fault> {
    text.parse().map_err(|_| {
        let line = present.faults.first().and_then(|fault| fault.line).unwrap_or(1);
        let detail = format!(
            "{} cannot be read at line {line}; correct it first, nothing was changed",
            file.display()
        );
        Fault::with_detail(FaultCode::ConfigBroken, detail)
    })
}

/// Writes what was entered over what stands there, and leaves everything else as it is.
fn correct(company: &mut Table, new: &NewDeployment) {
    let same_service = company.get("service").and_then(Item::as_str) == Some(&new.service);
    put(company, "name", new.name.trim());
    put(company, "service", &new.service);
    put(company, "mode", mode(new));
    let entered = settings(new);
    let present = company.get_mut("settings").and_then(Item::as_table_like_mut).filter(|_| same_service);
    let (Some(present), Some(service)) = (present, transports::named(&new.service)) else {
        company.insert("settings", Item::Table(settings_table(new)));
        return;
    };
    for field in (service.fields)() {
        match entered.get(&field.name).and_then(|text| text.as_str()) {
            Some(text) => put(present, &field.name, text),
            None => drop(present.remove(&field.name)),
        }
    }
}

/// Sets a text, unless it stands there already, with whatever comment is beside it.
fn put(table: &mut dyn TableLike, key: &str, text: &str) {
    if table.get(key).and_then(Item::as_str) != Some(text) {
        table.insert(key, value(text));
    }
}

const fn mode(new: &NewDeployment) -> &'static str {
    if new.asynchronous { "asynchronous" } else { "synchronous" }
}

/// The settings as the service is given them. A field left empty is a field left out.
#[must_use]
pub fn settings(new: &NewDeployment) -> Settings {
    new.settings
        .iter()
        .map(|(key, text)| (key.clone(), text.trim()))
        .filter(|(_, text)| !text.is_empty())
        .map(|(key, text)| (key, text.into()))
        .collect()
}

/// The field that holds the address of a service.
fn address_field(service: &Service) -> Option<String> {
    let address = envoi_protocol::view::SettingKind::Address;
    (service.fields)().into_iter().find(|field| field.kind == address).map(|field| field.name)
}

fn fault(field: &str, code: FaultCode) -> FieldFault {
    FieldFault { field: Some(field.to_owned()), fault: Fault::new(code) }
}

/// The entry of a company, with what stands before it.
fn table(id: &str, new: &NewDeployment, before: &str) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix(before);
    table.insert("id", value(id));
    table.insert("name", value(new.name.trim()));
    table.insert("service", value(&new.service));
    table.insert("mode", value(mode(new)));
    table.insert("editable", value(true));
    table.insert("settings", Item::Table(settings_table(new)));
    table
}

fn settings_table(new: &NewDeployment) -> Table {
    let mut table = Table::new();
    for (key, setting) in settings(new) {
        if let serde_json::Value::String(text) = setting {
            table.insert(&key, value(text));
        }
    }
    table
}

/// A name as an id: its letters and digits in lower case, everything else as single dashes.
fn slug(name: &str) -> String {
    let words: Vec<String> = name
        .to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let joined: String = words.join("-").chars().take(56).collect();
    let slug = joined.trim_matches('-');
    if slug.is_empty() { String::from("company") } else { slug.to_owned() }
}

fn free_id(slug: &str, taken: &BTreeSet<String>) -> String {
    let numbered = (2_u32..).map(|number| format!("{slug}-{number}"));
    std::iter::once(slug.to_owned()).chain(numbered).find(|id| !taken.contains(id)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
