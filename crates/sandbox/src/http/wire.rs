//! Connections that can be cut: a listener whose every socket has a switch.
//!
//! HTTP libraries do not let a handler close its connection without an answer. Faults need exactly that, and so do
//! a simulated restart and the end of an embedded sandbox.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// The switch of one connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wire(Arc<Switch>);

#[derive(Debug, Default)]
struct Switch {
    cut: AtomicBool,
    service: AtomicBool,
    reader: Mutex<Option<Waker>>,
}

impl Wire {
    /// Cuts the connection: nothing more is read from it or written to it.
    pub(crate) fn cut(&self) {
        self.0.cut.store(true, Ordering::SeqCst);
        let reader = self.0.reader.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// Notes that a customer's client uses this connection, and not the control API.
    pub(crate) fn carries_service(&self) {
        self.0.service.store(true, Ordering::SeqCst);
    }

    fn check(&self) -> io::Result<()> {
        if self.0.cut.load(Ordering::SeqCst) { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

/// All open connections.
#[derive(Debug, Default)]
pub(crate) struct Wires(Mutex<Vec<Weak<Switch>>>);

impl Wires {
    /// Cuts the connections of customers' clients, but for the one that asks for it: a client may use one
    /// connection for the service and the control API, and is owed an answer.
    pub(crate) fn cut_service_except(&self, asking: &Wire) {
        self.cut_where(|wire| wire.0.service.load(Ordering::SeqCst) && !Arc::ptr_eq(&wire.0, &asking.0));
    }

    /// Cuts all connections.
    pub(crate) fn cut_all(&self) {
        self.cut_where(|_| true);
    }

    fn cut_where(&self, wanted: impl Fn(&Wire) -> bool) {
        let wires = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for wire in wires.iter().filter_map(Weak::upgrade).map(Wire).filter(|wire| wanted(wire)) {
            wire.cut();
        }
    }

    fn add(&self, wire: &Wire) {
        let mut wires = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wires.retain(|one| one.strong_count() > 0);
        wires.push(Arc::downgrade(&wire.0));
    }
}

/// A TCP listener that gives out connections with switches.
pub(crate) struct WireListener {
    pub(crate) listener: TcpListener,
    pub(crate) shared: Arc<crate::world::Shared>,
}

impl Listener for WireListener {
    type Io = WireStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        (WireStream::new(stream, &self.shared.wires), address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, WireListener>> for Wire {
    fn connect_info(stream: IncomingStream<'_, WireListener>) -> Self {
        stream.io().wire.clone()
    }
}

/// A connection with a switch.
pub(crate) struct WireStream {
    stream: TcpStream,
    pub(super) wire: Wire,
}

impl WireStream {
    pub(super) fn new(stream: TcpStream, wires: &Wires) -> Self {
        // An answer must not wait for an acknowledgement of the one before.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps delaying small answers");
        }
        let wire = Wire::default();
        wires.add(&wire);
        Self { stream, wire }
    }
}

impl AsyncRead for WireStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        *self.wire.0.reader.lock().unwrap_or_else(PoisonError::into_inner) = Some(context.waker().clone());
        self.wire.check()?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for WireStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.wire.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wire.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.wire.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
