//! The whole story: start, chat both ways, notification received and clicked, killed, restarted, restored, finalized.

use std::process::{Command, Stdio};

use envoi_tests::centre::Centre;
use envoi_tests::eventually;
use envoi_tests::window::Window;
use serde_json::json;

use super::notifications::{self, Shown};
use super::{company, start};

#[tokio::test]
async fn an_asynchronous_chat_from_its_start_over_a_crash_to_its_closing_banner() {
    let (profile, centre) = company("asynchronous", "").await;
    let window = Window::open(profile.path(), &[]).await;
    start(&window).await;
    both_ways(&window, &centre).await;

    hide(&window).await;
    let since = notifications::from_now();
    centre.say("Are you still there?").await;
    notifications::click().await;
    shown(&window, true).await;
    window.shows("agent", "Are you still there?").await;
    let expected = Shown { title: "Maya · Tidewater Energy".into(), body: "Are you still there?".into() };
    assert_eq!(since.shown(), [expected]);

    let before = window.messages().await;
    window.kill().await;
    centre.say("This came while you were away").await;
    let since = notifications::from_now();
    let window = Window::open(profile.path(), &[]).await;
    window.shows("agent", "This came while you were away").await;
    let after = window.messages().await;
    assert_eq!(after[..before.len()], before, "the same transcript");
    assert_eq!(after.len(), before.len() + 1);
    assert_eq!(since.shown(), [], "replayed history never notifies");

    window.write("Yes, I am back").await;
    centre.hears("Yes, I am back").await;
    centre.say("Glad it is sorted").await;
    centre.state("Finalizing").await;
    window.part("closing").await;
    centre.state("Completed").await;
    window.picture("closing").await;
    let closed = window.run("return document.querySelectorAll('[data-part=\"event\"].rule').length").await;
    assert_eq!(closed, json!(1), "once per interaction");

    window.write("Thanks!").await;
    window.part("guard").await;
    window.picture("guard").await;
    window.click("dont-send").await;
    window.gone("[data-part=\"guard\"]").await;
    assert_eq!(centre.count("Thanks!").await, 0, "nothing was sent");
    let kept = window.run("return document.querySelector('[data-part=\"composer\"] textarea').value").await;
    assert_eq!(kept, json!("Thanks!"), "the words stay");
    window.write(" And one more thing about the meter").await;
    window.gone("[data-part=\"closing\"]").await;
    centre.hears("Thanks! And one more thing about the meter").await;
    assert_eq!(centre.chat().await["ended"], json!(false), "the chat stays open");
}

#[tokio::test]
async fn a_synchronous_chat_over_a_crash_to_its_end() {
    let (profile, centre) = company("synchronous", "").await;
    let window = Window::open(profile.path(), &[]).await;
    start(&window).await;
    both_ways(&window, &centre).await;
    let before = window.messages().await;
    window.kill().await;

    let window = Window::open(profile.path(), &[]).await;
    window.shows("agent", "How can I help?").await;
    assert_eq!(window.messages().await, before, "the same transcript");
    centre.state("Completed").await;
    let ended = window.part("ended").await;
    assert_eq!(ended.attr("data-reason").await.unwrap().as_deref(), Some("ended_by_them"));
    window.picture("ended").await;
    window.gone("[data-part=\"composer\"]").await;
    assert_eq!(window.messages().await, before, "the transcript stays readable");
    eventually("the participant to be removed", || async {
        let chat = centre.chat().await;
        let people = chat["participants"].as_array().cloned().unwrap_or_default();
        people.iter().any(|person| person["who"] == "customer" && person["present"] == false).then_some(())
    })
    .await;

    window.kill().await;
    let window = Window::open(profile.path(), &[]).await;
    // What was said stays until it is deleted.
    window.part("row").await;
}

#[tokio::test]
async fn a_company_may_ask_that_the_window_goes_with_the_chat() {
    let (profile, centre) = company("synchronous", "closes_window = true").await;
    let window = Window::open(profile.path(), &[]).await;
    start(&window).await;
    both_ways(&window, &centre).await;
    centre.state("Completed").await;
    shown(&window, false).await;
    assert!(window.process() > 0, "the program goes on");
}

