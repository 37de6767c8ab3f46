//! The bench on which a story is played: a contact centre in this process, and a customer of it, over real sockets. Every story
//! is played on every service of the registry.

use envoi_sandbox::{Options, Script};
use envoi_tests::centre::Centre;
use envoi_tests::customer::Customer;
use envoi_tests::way::{Settings, Way};
use serde_json::Value;

/// A contact centre and a customer with one company.
pub(crate) struct Bench {
    pub(crate) centre: Centre,
    pub(crate) customer: Customer,
    way: Way,
    settings: Settings,
}

impl Bench {
    /// The file of companies, with a setting that is another.
    pub(crate) fn deployments_with(&self, setting: &'static str, value: impl Into<toml::Value>) -> String {
        let mut settings = self.settings.clone();
        settings.retain(|(name, _)| *name != setting);
        settings.push((setting, value.into()));
        deployments(self.way, "asynchronous", "", &settings)
    }

    /// The file of companies as it stands.
    pub(crate) fn deployments(&self, mode: &str, more: &str) -> String {
        deployments(self.way, mode, more, &self.settings)
    }

    /// Name of the service in deployment files.
    pub(crate) fn service(&self) -> &'static str {
        self.way.service
    }

    /// Where the service is.
    pub(crate) fn address(&self) -> String {
        self.way.address(&self.centre)
    }

    /// What has to hold of every story: one read at a time, and the right keys with every request.
    async fn judge(&self) {
        let requests = self.centre.requests("").await;
        assert!(!requests.is_empty(), "the service was never asked");
        for request in &requests {
            assert_eq!(request["second_poll"], false, "two reads at once: {request}");
            assert_eq!(request["api_key"], "right", "{request}");
            let expected = if request["operation"] == "create" { "missing" } else { "right" };
            assert_eq!(request["client_key"], expected, "{request}");
            assert_ne!(request["operation"], "unknown", "{request}");
        }
        let reads = ["poll", "resume", "restore", "history"].map(Value::from);
        let reads: Vec<_> = requests.iter().filter(|request| reads.contains(&request["operation"])).collect();
        for pair in reads.windows(2) {
            // An abandoned read is over for us before the service notices.
            let over = pair[0]["outcome"] == "gone" || pair[0]["done"].as_u64() <= pair[1]["at"].as_u64();
            let same = pair[0]["token"] == pair[1]["token"];
            assert!(over || !same, "two reads at once: {} and {}", pair[0], pair[1]);
        }
    }
}

/// Plays a story on every service, in a deployment of this mode (`asynchronous`, `synchronous`).
pub(crate) async fn on_every_service(mode: &str, story: impl AsyncFn(&Bench)) {
    with(mode, "", async |bench| {
        story(bench).await;
        bench.judge().await;
    })
    .await;
}

/// As [`on_every_service`], with further lines for the deployment, and without a judgement of keys and reads: for what is wrong
/// on purpose.
pub(crate) async fn with(mode: &str, more: &str, story: impl AsyncFn(&Bench)) {
    for way in Way::all() {
        let options = Options { script: Script::None, ..Options::default() };
        let centre = Centre::inside(options).await;
        let settings = way.settings(&way.address(&centre));
        let customer = Customer::new(&deployments(way, mode, more, &settings));
        story(&Bench { centre, customer, way, settings }).await;
    }
}

fn deployments(way: Way, mode: &str, more: &str, settings: &Settings) -> String {
    way.deployment("tidewater", "Tidewater Energy", mode, more, settings)
}
