//! The settings of a Web Messaging deployment: read from the configuration file, every mistake named at once.

use std::time::Duration;

use url::Url;

use crate::fault::FaultCode;
use crate::kit::settings::{Reading, is_loopback, service_address};
use crate::transport::{Settings as Raw, SettingsError};
use crate::view::{SettingField, SettingKind};

/// Every name that may stand in the configuration.
const NAMES: [&str; 18] = [
    "domain",
    "deployment_id",
    "url",
    "socket_url",
    "api_url",
    "config_url",
    "origin",
    "application",
    "heartbeat_ms",
    "request_timeout_ms",
    "confirm_timeout_ms",
    "upload_timeout_ms",
    "sign_in_url",
    "sign_in_client",
    "sign_in_scope",
    "sign_in_port",
    "sign_in_timeout_ms",
    "sign_in_optional",
];

/// Settings that were checked.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) deployment: Box<str>,
    /// Whole address of the socket.
    pub(super) socket: Box<str>,
    /// Whether the socket leads to this computer.
    near: bool,
    /// Whole address of the deployment's own configuration.
    pub(super) config: Url,
    /// Root of what is asked for by HTTP.
    api: Url,
    /// Sent as `Origin` to the socket and with the history.
    pub(super) origin: Option<Box<str>>,
    /// How often the service is asked for an echo; zero for never.
    pub(super) heartbeat: Duration,
    pub(super) request_timeout: Duration,
    /// How long a message may stay unconfirmed before its socket is given up.
    pub(super) confirm_timeout: Duration,
    pub(super) upload_timeout: Duration,
    /// How people sign in; `None` for guests.
    pub(super) sign_in: Option<Box<SignIn>>,
}

/// A company's own sign-in page.
#[derive(Debug, Clone)]
pub(super) struct SignIn {
    pub(super) page: Url,
    pub(super) client: String,
    pub(super) scope: String,
    /// The port that its answer comes back to, if it is to be a certain one.
    pub(super) port: Option<u16>,
    pub(super) timeout: Duration,
    /// People begin as guests and may sign in later.
    pub(super) optional: bool,
}

/// What a person has to know to add a company of this service.
pub(super) fn fields() -> Vec<SettingField> {
    let field = |name: &str, example: &str| SettingField {
        name: name.to_owned(),
        kind: SettingKind::Text,
        required: true,
        example: Some(example.to_owned()),
    };
    vec![field("domain", "mypurecloud.de"), field("deployment_id", "9f2c1c3e-5d1c-4b5f-9a55-0c2b7f1f6a10")]
}

impl Settings {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// All that is wrong, each with the name of its field.
    pub(super) fn read(raw: &Raw) -> Result<Self, Vec<SettingsError>> {
        let mut read = Reading::new(raw, &NAMES);
        let deployment = read.required("deployment_id", "give the identifier of the messenger deployment");
        let application = read.text("application").unwrap_or_else(|| "Envoi".to_owned());
        let origin = origin(&mut read);
        let bases = bases(&mut read);
        let heartbeat = match read.number("heartbeat_ms", 60_000, 0, 3_600_000) {
            0 => Duration::ZERO,
            // The service takes two in a minute.
            every => Duration::from_millis(every.max(30_000)),
        };
        let request_timeout = read.milliseconds("request_timeout_ms", 10_000, 500, 600_000);
        let confirm_timeout = read.milliseconds("confirm_timeout_ms", 30_000, 500, 600_000);
        let upload_timeout = read.milliseconds("upload_timeout_ms", 120_000, 500, 3_600_000);
        let sign_in = sign_in(&mut read);
        let settings = deployment.zip(bases).map(|(deployment, bases)| {
            let mut socket = below(&bases.socket, &["v1"]);
            socket
                .query_pairs_mut()
                .append_pair("deploymentId", &deployment)
                .append_pair("application", &application);
            let config = ["webdeployments", "v1", "deployments", deployment.as_str(), "config.json"];
            Self {
                near: is_loopback(&socket),
                socket: socket.as_str().into(),
                config: below(&bases.config, &config),
                api: bases.api,
                sign_in: sign_in.map(Box::new),
                deployment: deployment.into(),
                origin: origin.map(Into::into),
                heartbeat,
                request_timeout,
                confirm_timeout,
                upload_timeout,
            }
        });
        read.finish(settings)
    }

    /// Whole address of the history.
    pub(super) fn history(&self) -> Url {
        below(&self.api, &["api", "v2", "webmessaging", "messages"])
    }

    /// Where a pass of somebody who signed in is exchanged, renewed or revoked.
    pub(super) fn passes(&self, step: &str) -> Url {
        below(&self.api, &["api", "v2", "webdeployments", "token", step])
    }

