//! From an agent's message readable on the socket to painted in the real window.
//!
//! Painted means: the X server has other pixels at the place of the newest words than before. A page cannot know that. It can
//! only tell when a frame of its own began, and that is half the way: the web view paints behind it, hands the picture to the
//! window's process, and that one draws it with a clock of its own.
//!
//! Three figures. *In the page* is our part: decoding, reducing, publishing, and the row in the document. *On the screen* is
//! what the goal is for. *A frame without us* is the floor: a script that runs in the same page gives the newest bubble another
//! colour, and nothing else, and the same pixels are waited for. What this web view needs on this display for the smallest
//! change that there is, no program on it can do without.
//!
//! Messages come one at a time and at odd moments, as an agent's do: in step with the frames of the web view, or while it is
//! still busy with the last one, they would measure something else.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::service::Service;
use crate::{median, percentile};
use envoi_tests::screen::{Place, Screen};
use envoi_tests::window::Window;

const MESSAGES: usize = 200;
/// The first few warm everything up.
const WARM_UP: usize = 10;
/// No change of the pixels for so long, and the page has come to rest.
const CALM: Duration = Duration::from_millis(60);
/// How long a change may take to be seen before something is wrong.
const PATIENCE: Duration = Duration::from_secs(10);

/// Notes when each new message is in the page, by its text.
const WATCH: &str = "
    window.placed = {};
    const clock = () => performance.timeOrigin + performance.now();
    new MutationObserver((changes) => {
        for (const change of changes) for (const node of change.addedNodes) {
            const words = node.querySelector?.('[data-part=\"words\"]');
            if (words) window.placed[words.textContent.trim()] ??= clock();
        }
    }).observe(document.querySelector('[role=\"log\"]'), { childList: true, subtree: true });
    return null;";

/// Where the newest words stand.
const PLACE: &str = "
    const box = [...document.querySelectorAll('[data-part=\"words\"]')].at(-1).getBoundingClientRect();
    return [box.x, box.y, box.width, box.height].map(Math.round);";

/// Gives the newest bubble another colour in a moment, and notes when.
const RECOLOUR: &str = "
    const after = 20 + Math.random() * 40;
    setTimeout(() => {
        const words = [...document.querySelectorAll('[data-part=\"words\"]')].at(-1);
        words.style.backgroundColor = words.style.backgroundColor ? '' : 'gold';
        window.coloured = performance.timeOrigin + performance.now();
    }, after);
    return null;";

/// Puts a copy of the newest row behind it in a moment, with other words, and notes when.
const ADD: &str = "
    const after = 20 + Math.random() * 40;
    setTimeout(() => {
        const row = [...document.querySelectorAll('[data-part=\"message\"]')].at(-1);
        const copy = row.cloneNode(true);
        copy.querySelector('[data-part=\"words\"]').textContent = 'Something else ' + Math.random();
        copy.dataset.copy = '';
        row.after(copy);
        window.coloured = performance.timeOrigin + performance.now();
    }, after);
    return null;";

const REMOVE: &str = "document.querySelector('[data-copy]').remove(); return null;";

struct Times {
    placed: Vec<f64>,
    painted: Vec<f64>,
    floor: Vec<f64>,
    bare: Vec<f64>,
}

pub(crate) fn run() {
    if std::env::var("ENVOI_DESKTOP").is_err() {
        println!("paint: not measured, because there is no desktop: `cargo xtask bench` provides one");
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let times = runtime.block_on(measure());
    println!("paint: {} messages, from readable on the socket, in ms", times.painted.len());
    say("in the page", times.placed);
    say("on the screen", times.painted);
    println!("  (goal: on the screen at most 16.7 at p99)");
    println!("  {} changes of one colour, from the change in the page, in ms", times.floor.len());
    say("a frame without us", times.floor);
    say("a row without us", times.bare);
}

fn say(what: &str, times: Vec<f64>) {
    let [p95, p99] = [0.95, 0.99].map(|share| percentile(times.clone(), share));
    println!("  {what:<18} median {:>5.1}   p95 {p95:>5.1}   p99 {p99:>5.1}", median(times));
}

async fn measure() -> Times {
    let service = Service::start();
    let profile = tempfile::tempdir().expect("a temporary folder");
    let file = format!(
        "[[deployment]]\nid = \"t\"\nname = \"Tidewater Energy\"\nservice = \"digital_channels\"\nmode = \"asynchronous\"\n\
         [deployment.settings]\nurl = \"{}\"\nendpoint = \"Support\"\napi_key = \"key\"\n",
        service.url()
    );
    std::fs::write(profile.path().join("deployments.toml"), file).expect("the profile can be written");
    let window = Window::open(profile.path(), &[]).await;
    window.click("company").await;
    window.find("input[name=\"firstname\"]").await.send_keys("Ann").await.expect("the form takes keys");
    window.click("start-chat").await;
    window.find("[data-part=\"composer\"] textarea").await;
    window.run(WATCH).await;

    // The newest words stand at one place, whatever is above them.
    hear(&service, 0).await;
    window.find("[data-part=\"words\"]").await;
    let mut screen = Screen::watch(window.number(), place(&window).await);
    let (mut written, mut painted) = (Vec::new(), Vec::new());
    let (mut floor, mut bare) = (Vec::new(), Vec::new());
    for number in 1..=MESSAGES {
        screen.settle(pause());
        let (text, at) = hear(&service, number).await;
        painted.push(millis(screen.change(PATIENCE)) - at);
        written.push((text, at));

        screen.settle(pause());
        window.run(RECOLOUR).await;
        let seen = millis(screen.change(PATIENCE));
        let changed = window.run("return window.coloured").await.as_f64().expect("the colour was changed");
        floor.push(seen - changed);

        screen.settle(pause());
        window.run(ADD).await;
        let seen = millis(screen.change(PATIENCE));
        let changed = window.run("return window.coloured").await.as_f64().expect("a row was added");
        bare.push(seen - changed);
        window.run(REMOVE).await;
    }
    let noted = window.run("return window.placed").await;
    let placed = written.iter().filter_map(|(text, at)| Some(noted[text].as_f64()? - at)).collect::<Vec<_>>();
    assert_eq!(placed.len(), MESSAGES, "every message was in the page");
    let warm = |times: Vec<f64>| times.into_iter().skip(WARM_UP).collect();
    Times { placed: warm(placed), painted: warm(painted), floor: warm(floor), bare: warm(bare) }
}

/// Says a message, and when it was readable for the client.
async fn hear(service: &Service, number: usize) -> (String, f64) {
    let text = format!("Message {number:03}: the new bill will be £64.20");
    let at = service.say(text.clone());
    let at = tokio::task::spawn_blocking(move || at.recv()).await.expect("a thread");
    (text, millis(at.expect("the client polls")))
}

async fn place(window: &Window) -> Place {
    let place: [i16; 4] = serde_json::from_value(window.run(PLACE).await).expect("four numbers");
    let [x, y, width, height] = place;
    Place { x, y, width: width.unsigned_abs(), height: height.unsigned_abs() }
}

/// How long nothing happens before something does.
fn pause() -> Duration {
    CALM + Duration::from_millis(fastrand::u64(0..300))
}

fn millis(at: SystemTime) -> f64 {
    at.duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64() * 1e3
}
