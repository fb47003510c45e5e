//! Requests as lines of standard output.
//!
//! A pipe that nobody reads, or a terminal that is held, would stop whoever writes: so a thread of
//! its own does, one a process, and what it does not begin in time is dropped; what follows too, at
//! once, until there is room again. A line that it has begun it finishes, since half a line would be
//! worse than a late one.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, write};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::open_error::OpenSenderError;
use super::outcome::{Outcome, Problem, Reason};

/// How long a line may wait to be written.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many lines may wait. There are two signals an exporter, and each sends one at a time.
const WAITING_LINES: usize = 4;

/// How much a pipe takes at once without making its writer wait, if it takes anything: `PIPE_BUF`.
const PIECE_BYTES: usize = 4096;

/// How long the thread waits for room before it looks whether the line is still wanted.
const ROOM_WAIT: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// Only to look whether there is room.
const NO_WAIT: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// Hands lines to the thread that writes them.
#[derive(Clone)]
pub(super) struct StdoutSender {
    lines: SyncSender<Line>,
    output: Arc<OwnedFd>,
    /// A line was dropped, and none has been written since.
    is_stuck: Arc<AtomicBool>,
}

struct Line {
    text: Vec<u8>,
    state: Arc<AtomicU8>,
    done: oneshot::Sender<io::Result<()>>,
}

/// Nobody has touched the line. Either side may take it from here: the thread to begin it, the
/// sender to give it up.
const WAITS: u8 = 0;
/// The thread writes it, and will until it is done.
const BEGUN: u8 = 1;
/// The sender has counted it as dropped.
const GIVEN_UP: u8 = 2;

static SHARED: Mutex<Option<StdoutSender>> = Mutex::new(None);

impl StdoutSender {
    /// The process's own standard output: one writer for all who send to it.
    pub(super) fn open() -> Result<Self, OpenSenderError> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = &*shared {
            return Ok(sender.clone());
        }
        let opened = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)
            .map_err(io::Error::from)
            .and_then(StdoutSender::onto)
            .map_err(|error| OpenSenderError {
                option: "stdout",
                what: format!("standard output cannot be written: {error}"),
            })?;
        Ok(shared.insert(opened).clone())
    }

    /// Starts a thread that writes to `output`. It ends with the last sender.
    fn onto(output: OwnedFd) -> io::Result<Self> {
        let (lines, waiting) = sync_channel(WAITING_LINES);
        let output = Arc::new(output);
        let written = Arc::clone(&output);
        thread::Builder::new()
            .name("nanometer-stdout".to_owned())
            .spawn(move || write_lines(&written, &waiting))?;
        Ok(StdoutSender { lines, output, is_stuck: Arc::default() })
    }

    pub(super) async fn send(&self, body: &Bytes) -> Outcome {
        if self.is_stuck.load(Ordering::Relaxed)
            && matches!(has_room(&self.output, NO_WAIT), Ok(false))
        {
            return blocked();
        }
        let outcome = self.hand_over(body).await;
        let is_stuck =
            matches!(&outcome, Outcome::Refused(problem) if problem.reason == Reason::Blocked);
        self.is_stuck.store(is_stuck, Ordering::Relaxed);
        outcome
    }

    async fn hand_over(&self, body: &Bytes) -> Outcome {
        let mut text = Vec::with_capacity(body.len() + 1);
        text.extend_from_slice(body);
        text.push(b'\n');
        let state = Arc::new(AtomicU8::new(WAITS));
        let (done, written) = oneshot::channel();
        let line = Line { text, state: Arc::clone(&state), done };
        if self.lines.try_send(line).is_err() {
            return blocked();
        }
        match timeout(PATIENCE, written).await {
            Ok(Ok(Ok(()))) => Outcome::Delivered { rejected: 0, warning: None },
            Ok(Ok(Err(error))) => {
                let message = format!("standard output cannot be written: {error}");
                Outcome::Refused(Problem::new(Reason::Io, message))
            }
            Ok(Err(_)) => blocked(),
            Err(_) => {
                // If the thread has begun the line, it comes late; it is counted as dropped all
                // the same, since it may never come.
                let _ =
                    state.compare_exchange(WAITS, GIVEN_UP, Ordering::Relaxed, Ordering::Relaxed);
                blocked()
            }
        }
    }
}

fn blocked() -> Outcome {
    let message = "nobody reads standard output: what is exported to it is dropped".to_owned();
    Outcome::Refused(Problem::new(Reason::Blocked, message))
}

fn write_lines(output: &OwnedFd, waiting: &Receiver<Line>) {
    for line in waiting {
        if let Some(written) = write_line(output, &line) {
            // The sender may have gone.
            let _ = line.done.send(written);
        }
    }
}

