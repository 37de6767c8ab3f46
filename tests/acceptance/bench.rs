//! The bench on which a story is played: a contact centre in this process, and a customer of it, over real sockets. Every story
//! is played on every service of the registry that can do what the story needs.

use envoi_protocol::transports;
use envoi_protocol::view::FileKinds;
use envoi_sandbox::{Options, Script};
use envoi_tests::centre::Centre;
use envoi_tests::customer::Customer;
use envoi_tests::way::{Ability, Settings, Way};
use futures_util::future::join_all;
use serde_json::Value;

/// A contact centre and a customer with one company.
pub(crate) struct Bench {
    pub(crate) centre: Centre,
    pub(crate) customer: Customer,
    pub(crate) way: Way,
    mode: String,
    settings: Settings,
}

impl Bench {
    /// The file of companies, with a setting that is another.
    pub(crate) fn deployments_with(&self, setting: &'static str, value: impl Into<toml::Value>) -> String {
        let mut settings = self.settings.clone();
        settings.retain(|(name, _)| *name != setting);
        settings.push((setting, value.into()));
        self.file(&self.mode, "", &settings)
    }

    /// The file of companies as it stands.
    pub(crate) fn deployments(&self, mode: &str, more: &str) -> String {
        self.file(mode, more, &self.settings)
    }

    /// The file of companies with which an answer that does not come is given up within a second.
    pub(crate) fn hasty_deployments(&self) -> String {
        let settings = self.way.hasty_settings(&self.centre, &self.address(), None);
        self.file(&self.mode, "", &settings)
    }

    fn file(&self, mode: &str, more: &str, settings: &Settings) -> String {
        deployments(&self.centre, self.way, mode, more, settings)
    }

    /// Name of the service in deployment files.
    pub(crate) fn service(&self) -> &'static str {
        self.way.service
    }

    /// Where the service is.
    pub(crate) fn address(&self) -> String {
        self.way.address(&self.centre)
    }

    /// Changes switches of the service.
    pub(crate) async fn set(&self, settings: Value) {
        self.centre.set(self.way.model, settings).await;
    }

    /// Waits until the client would hear of news at once.
    pub(crate) async fn is_listened_to(&self) {
        self.centre.is_listened_to(self.way.listening).await;
    }

    /// What has to hold of every story: one read at a time, and the right keys with every request.
    async fn judge(&self) {
        let requests = self.centre.requests("").await;
        assert!(!requests.is_empty(), "the service was never asked");
        for request in &requests {
            assert_eq!(request["service"], self.way.service, "{request}");
            assert_eq!(request["second_poll"], false, "two reads at once: {request}");
            assert!(["right", "unused"].map(Value::from).contains(&request["api_key"]), "{request}");
            let first = ["setup", "start", "socket"].map(Value::from).contains(&request["operation"]);
            let expected = if first { ["missing", "unused"] } else { ["right", "unused"] };
            assert!(expected.map(Value::from).contains(&request["client_key"]), "{request}");
            assert_ne!(request["operation"], "unknown", "{request}");
        }
        let is_read = |request: &&Value| {
            request["operation"].as_str().is_some_and(|operation| self.way.reads.contains(&operation))
        };
        let reads: Vec<_> = requests.iter().filter(is_read).collect();
        for pair in reads.windows(2) {
            // An abandoned read is over for us before the service notices.
            let over = pair[0]["outcome"] == "gone" || pair[0]["done"].as_u64() <= pair[1]["at"].as_u64();
            let same = pair[0]["token"] == pair[1]["token"];
            assert!(over || !same, "two reads at once: {} and {}", pair[0], pair[1]);
        }
    }
}

/// Plays a story on every service that can do this, in a deployment of this mode (`asynchronous`, `synchronous`).
pub(crate) async fn on_every_service(mode: &str, needs: &[Ability], story: impl AsyncFn(&Bench)) {
    for way in Way::with(needs).filter(|way| way.has_mode(mode)) {
        let bench = lay(way, mode, "").await;
        story(&bench).await;
        bench.judge().await;
    }
}