    /// The address, if a file may be put there or taken from there: over a secure connection, or on this computer if the whole
    /// service is there. None of our keys travels along.
    pub(super) fn place_for_files(&self, address: &str) -> Option<Url> {
        Url::parse(address).ok().filter(|url| {
            let plain = url.username().is_empty() && url.password().is_none();
            let local = self.near && is_loopback(url);
            plain && url.has_host() && (url.scheme() == "https" || (url.scheme() == "http" && local))
        })
    }
}

/// The three roots.
struct Bases {
    socket: Url,
    api: Url,
    config: Url,
}

fn below(base: &Url, steps: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(steps);
    }
    url
}

fn origin(read: &mut Reading<'_>) -> Option<String> {
    let origin = read.text("origin")?;
    if origin.bytes().all(|byte| (b'!'..=b'~').contains(&byte)) {
        return Some(origin);
    }
    read.wrong("origin", FaultCode::FieldBad, "holds a character that a header cannot carry");
    None
}

/// How people sign in, if the address of a page is given.
fn sign_in(read: &mut Reading<'_>) -> Option<SignIn> {
    let page = read.text("sign_in_url");
    if page.is_none() {
        for name in ["sign_in_client", "sign_in_scope", "sign_in_port", "sign_in_optional"] {
            if read.has(name) {
                let problem = "goes with sign_in_url, which is missing; give the address of the sign-in page";
                read.wrong(name, FaultCode::FieldBad, problem);
            }
        }
    }
    let scope = read.text("sign_in_scope").unwrap_or_else(|| "openid".to_owned());
    let port = u16::try_from(read.number("sign_in_port", 0, 0, 65_535)).ok().filter(|port| *port > 0);
    let timeout = read.milliseconds("sign_in_timeout_ms", 300_000, 500, 3_600_000);
    let optional = read.flag("sign_in_optional", false);
    let page = page?;
    let client = read.required("sign_in_client", "give the client id that the sign-in page knows Envoi by");
    let page = match sign_in_page(&page) {
        Ok(page) => page,
        Err(problem) => {
            read.wrong("sign_in_url", FaultCode::BadAddress, problem);
            return None;
        }
    };
    Some(SignIn { page, client: client?, scope, port, timeout, optional })
}

/// As the address of a service, but with whatever query the page wants: an audience, or the name of a tenant.
fn sign_in_page(text: &str) -> Result<Url, &'static str> {
    let plain = text.split('?').next().unwrap_or_default();
    service_address(plain)?;
    match Url::parse(text) {
        Ok(page) if page.fragment().is_none() => Ok(page),
        _ => Err("must not hold a #; remove it and what follows"),
    }
}

/// The three roots: each named for itself, or all by `url`, or else as they follow from the region's domain.
fn bases(read: &mut Reading<'_>) -> Option<Bases> {
    let before = read.mistakes();
    let together = address(read, "url");
    let domain = domain(read);
    let mut one = |name: &str, host: &str| {
        let mistakes = read.mistakes();
        let named = address(read, name);
        if named.is_some() || read.mistakes() > mistakes {
            return named;
        }
        let regional = || Url::parse(&format!("https://{host}.{}", domain.as_deref()?)).ok();
        together.clone().or_else(regional)
    };
    let socket = one("socket_url", "webmessaging");
    let api = one("api_url", "api");
    let config = one("config_url", "api-cdn");
    match (socket, api, config) {
        (Some(mut socket), Some(api), Some(config)) => {
            let scheme = if socket.scheme() == "http" { "ws" } else { "wss" };
            // A change between these is always possible.
            let _ = socket.set_scheme(scheme);
            Some(Bases { socket, api, config })
        }
        _ => {
            if read.mistakes() == before {
                let problem = "is missing; give the domain of the region, for instance mypurecloud.de";
                read.wrong("domain", FaultCode::FieldMissing, problem);
            }
            None
        }
    }
}

fn domain(read: &mut Reading<'_>) -> Option<String> {
    let text = read.text("domain")?.trim_end_matches('.').to_ascii_lowercase();
    let parses = Url::parse(&format!("https://api.{text}"))
        .is_ok_and(|url| url.host_str() == Some(&format!("api.{text}")) && url.port().is_none());
    if parses {
        return Some(text);
    }
    let problem = "is not a domain; it looks like mypurecloud.de, without https:// and without a path";
    read.wrong("domain", FaultCode::BadAddress, problem);
    None
}

