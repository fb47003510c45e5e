//! One connection, with an ear for what the other side says first.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::sync::oneshot;

use super::trail::{Cut, GREETING_BYTES, Trail};

/// What a connection goes over: TCP with or without TLS, or a Unix socket.
pub(super) trait Stream: Read + Write + Connection + Send + Unpin {}

impl<T: Read + Write + Connection + Send + Unpin> Stream for T {}

/// A connection. What is heard is noted until enough has come to tell the protocol by.
///
/// It fails as soon as it is cut: a request that nobody waits for any more would otherwise stay with
/// its connection for as long as the other side takes nothing, a quarter of an hour and more.
pub(super) struct Wire {
    stream: Box<dyn Stream>,
    trail: Trail,
    heard: usize,
    cut: oneshot::Receiver<Cut>,
    is_cut: bool,
}

impl Wire {
    pub(super) fn new(stream: impl Stream + 'static, trail: Trail) -> Self {
        let cut = trail.connected();
        Wire { stream: Box::new(stream), trail, heard: 0, cut, is_cut: false }
    }

    /// Fails once the connection is cut, and has the task woken up when it is.
    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if !self.is_cut && !self.cut.is_terminated() {
            self.is_cut = matches!(Pin::new(&mut self.cut).poll(context), Poll::Ready(Ok(Cut)));
        }
        if self.is_cut { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        self.stream.connected()
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context)?;
        let wanted = (GREETING_BYTES - self.heard).min(buffer.remaining());
        if wanted == 0 {
            let read = ready!(Pin::new(&mut *self.stream).poll_read(context, buffer));
            return Poll::Ready(read.inspect_err(|error| self.trail.end(error)));
        }
        let mut first = [0; GREETING_BYTES];
        let mut heard = ReadBuf::new(&mut first[..wanted]);
        ready!(Pin::new(&mut *self.stream).poll_read(context, heard.unfilled()))
            .inspect_err(|error| self.trail.end(error))?;
        self.heard += heard.filled().len();
        self.trail.hear(heard.filled());
        buffer.put_slice(heard.filled());
        Poll::Ready(Ok(()))
    }
}

impl Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut *self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut *self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut *self.stream).poll_write_vectored(context, slices)
    }
}
