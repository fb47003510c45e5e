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

    /// Takes what the other side has closed itself to for written, while nothing has been heard: what
    /// it said before that is still to be read, and says who answers there.
    fn or_unheard<T>(&self, written: Poll<io::Result<T>>, all: T) -> Poll<io::Result<T>> {
        use io::ErrorKind::{BrokenPipe, ConnectionReset};
        match written {
            Poll::Ready(Err(error))
                if self.heard == 0 && matches!(error.kind(), BrokenPipe | ConnectionReset) =>
            {
                Poll::Ready(Ok(all))
            }
            written => written,
        }
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
        let written = Pin::new(&mut *self.stream).poll_write(context, bytes);
        self.or_unheard(written, bytes.len())
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(context)?;
        let flushed = Pin::new(&mut *self.stream).poll_flush(context);
        self.or_unheard(flushed, ())
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
        let written = Pin::new(&mut *self.stream).poll_write_vectored(context, slices);
        self.or_unheard(written, slices.iter().map(|slice| slice.len()).sum())
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind::BrokenPipe;

    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::UnixStream;

    use super::*;

    const PAGE: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\r\n";

    /// A wire whose other side has said that, and has closed.
    async fn closed_after(said: &[u8]) -> TokioIo<Wire> {
        let (mut other, ours) = UnixStream::pair().expect("a pair of sockets");
        other.write_all(said).await.expect("it is said");
        drop(other);
        TokioIo::new(Wire::new(TokioIo::new(ours), Trail::new()))
    }

    #[tokio::test]
    async fn what_was_said_before_the_end_is_heard_though_nothing_can_be_written() {
        let mut wire = closed_after(PAGE).await;
        let slices = [io::IoSlice::new(b"PRI * "), io::IoSlice::new(b"HTTP/2.0")];
        assert_eq!(wire.write_vectored(&slices).await.expect("taken for written"), 14);
        assert_eq!(wire.write(b"SETTINGS").await.expect("taken for written"), 8);
        wire.flush().await.expect("taken for written");
        let mut heard = Vec::new();
        wire.read_to_end(&mut heard).await.expect("it is read");
        assert_eq!(heard, PAGE);
        assert_eq!(wire.inner().trail.greeting(), PAGE[..GREETING_BYTES]);
    }

    #[tokio::test]
    async fn once_something_was_heard_a_write_fails_as_it_does() {
        let mut wire = closed_after(PAGE).await;
        wire.read_u8().await.expect("the first byte");
        let written = wire.write(b"more").await;
        assert_eq!(written.map_err(|error| error.kind()), Err(BrokenPipe));
    }

    #[tokio::test]
    async fn who_closed_without_a_word_is_heard_to_have_ended() {
        let mut wire = closed_after(b"").await;
        assert_eq!(wire.write(b"more").await.expect("taken for written"), 4);
        assert_eq!(wire.read(&mut [0; 8]).await.expect("the end"), 0);
    }
}
