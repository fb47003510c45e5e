//! One connection, from its first byte to its last.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::ask::Ask;
use super::body::Answer;
use super::crowd::Place;
use super::limits::{LEAVING, READ_BUFFER_BYTES};
use super::reply::Refusal;
use super::routes::answer;
use super::watch::{Stream, Watched};
use super::{Peer, Site};

/// After we close, so many bytes more are read and thrown away: a close with unread bytes would
/// reset the connection, and the client might never see the answer.
const LINGER_BYTES: usize = 512 * 1024;

/// What one is told that has to make room before its request was read.
const SENT_AWAY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n\
    Content-Length: 0\r\n\r\n";

/// Serves a connection until it ends, takes too long, or has to make room.
pub async fn serve(stream: Box<dyn Stream>, site: Arc<Site>, place: Place, peer: Peer, busy: bool) {
    let watch = Rc::clone(&place.watch);
    let io = TokioIo::new(Watched { stream, watch: Rc::clone(&watch) });
    let service = service_fn(|request| {
        watch.answering();
        let ask = Ask {
            request,
            site: Arc::clone(&site),
            watch: Rc::clone(&watch),
            peer,
            busy,
            began: Instant::now(),
        };
        Box::pin(answer_or_500(ask))
    });
    // The watch has the deadlines.
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(READ_BUFFER_BYTES)
        .serve_connection(io, service);
    let ended = {
        let mut turn = pin!(poll_fn(|cx| connection.poll_without_shutdown(cx)));
        tokio::select! {
            // An error has been answered, if it could be: the peer is gone, or what it sent is no HTTP.
            _ = poll_fn(|cx| watch.take_turn(turn.as_mut(), cx)) => true,
            () = watch.overdue(&site.limits) => false,
        }
    };
    let mut stream = connection.into_parts().io.into_inner().stream;
    if ended || watch.is_sent_away() {
        let farewell = async {
            if ended || stream.write_all(SENT_AWAY).await.is_ok() {
                linger(stream).await;
            }
        };
        // Whoever takes longer is cut off.
        let _ = tokio::time::timeout(LEAVING, farewell).await;
    }
    drop(place);
}

/// Closes our half, and reads what is left of the other, within bounds.
async fn linger(mut stream: Box<dyn Stream>) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut scrap = vec![0; 4 * 1024];
    let mut left = LINGER_BYTES;
    while let Ok(bytes @ 1..) = stream.read(&mut scrap).await {
        match left.checked_sub(bytes) {
            Some(fewer) => left = fewer,
            None => return,
        }
    }
}

/// The answer; 500 where making it panics, which is counted.
async fn answer_or_500(ask: Ask) -> Result<Response<Answer>, std::convert::Infallible> {
    let (site, watch) = (Arc::clone(&ask.site), Rc::clone(&ask.watch));
    let mut answer = pin!(answer(ask));
    let response = poll_fn(|cx| {
        catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(cx)))
            .map_or(Poll::Ready(None), |poll| poll.map(Some))
    });
    Ok(response.await.unwrap_or_else(|| {
        site.stats.panicked();
        let message = "answering failed because of a defect in nanometer";
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Refusal::new(status, "INTERNAL", message).into_response(&watch)
    }))
}
