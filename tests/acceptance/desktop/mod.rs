//! The real window, with a real password store, a real notification daemon and the sandbox over real sockets.

mod keyring;
mod kills;
mod notifications;
mod outage;
mod pictures;
mod services;
mod story;

use std::path::Path;

use envoi_tests::centre::Centre;
use envoi_tests::window::Window;

/// Writes the companies' file of a profile.
fn configure(profile: &Path, deployments: &str) {
    std::fs::write(profile.join("deployments.toml"), deployments)
        .expect("the profile's folder can be written to");
}

/// A profile with one company, and its centre without a script.
async fn company(mode: &str, more: &str) -> (tempfile::TempDir, Centre) {
    company_of("digital_channels", mode, more).await
}

/// The same with a company of this service.
async fn company_of(service: &str, mode: &str, more: &str) -> (tempfile::TempDir, Centre) {
    let centre = Centre::process(&["--script", "none"]).await;
    let profile = tempfile::tempdir().expect("a temporary folder");
    configure(profile.path(), &centre.deployment(service, mode, more));
    (profile, centre)
}

/// Starts a chat with the only company, as Ann.
async fn start(window: &Window) {
    window.click("company").await;
    window.find("input[name=\"firstname\"]").await.send_keys("Ann").await.expect("the form takes keys");
    window.click("start-chat").await;
    window.find("[data-part=\"composer\"] textarea").await;
}
