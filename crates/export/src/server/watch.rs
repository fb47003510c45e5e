//! Watching one connection: what it is doing, since when, and when it has taken too long.
//!
//! ```text
//!            head of a request is whole
//!   Waiting ────────────────────────────▶ Answering
//!      ▲                                      │
//!      └──────────────────────────────────────┘
//!        answer is written to its last byte, and flushed
//! ```
//!
//! Each state has one deadline, counted from when it began: a client that sends a byte now and then
//! gains no time, nor does one that reads a byte now and then.

use std::cell::Cell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

use super::limits::Limits;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Idle, or sending the head of a request.
    Waiting,
    /// Being answered.
    Answering,
}

/// The state of one connection; used on the server's thread only.
#[derive(Debug)]
pub struct Watch {
    phase: Cell<Phase>,
    since: Cell<Instant>,
    /// Whether the client has sent anything yet.
    spoken: Cell<bool>,
    /// Whether the body under way has been taken to its end.
    body_taken: Cell<bool>,
    evicted: Cell<bool>,
    /// Whether a request has been answered.
    has_answered: Cell<bool>,
    /// Something above has changed.
    stir: Notify,
    /// How often the connection has had its turn on the thread.
    turns: Cell<u64>,
}

impl Watch {
    /// A connection that has just been accepted.
    pub fn new() -> Rc<Watch> {
        Rc::new(Watch {
            phase: Cell::new(Phase::Waiting),
            since: Cell::new(Instant::now()),
            spoken: Cell::new(false),
            body_taken: Cell::new(false),
            evicted: Cell::new(false),
            has_answered: Cell::new(false),
            stir: Notify::new(),
            turns: Cell::new(0),
        })
    }

    /// What it is doing.
    pub fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// Since when.
    pub fn since(&self) -> Instant {
        self.since.get()
    }

    /// Whether the client has sent anything yet.
    pub fn has_spoken(&self) -> bool {
        self.spoken.get()
    }

    /// The client has sent something.
    pub fn spoke(&self) {
        self.spoken.set(true);
    }

    /// How often the connection has had its turn: a long body writes one chunk a turn.
    pub fn turns(&self) -> u64 {
        self.turns.get()
    }

    /// Closes it soon.
    pub fn evict(&self) {
        self.evicted.set(true);
        self.stir.notify_one();
    }

    /// Whether it has to go before its first request was answered.
    pub fn is_sent_away(&self) -> bool {
        self.evicted.get() && !self.has_answered.get()
    }

    /// A request has arrived. While earlier answers wait to be read (pipelining), their deadline
    /// stays.
    pub fn answering(&self) {
        self.body_taken.set(false);
        if self.phase.get() == Phase::Waiting {
            self.enter(Phase::Answering);
        }
    }

    /// The last chunk of the body has been handed over (or nobody wants it).
    fn body_taken(&self) {
        self.body_taken.set(true);
    }

    fn flushed(&self) {
        if self.body_taken.get() && self.phase.get() == Phase::Answering {
            self.has_answered.set(true);
            self.enter(Phase::Waiting);
        }
    }

    fn enter(&self, phase: Phase) {
        self.phase.set(phase);
        self.since.set(Instant::now());
        self.stir.notify_one();
    }

    /// Ends when the connection has taken too long, or has to go.
    pub async fn overdue(&self, limits: &Limits) {
        while !self.evicted.get() {
            let allowed = match self.phase.get() {
                Phase::Waiting => limits.waiting,
                Phase::Answering => limits.answering,
            };
            let deadline = self.since.get() + allowed;
            if deadline <= Instant::now() {
                return;
            }
            let mut sleep = pin!(tokio::time::sleep_until(deadline.into()));
            tokio::select! {
                () = &mut sleep => {}
                () = self.stir.notified() => {}
            }
        }
    }

    /// Polls the connection, and counts that as its turn.
    pub fn take_turn<F: Future>(
        &self,
        connection: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> Poll<F::Output> {
        self.turns.set(self.turns.get() + 1);
        connection.poll(cx)
    }
}

/// Kept in a response's body: tells the watch when the body is gone.
#[derive(Debug)]
pub struct BodyTicket(pub Rc<Watch>);

impl Drop for BodyTicket {
    fn drop(&mut self) {
        self.0.body_taken();
    }
}

/// What a connection goes over.
pub trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// A stream that tells the watch when everything has been written.
pub struct Watched {
    /// The stream.
    pub stream: Box<dyn Stream>,
    /// Who is told.
    pub watch: Rc<Watch>,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.watch.spoke();
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            self.watch.flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