/// As [`on_every_service`], once for each setting of the service that a client has to come to terms with. All of them go on side
/// by side, each on a bench of its own: for a story that mostly waits.
pub(crate) async fn on_every_variant(mode: &str, needs: &[Ability], story: impl AsyncFn(&Bench)) {
    let story = &story;
    let variants = Way::with(needs)
        .filter(|way| way.has_mode(mode))
        .flat_map(|way| way.switches().into_iter().map(move |switches| (way, switches)));
    join_all(variants.map(|(way, switches)| async move {
        let bench = lay(way, mode, "").await;
        bench.set(switches).await;
        story(&bench).await;
        bench.judge().await;
    }))
    .await;
}

/// As [`on_every_service`], with further lines for the deployment, in the clear, and without a judgement of keys and reads: for what
/// is wrong on purpose.
pub(crate) async fn with(mode: &str, more: &str, needs: &[Ability], story: impl AsyncFn(&Bench)) {
    for way in Way::with(needs).filter(|way| way.has_mode(mode)) {
        let centre = Centre::inside(options()).await;
        story(&bench(centre, way, mode, more)).await;
    }
}

/// A bench for one service, as services are reached: over TLS, and by HTTP/2.
pub(crate) async fn lay(way: Way, mode: &str, more: &str) -> Bench {
    bench(Centre::secure_inside(options()).await, way, mode, more)
}

fn options() -> Options {
    Options { script: Script::None, ..Options::default() }
}

fn bench(centre: Centre, way: Way, mode: &str, more: &str) -> Bench {
    let settings = way.settings(&centre, &way.address(&centre));
    let customer = Customer::new(&deployments(&centre, way, mode, more, &settings));
    Bench { centre, customer, way, mode: mode.to_owned(), settings }
}

fn deployments(centre: &Centre, way: Way, mode: &str, more: &str, settings: &Settings) -> String {
    way.deployment("tidewater", "Tidewater Energy", mode, &format!("{}{more}", centre.trust()), settings)
}

/// What a row says that its service lacks is what its transport says it cannot do.
#[tokio::test]
async fn every_service_has_a_row_and_the_row_says_what_the_transport_says() {
    let centre = Centre::inside(options()).await;
    for service in transports::ALL {
        let way = Way::named(service.id);
        let settings = way.settings(&centre, &way.address(&centre));
        assert!(settings.iter().any(|(name, _)| *name == way.url), "{}: `url` names no setting", way.service);
        assert!(centre.get("/settings").await[way.model].is_object(), "{}: no such model", way.service);
        assert!(!way.modes.is_empty() && !way.switches().is_empty(), "{}", way.service);
        for mode in way.modes {
            let can = way.machine(&settings, *mode == "asynchronous").capabilities();
            let said = [
                (Ability::Files, can.files.is_some()),
                (
                    Ability::AnyFiles,
                    can.files.as_ref().is_some_and(|rules| rules.kinds != FileKinds::Pictures),
                ),
                (Ability::History, can.history),
                (Ability::Typing, can.typing),
                (Ability::UserData, can.user_data),
                (Ability::Receipts, can.read_receipts),
                (Ability::Nickname, can.nickname),
                (Ability::Notices, can.notices),
                (Ability::End, can.end),
            ];
            for (ability, can) in said {
                assert_eq!(!way.lacks(ability), can, "{}, {mode}: {ability:?}", way.service);
            }
        }
        let no_loss = way.lost.is_empty() || way.lost_meanwhile.is_empty();
        assert_eq!(way.lacks(Ability::Loss), no_loss, "{}: words for a loss", way.service);
        assert!(
            way.lacks.iter().all(|(_, why)| !why.is_empty()),
            "{}: what is lacking has a reason",
            way.service
        );
    }
}
