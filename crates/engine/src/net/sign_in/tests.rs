//! Signing in over real connections on loopback; the test is the person, the browser, and whoever else is on this computer.

use std::collections::HashMap;

use reqwest::Client;
use tokio::sync::mpsc;

use super::*;
use crate::net::trust;

/// Far longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(60);

struct Bench {
    told: mpsc::UnboundedReceiver<SignInEvent>,
    browser: Client,
    query: HashMap<String, String>,
}

fn call() -> SignInCall {
    SignInCall {
        id: envoi_protocol::io::CallId(1),
        page: String::from("https://id.example/authorize?audience=chat"),
        client: String::from("envoi"),
        scope: String::from("openid profile"),
        port: None,
        timeout: LIMIT,
    }
}

fn begin(call: SignInCall) -> mpsc::UnboundedReceiver<SignInEvent> {
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(run(call, Arc::new(Page::default()), move |event| {
        let _ = tell.send(event);
    }));
    told
}

async fn next(told: &mut mpsc::UnboundedReceiver<SignInEvent>) -> SignInEvent {
    tokio::time::timeout(LIMIT, told.recv()).await.expect("something is told").expect("it goes on")
}

impl Bench {
    async fn new() -> Self {
        trust::provider();
        let mut told = begin(call());
        let SignInEvent::Page { address } = next(&mut told).await else { panic!("the page comes first") };
        assert!(address.starts_with("https://id.example/authorize?audience=chat&response_type=code&"));
        let query = Url::parse(&address).unwrap().query_pairs().into_owned().collect();
        Self { told, browser: Client::builder().no_proxy().build().unwrap(), query }
    }

    fn of(&self, name: &str) -> &str {
        &self.query[name]
    }

    async fn goes(&self, path: &str) -> (u16, String) {
        let url = format!("{}{path}", self.of("redirect_uri").trim_end_matches('/'));
        let answer = self.browser.get(url).send().await.expect("somebody listens");
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

#[tokio::test]
async fn a_code_comes_back_with_what_proves_that_it_is_ours() {
    let mut bench = Bench::new().await;
    let expected = [("client_id", "envoi"), ("scope", "openid profile"), ("code_challenge_method", "S256")];
    for (name, value) in expected {
        assert_eq!(bench.of(name), value);
    }
    let (status, page) = bench.goes(&format!("/?code=C%2B1&state={}", bench.of("state"))).await;
    assert_eq!(status, 200);
    assert!(page.contains("You can close this window"), "{page}");
    let SignInEvent::Done(signed_in) = next(&mut bench.told).await else { panic!("signed in") };
    assert_eq!(signed_in.code.expose(), "C+1");
    assert_eq!(signed_in.redirect_uri, bench.of("redirect_uri"));
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(signed_in.verifier.expose().as_bytes()));
    assert_eq!(challenge, bench.of("code_challenge"));
    assert!(signed_in.verifier.expose().len() >= 43, "as long as RFC 7636 wants it");
    assert_ne!(signed_in.verifier.expose(), bench.of("state"));
}

#[tokio::test]
async fn what_was_not_asked_for_is_turned_away_and_the_sign_in_goes_on() {
    let mut bench = Bench::new().await;
    let state = bench.of("state").to_owned();
    for stray in [
        "/?code=C&state=guessed".to_owned(),
        "/?code=C".to_owned(),
        format!("/?code=C&state={state}&state=guessed"),
        format!("/?state={state}"),
        format!("/elsewhere?code=C&state={state}"),
        "/favicon.ico".to_owned(),
    ] {
        assert_eq!(bench.goes(&stray).await.0, 400, "{stray}");
    }
    let url = format!("{}?code=C&state={state}", bench.of("redirect_uri"));
    let posted = bench.browser.post(&url).send().await.unwrap();
    assert_eq!(posted.status().as_u16(), 400, "only a browser that is sent here is meant");
    let rebound = bench.browser.get(&url).header("host", "evil.example").send().await.unwrap();
    assert_eq!(rebound.status().as_u16(), 400, "under another name this is not here");
    assert!(bench.told.try_recv().is_err(), "none of it counts");
    assert_eq!(bench.goes(&format!("/?code=real&state={state}")).await.0, 200);
    let SignInEvent::Done(signed_in) = next(&mut bench.told).await else { panic!("signed in") };
    assert_eq!(signed_in.code.expose(), "real");
}

#[tokio::test]
async fn an_answer_counts_once() {
    let (answer, answered) = oneshot::channel();
    let ear = Arc::new(Ear {
        host: String::new(),
        state: String::from("s"),
        page: Arc::new(Page::default()),
        answer: Mutex::new(Some(answer)),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let ear = Arc::new(Ear { host: host.clone(), ..Arc::into_inner(ear).unwrap() });
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&ear)));
        }
    });
    trust::provider();
    let browser = Client::builder().no_proxy().build().unwrap();
    let go = async |code: &str| {
        let url = format!("http://{host}/?code={code}&state=s");
        browser.get(url).send().await.unwrap().status().as_u16()
    };
    assert_eq!(go("first").await, 200);
    assert_eq!(go("second").await, 400);
    assert_eq!(answered.await.unwrap(), Ok(Secret::new("first")));
}

#[tokio::test]
async fn a_page_that_says_no_ends_it() {
    let mut bench = Bench::new().await;
    let (status, page) = bench.goes(&format!("/?error=access_denied&state={}", bench.of("state"))).await;
    assert_eq!(status, 200);
    assert!(page.contains("You are not signed in."), "{page}");
    assert_eq!(next(&mut bench.told).await, SignInEvent::Failed(SignInFault::Declined));
}

#[tokio::test]
async fn nobody_is_waited_for_longer_than_was_said() {
    let mut told = begin(SignInCall { timeout: Duration::from_millis(50), ..call() });
    assert!(matches!(next(&mut told).await, SignInEvent::Page { .. }));
    assert_eq!(next(&mut told).await, SignInEvent::Failed(SignInFault::TimedOut));
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_and_a_free_one_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut told = begin(SignInCall { port: Some(port), ..call() });
    assert_eq!(next(&mut told).await, SignInEvent::Failed(SignInFault::Deaf));
    drop(taken);
    let mut told = begin(SignInCall { port: Some(port), ..call() });
    let SignInEvent::Page { address } = next(&mut told).await else { panic!("the page comes first") };
    assert!(address.contains(&format!("127.0.0.1%3A{port}%2F")), "{address}");
}

#[tokio::test]
async fn a_page_is_safe_or_on_this_computer() {
    for page in ["http://id.example/authorize", "ftp://id.example/", "what"] {
        let mut told = begin(SignInCall { page: page.to_owned(), ..call() });
        assert_eq!(next(&mut told).await, SignInEvent::Failed(SignInFault::BadPage), "{page}");
    }
    let mut told = begin(SignInCall { page: String::from("http://127.0.0.1:9/authorize"), ..call() });
    assert!(matches!(next(&mut told).await, SignInEvent::Page { .. }));
}
