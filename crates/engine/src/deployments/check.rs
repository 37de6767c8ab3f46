//! Asks a service whether the details of a company are good, without starting a chat.

use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::transport::Settings;
use envoi_protocol::transports::Service;
use envoi_protocol::view::{FieldFault, SettingKind};
use url::Url;

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

/// Where [`ask`] would ask, for telling which way leads there: some services have no address in their settings, from which it
/// follows all the same.
#[must_use]
pub fn address(service: &Service, settings: &Settings) -> Option<Url> {
    (service.probe)(settings).ok().map(|call| call.url)
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

#[cfg(test)]
mod tests {
    use super::*;
    use envoi_protocol::transports;
    use serde_json::json;

    #[test]
    fn the_way_is_told_also_where_the_address_follows_from_other_settings() {
        let settings = |value: serde_json::Value| value.as_object().cloned().unwrap();
        let bank = settings(json!({ "domain": "mypurecloud.example", "deployment_id": "x" }));
        let found = address(transports::named("web_messaging").unwrap(), &bank).unwrap();
        assert!(found.host_str().unwrap().ends_with("mypurecloud.example"), "{found}");
        assert_eq!(address(transports::named("web_messaging").unwrap(), &Settings::new()), None);
    }
}