/// Writes a line, or nothing if it is no longer wanted.
fn write_line(output: &OwnedFd, line: &Line) -> Option<io::Result<()>> {
    let mut rest = &line.text[..];
    while !rest.is_empty() {
        match has_room(output, ROOM_WAIT) {
            Ok(true) => {}
            Ok(false) if line.state.load(Ordering::Relaxed) == GIVEN_UP => return None,
            Ok(false) => continue,
            Err(error) => return Some(Err(error)),
        }
        let begun = line.state.compare_exchange(WAITS, BEGUN, Ordering::Relaxed, Ordering::Relaxed);
        if begun == Err(GIVEN_UP) {
            return None;
        }
        match write(output.as_fd(), &rest[..rest.len().min(PIECE_BYTES)]) {
            Ok(written) => rest = &rest[written..],
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(error) => return Some(Err(error.into())),
        }
    }
    Some(Ok(()))
}

/// Whether a piece can be written without waiting, as far as can be told beforehand. Errors are
/// for the writing to find.
fn has_room(output: &OwnedFd, wait: Timespec) -> io::Result<bool> {
    let mut asked = [PollFd::new(output, PollFlags::OUT)];
    match poll(&mut asked, Some(&wait)) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, PipeReader, pipe};

    use super::*;

    fn piped() -> (StdoutSender, PipeReader) {
        let (reader, writer) = pipe().unwrap();
        (StdoutSender::onto(writer.into()).unwrap(), reader)
    }

    fn reason(outcome: &Outcome) -> Option<Reason> {
        match outcome {
            Outcome::Refused(problem) => Some(problem.reason),
            _ => None,
        }
    }

    #[tokio::test]
    async fn each_request_is_a_line() {
        let (sender, reader) = piped();
        let large = format!("[{}]", "1,".repeat(500_000));
        let expected = ["{}".to_owned(), large, "[]".to_owned()];
        let reading = thread::spawn(|| {
            BufReader::new(reader).lines().collect::<Result<Vec<_>, _>>().unwrap()
        });
        for line in &expected {
            let outcome = sender.send(&Bytes::from(line.clone())).await;
            assert_eq!(outcome, Outcome::Delivered { rejected: 0, warning: None });
        }
        drop(sender);
        assert_eq!(reading.join().unwrap(), expected);
    }

    #[tokio::test]
    async fn what_nobody_reads_is_dropped_and_no_line_is_torn() {
        let (sender, reader) = piped();
        let begun = Bytes::from("a".repeat(1_000_000));
        let started = std::time::Instant::now();
        let late = Bytes::from_static(b"never begun");
        let (first, second) = tokio::join!(sender.send(&begun), sender.send(&late));
        assert_eq!(
            (reason(&first), reason(&second)),
            (Some(Reason::Blocked), Some(Reason::Blocked))
        );
        assert!(started.elapsed() < PATIENCE * 2);
        // It is known by now: nothing waits for it any more.
        let known = std::time::Instant::now();
        for _ in 0..20 {
            assert_eq!(reason(&sender.send(&late).await), Some(Reason::Blocked));
        }
        assert!(known.elapsed() < PATIENCE);

        let reading = thread::spawn(|| {
            BufReader::new(reader).lines().collect::<Result<Vec<_>, _>>().unwrap()
        });
        // As soon as there is room.
        while let Outcome::Refused(_) = sender.send(&Bytes::from_static(b"read again")).await {
            tokio::task::yield_now().await;
        }
        drop(sender);
        let lines = reading.join().unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].as_bytes(), begun);
        assert_eq!(lines[1], "read again");
    }

    #[tokio::test]
    async fn lines_past_what_may_wait_are_dropped_at_once() {
        let (sender, _reader) = piped();
        let line = Bytes::from("a".repeat(1_000_000));
        let sends = (0..WAITING_LINES + 4).map(|_| {
            let (sender, line) = (sender.clone(), line.clone());
            async move { reason(&sender.send(&line).await) }
        });
        let mut dropped = 0;
        for send in sends.map(tokio::spawn).collect::<Vec<_>>() {
            dropped += usize::from(send.await.unwrap() == Some(Reason::Blocked));
        }
        assert_eq!(dropped, WAITING_LINES + 4);
    }

    #[tokio::test]
    async fn a_reader_that_has_gone_is_told_of() {
        let (sender, reader) = piped();
        drop(reader);
        let outcome = sender.send(&Bytes::from_static(b"{}")).await;
        assert_eq!(reason(&outcome), Some(Reason::Io));
    }
}
