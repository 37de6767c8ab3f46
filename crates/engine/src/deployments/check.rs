//! Asks a service whether the details of a company are good, without starting a chat.

use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::transport::Settings;
use envoi_protocol::transports::Service;
use envoi_protocol::view::{FieldFault, SettingKind};

use crate::net::Network;

/// What the service has to say against these settings. Empty if nothing.
pub async fn ask(service: &Service, settings: &Settings, network: &dyn Network) -> Vec<FieldFault> {
    let call = match (service.probe)(settings) {
        Ok(call) => call,
        Err(problems) => {
            let told = |problem: envoi_protocol::transport::SettingsError| FieldFault {
                fault: Fault::with_detail(problem.code, problem.problem),
                field: Some(problem.field),
            };
            return problems.into_iter().map(told).collect();
        }
    };
    match (service.judge)(network.call(call).await) {
        Ok(()) => Vec::new(),
        Err(failure) => {
            let fault = failure.fault();
            vec![FieldFault { field: field_of(service, fault.code), fault }]
        }
    }
}

/// The address of a service in these settings, for telling which way leads there.
#[must_use]
pub fn address(service: &Service, settings: &Settings) -> Option<String> {
    let field = super::add::address_field(service)?;
    settings.get(&field).and_then(|value| value.as_str()).map(str::to_owned)
}

/// The field that a fault is about: a key by its kind, whatever the service calls it.
fn field_of(service: &Service, code: FaultCode) -> Option<String> {
    let kind = match code {
        FaultCode::WrongKey => SettingKind::Key,
        FaultCode::UnknownEndpoint => SettingKind::Text,
        FaultCode::UnknownAddress
        | FaultCode::BadAddress
        | FaultCode::Offline
        | FaultCode::NotAnswering
        | FaultCode::UnsafeConnection
        | FaultCode::CaptivePortal
        | FaultCode::UnreadableAnswer
        | FaultCode::AnswerTooLarge => SettingKind::Address,
        _ => return None,
    };
    (service.fields)().into_iter().find(|field| field.kind == kind).map(|field| field.name)
}
