//! Checks a file of companies without asking anybody.

use std::path::Path;
use std::process::ExitCode;

use envoi_engine::deployments::Deployments;
use envoi_protocol::view::ConfigFault;

/// Names every mistake in `file` with its line, or says what it holds.
pub(crate) fn check(file: &Path) -> ExitCode {
    if !file.is_file() {
        eprintln!("envoi-cli: there is no file {}", file.display());
        return ExitCode::FAILURE;
    }
    let read = Deployments::load_any(file);
    for fault in &read.faults {
        println!("{}", told(fault));
    }
    for company in &read.list {
        let mode = if company.view.asynchronous { "asynchronous" } else { "synchronous" };
        println!("{}: \"{}\" is good ({}, {mode})", company.view.id, company.view.name, company.service.name);
    }
    if read.list.is_empty() && read.faults.is_empty() {
        println!("{}: it names no company", file.display());
    }
    if read.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A mistake as one line: `file:line: field message`.
pub(crate) fn told(fault: &ConfigFault) -> String {
    let line = fault.line.map(|line| format!(":{line}")).unwrap_or_default();
    let field = if fault.field.is_empty() { String::new() } else { format!("{} ", fault.field) };
    format!("{}{line}: {field}{}", fault.file, fault.message)
}
