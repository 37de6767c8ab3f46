//! The programs between us and the window: `tauri-driver`, which starts the app, and the web view's own driver behind it.

use std::{
    env, io,
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::{Failure, LOOK_AGAIN};

/// A running driver. Dropping it ends it, and with it the app.
pub(crate) struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    /// Starts the driver named by `TAURI_DRIVER` and waits until it answers.
    pub(crate) async fn start(limit: Duration) -> Result<Self, Failure> {
        let variable = |key: &'static str| env::var(key).map_err(|_| Failure::Environment(key));
        let (program, native) = (variable("TAURI_DRIVER")?, variable("WEBKIT_DRIVER")?);
        let ports = free_port().and_then(|port| Ok((port, free_port()?)));
        let (port, native_port) =
            ports.map_err(|source| Failure::Start { program: program.clone(), source })?;
        let child = Command::new(&program)
            .args(["--port", &port.to_string(), "--native-port", &native_port.to_string()])
            .args(["--native-driver", &native])
            // Painted outright by the processor, the web view does not answer when it is asked for a picture.
            .env("WEBKIT_DISABLE_COMPOSITING_MODE", "0")
            .stdin(Stdio::null())
            .spawn()
            .map_err(|source| Failure::Start { program: program.clone(), source })?;
        let driver = Self { child, port };
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err()
            || TcpStream::connect((Ipv4Addr::LOCALHOST, native_port)).is_err()
        {
            if start.elapsed() > limit {
                return Err(Failure::Silent(program));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(driver)
    }

    /// Starts the app and takes hold of its window.
    pub(crate) async fn open(&self, app: &str, args: &[String]) -> Result<Client, Failure> {
        let wanted = json!({ "browserName": "wry", "tauri:options": { "application": app, "args": args } });
        let capabilities = wanted.as_object().cloned().unwrap_or_default();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        Ok(builder.capabilities(capabilities).connect(&format!("http://127.0.0.1:{}", self.port)).await?)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody listens on, for now.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