#[tokio::test]
async fn a_second_start_raises_the_first_window() {
    let (profile, _centre) = company("asynchronous", "").await;
    let window = Window::open(profile.path(), &[]).await;
    start(&window).await;
    hide(&window).await;
    let program = envoi_tests::window::provided("ENVOI_APP");
    let second = Command::new(program).arg("--profile").arg(profile.path()).status();
    assert!(second.expect("it starts").success(), "the second one leaves at once");
    shown(&window, true).await;
}

#[tokio::test]
async fn a_start_without_a_profile_to_work_with_says_so_where_a_person_sees_it() {
    let (profile, _centre) = company("asynchronous", "").await;
    let taken = envoi_engine::profile::Profile::folder(profile.path()).expect("a profile");
    let _by_another_program = taken.lock().expect("nobody has it yet");
    let program = envoi_tests::window::provided("ENVOI_APP");
    let start = Command::new(program)
        .arg("--profile")
        .arg(profile.path())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let start = std::cell::RefCell::new(start);
    let code = || start.borrow_mut().try_wait().expect("it can be looked at");
    let message = eventually("the message", || async { envoi_tests::window::titled("^Envoi can") }).await;
    assert!(code().is_none(), "it waits for whoever reads that");
    eventually("the program to end", || async {
        envoi_tests::window::press(&message, "Return");
        code()
    })
    .await;
    let ended = start.into_inner().wait_with_output().expect("it has ended");
    assert_eq!(ended.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(errors.contains("already running with this profile"), "{errors}");
}

#[tokio::test]
async fn on_a_shared_computer_closing_the_window_asks_and_quitting_leaves_nothing() {
    let (profile, centre) = company("asynchronous", "keep = \"until_quit\"").await;
    let window = Window::open(profile.path(), &[]).await;
    start(&window).await;
    both_ways(&window, &centre).await;
    let process = window.process();
    window.ask_to_close("[data-part=\"hide-shared\"]").await;
    // The program may be gone before the driver can say that it was clicked.
    let _ = window.part("quit").await.click().await;
    eventually("the program to end", || async { envoi_tests::window::is_over(process).then_some(()) }).await;
    drop(window);
    let window = Window::open(profile.path(), &[]).await;
    window.part("company").await;
    window.gone("[data-part=\"row\"]").await;
}

#[tokio::test]
async fn a_burst_while_the_window_is_hidden_is_one_notification() {
    let (profile, centre) = company("asynchronous", "").await;
    let window = Window::open(profile.path(), &[]).await;
    start(&window).await;
    both_ways(&window, &centre).await;
    hide(&window).await;
    let since = notifications::from_now();
    for text in ["One", "Two", "Three"] {
        centre.say(text).await;
    }
    notifications::wait_for(1).await;
    let expected = Shown { title: "Maya · Tidewater Energy".into(), body: "3 new messages".into() };
    assert_eq!(since.shown(), [expected]);
}

/// Ann and Maya greet each other.
async fn both_ways(window: &Window, centre: &Centre) {
    centre.join("Maya").await;
    centre.act("typing", json!({ "on": true })).await;
    window.part("typing").await;
    centre.say("How can I help?").await;
    window.shows("agent", "How can I help?").await;
    window.write("My bill is too high").await;
    window.shows("me", "My bill is too high").await;
    centre.hears("My bill is too high").await;
    window.find("[data-role=\"me\"][data-delivery=\"sent\"]").await;
    assert_eq!(centre.count("My bill is too high").await, 1);
}

/// Closes the window as a person does; the first time it explains itself.
async fn hide(window: &Window) {
    window.close_by_person().await;
    shown(window, false).await;
}

async fn shown(window: &Window, wanted: bool) {
    let what = if wanted { "the window to be there" } else { "the window to be gone" };
    eventually(what, || async { (window.is_on_screen() == wanted).then_some(()) }).await;
}