/// An address that tokens may be sent to. That of a socket may be written as one.
fn address(read: &mut Reading<'_>, name: &str) -> Option<Url> {
    let text = read.text(name)?;
    let text = match text.split_once("://") {
        Some(("wss", rest)) => format!("https://{rest}"),
        Some(("ws", rest)) => format!("http://{rest}"),
        _ => text,
    };
    service_address(&text).map_err(|problem| read.wrong(name, FaultCode::BadAddress, problem)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(settings: &Value) -> Result<Settings, Vec<String>> {
        let raw = settings.as_object().unwrap();
        Settings::read(raw).map_err(|errors| errors.into_iter().map(|error| error.field).collect())
    }

    #[test]
    fn the_addresses_follow_from_the_domain() {
        let settings = read(&json!({ "domain": "mypurecloud.de", "deployment_id": "D 1" })).unwrap();
        assert_eq!(
            &*settings.socket,
            "wss://webmessaging.mypurecloud.de/v1?deploymentId=D+1&application=Envoi"
        );
        assert_eq!(settings.history().as_str(), "https://api.mypurecloud.de/api/v2/webmessaging/messages");
        assert_eq!(
            settings.config.as_str(),
            "https://api-cdn.mypurecloud.de/webdeployments/v1/deployments/D%201/config.json"
        );
    }

    #[test]
    fn one_address_may_stand_for_all_and_each_for_itself() {
        let settings =
            read(&json!({ "url": "http://127.0.0.1:8080", "deployment_id": "D", "config_url": "https://c.example/x" }))
                .unwrap();
        assert_eq!(&*settings.socket, "ws://127.0.0.1:8080/v1?deploymentId=D&application=Envoi");
        assert_eq!(settings.history().as_str(), "http://127.0.0.1:8080/api/v2/webmessaging/messages");
        assert_eq!(
            settings.config.as_str(),
            "https://c.example/x/webdeployments/v1/deployments/D/config.json"
        );
    }

    #[test]
    fn every_mistake_is_named() {
        let wrong = |settings: Value| read(&settings).unwrap_err();
        assert_eq!(wrong(json!({})), ["deployment_id", "domain"]);
        assert_eq!(wrong(json!({ "domain": "https://x.example", "deployment_id": "D" })), ["domain"]);
        assert_eq!(wrong(json!({ "domain": "x.example/y", "deployment_id": "D" })), ["domain"]);
        assert_eq!(wrong(json!({ "url": "http://x.example", "deployment_id": "D" })), ["url"]);
        assert_eq!(wrong(json!({ "domain": "x.example", "deployment_id": 7 })), ["deployment_id"]);
        assert_eq!(
            wrong(
                json!({ "domain": "x.example", "deployment_id": "D", "origin": "a b", "heartbeat_ms": -1, "orgin": "" })
            ),
            ["orgin", "origin", "heartbeat_ms"]
        );
    }

    #[test]
    fn a_sign_in_page_comes_with_a_client_and_is_safe_or_on_this_computer() {
        let with = |more: Value| {
            let mut whole = json!({ "domain": "x.example", "deployment_id": "D" });
            whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            read(&whole)
        };
        assert!(with(json!({})).unwrap().sign_in.is_none());
        let page = "https://id.example/authorize?audience=chat";
        let sign_in = with(json!({ "sign_in_url": page, "sign_in_client": "envoi", "sign_in_port": 8765 }));
        let sign_in = sign_in.unwrap().sign_in.unwrap();
        assert_eq!(
            (sign_in.page.as_str(), sign_in.scope.as_str(), sign_in.port),
            (page, "openid", Some(8_765))
        );
        for page in
            ["http://id.example/authorize", "id.example", "https://a@id.example/", "https://id.example/#x"]
        {
            let wrong = with(json!({ "sign_in_url": page, "sign_in_client": "envoi" })).unwrap_err();
            assert_eq!(wrong, ["sign_in_url"], "{page}");
        }
        assert!(with(json!({ "sign_in_url": "http://127.0.0.1:1/a", "sign_in_client": "envoi" })).is_ok());
        assert_eq!(with(json!({ "sign_in_url": page })).unwrap_err(), ["sign_in_client"]);
        assert_eq!(
            with(json!({ "sign_in_client": "envoi", "sign_in_port": 70_000 })).unwrap_err(),
            ["sign_in_client", "sign_in_port", "sign_in_port"]
        );
    }

    #[test]
    fn files_travel_safely_or_on_this_computer() {
        let abroad = read(&json!({ "domain": "mypurecloud.de", "deployment_id": "D" })).unwrap();
        assert!(abroad.place_for_files("https://bucket.example/x?signed=1").is_some());
        for odd in
            ["http://bucket.example/x", "http://127.0.0.1/x", "https://a:b@c.example", "file:///x", "x"]
        {
            assert_eq!(abroad.place_for_files(odd), None, "{odd}");
        }
        let here = read(&json!({ "url": "http://localhost:1", "deployment_id": "D" })).unwrap();
        assert!(here.place_for_files("http://127.0.0.1:1/x").is_some());
    }
}
