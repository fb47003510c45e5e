//! Bodies of answers: whole, or streamed a chunk a turn.

use std::convert::Infallible;
use std::io::Write;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;

use super::watch::{BodyTicket, Watch};
use crate::encode::negotiate::Coding;
use crate::self_stats::SelfStats;

/// Compressed bytes are sent on when there are so many.
const FRAME_BYTES: usize = 16 * 1024;

/// The body of an answer.
pub struct Answer {
    content: Content,
    /// Last, so that the connection hears of the end when all else is done.
    _ticket: BodyTicket,
}

enum Content {
    Nothing,
    Whole(Option<Bytes>),
    Streamed(Box<Stream>),
}

/// A body that is made while it is sent.
pub struct Streamed {
    /// Uncompressed chunks.
    pub chunks: Box<dyn Iterator<Item = Vec<u8>>>,
    /// How they are coded.
    pub coding: Coding,
    /// What is to be counted when the last byte has been taken.
    pub tally: Option<Tally>,
    /// The right to make such an answer, one of a few.
    pub permit: OwnedSemaphorePermit,
}

/// A scrape under way.
pub struct Tally {
    /// Where it is counted.
    pub stats: Arc<SelfStats>,
    /// When its request arrived.
    pub began: Instant,
}

impl Answer {
    /// A body that is there already.
    pub fn whole(bytes: impl Into<Bytes>, watch: &Rc<Watch>) -> Answer {
        Answer {
            content: Content::Whole(Some(bytes.into())),
            _ticket: BodyTicket(Rc::clone(watch)),
        }
    }

    /// No body, and no word on its length: for HEAD.
    pub fn headers_only(watch: &Rc<Watch>) -> Answer {
        Answer { content: Content::Nothing, _ticket: BodyTicket(Rc::clone(watch)) }
    }

    /// A body that is made while it is sent, a chunk each time that the connection has its turn:
    /// other connections have theirs in between.
    pub fn streamed(streamed: Streamed, watch: &Rc<Watch>) -> Answer {
        let watch = Rc::clone(watch);
        let stream = Stream {
            chunks: Some(streamed.chunks),
            gzip: match streamed.coding {
                Coding::Identity => None,
                Coding::Gzip => Some(GzEncoder::new(Vec::new(), Compression::fast())),
            },
            tally: streamed.tally,
            sent: 0,
            last_turn: watch.turns(),
            watch: Rc::clone(&watch),
            _permit: streamed.permit,
        };
        Answer { content: Content::Streamed(Box::new(stream)), _ticket: BodyTicket(watch) }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = match &mut self.content {
            Content::Nothing => None,
            Content::Whole(bytes) => bytes.take(),
            Content::Streamed(stream) => {
                let turn = stream.watch.turns();
                if turn == stream.last_turn {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                stream.last_turn = turn;
                match stream.advance() {
                    Progress::Frame(bytes) => Some(bytes.into()),
                    Progress::NotYet => {
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    Progress::End => None,
                }
            }
        };
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.content, Content::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64)
            }
            Content::Nothing | Content::Streamed(_) => SizeHint::default(),
        }
    }
}

/// A streamed body under way.
struct Stream {
    /// `None` when they have been taken to their end.
    chunks: Option<Box<dyn Iterator<Item = Vec<u8>>>>,
    gzip: Option<GzEncoder<Vec<u8>>>,
    tally: Option<Tally>,
    /// Bytes handed over so far.
    sent: u64,
    last_turn: u64,
    watch: Rc<Watch>,
    _permit: OwnedSemaphorePermit,
}

enum Progress {
    Frame(Vec<u8>),
    NotYet,
    End,
}

impl Stream {
    /// Takes one chunk.
    fn advance(&mut self) -> Progress {
        let chunk = self.chunks.as_mut().and_then(Iterator::next);
        let frame = match chunk {
            Some(chunk) => match &mut self.gzip {
                None => chunk,
                Some(gzip) => {
                    // Memory takes every write.
                    let _ = gzip.write_all(&chunk);
                    if gzip.get_ref().len() < FRAME_BYTES {
                        return Progress::NotYet;
                    }
                    std::mem::take(gzip.get_mut())
                }
            },
            None => {
                self.chunks = None;
                match self.gzip.take().and_then(|gzip| gzip.finish().ok()) {
                    Some(rest) => rest,
                    None => {
                        if let Some(Tally { stats, began }) = self.tally.take() {
                            stats.scraped(began.elapsed(), self.sent);
                        }
                        return Progress::End;
                    }
                }
            }
        };
        self.sent += frame.len() as u64;
        Progress::Frame(frame)
    }
}
