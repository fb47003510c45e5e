//! A receiver of gRPC on h2 itself, so that it can do what no gRPC server does.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use h2::server::{Connection, SendResponse, handshake};
use hyper::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use prost::Message;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// A call that came.
#[derive(Clone, Debug)]
pub struct Call {
    /// Counts connections from 0.
    pub connection: usize,
    pub method: Method,
    pub path: String,
    pub scheme: String,
    pub headers: HeaderMap,
    /// With the five bytes before the message.
    pub body: Vec<u8>,
}

/// What is done about a call.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Headers, data, trailers.
    Whole {
        headers: Headers,
        data: Vec<u8>,
        trailers: Option<Headers>,
    },
    /// Headers only, with which the stream ends.
    HeadersOnly(u16, Headers),
    /// Resets the stream before any headers, or after them.
    Reset(h2::Reason),
    ResetAfterHeaders(h2::Reason),
    /// Says GOAWAY at once, for all streams, and closes.
    GoAway(h2::Reason),
    /// Answers, then closes the connection gracefully.
    WholeThenGoAway(Vec<u8>),
    /// Closes the connection without a word.
    Close,
    /// Never answers.
    Hang,
}

pub type Headers = Vec<(&'static str, String)>;

/// A receiver. It ends with the test.
pub struct Receiver {
    pub address: String,
    calls: Arc<Mutex<Vec<Call>>>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    /// Answers call number n as `script` says for n.
    pub async fn start(script: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let calls = Arc::new(Mutex::new(Vec::new()));
        let (kept, script) = (Arc::clone(&calls), Arc::new(script));
        let task = tokio::spawn(async move {
            for connection in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (kept, script) = (Arc::clone(&kept), Arc::clone(&script));
                tokio::spawn(async move { serve(stream, connection, &kept, &*script).await });
            }
        });
        Receiver { address, calls, task }
    }

    /// Over a Unix socket.
    pub fn start_on_socket(path: &std::path::Path, answer: Answer) -> Self {
        let listener = UnixListener::bind(path).expect("a socket");
        let calls = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&calls);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, 0, &kept, &|_| answer.clone()).await;
            }
        });
        Receiver { address: format!("unix:{}", path.display()), calls, task }
    }

    pub async fn answering(answer: Answer) -> Self {
        Self::start(move |_| answer.clone()).await
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().expect("no panic").clone()
    }
}

/// Serves one connection.
pub async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    connection: usize,
    kept: &Mutex<Vec<Call>>,
    script: &(impl Fn(usize) -> Answer + ?Sized),
) {
    let Ok(mut server) = handshake(stream).await else { return };
    while let Some(Ok((request, mut respond))) = server.accept().await {
        let Some(call) = read_call(request, connection, &mut server).await else { return };
        let number = {
            let mut kept = kept.lock().expect("no panic");
            kept.push(call);
            kept.len() - 1
        };
        match script(number) {
            Answer::Whole { headers, data, trailers } => {
                write(&mut respond, 200, headers, Some((data, trailers)));
            }
            Answer::HeadersOnly(status, headers) => write(&mut respond, status, headers, None),
            Answer::Reset(reason) => respond.send_reset(reason),
            Answer::ResetAfterHeaders(reason) => {
                let mut stream =
                    respond.send_response(head(200, grpc_headers()), false).expect("a stream");
                drive(&mut server, Duration::from_millis(20)).await;
                stream.send_reset(reason);
            }
            Answer::GoAway(reason) => server.abrupt_shutdown(reason),
            Answer::WholeThenGoAway(data) => {
                let trailers = Some(vec![("grpc-status", "0".to_owned())]);
                write(&mut respond, 200, grpc_headers(), Some((data, trailers)));
                server.graceful_shutdown();
            }
            Answer::Close => return,
            Answer::Hang => {
                drive(&mut server, Duration::from_secs(60)).await;
                return;
            }
        }
    }
}

/// Lets the connection write and read for a while.
async fn drive<S: AsyncRead + AsyncWrite + Unpin>(
    server: &mut Connection<S, Bytes>,
    time: Duration,
) {
    tokio::select! {
        _ = server.accept() => {}
        () = sleep(time) => {}
    }
}

async fn read_call<S: AsyncRead + AsyncWrite + Unpin>(
    request: Request<h2::RecvStream>,
    connection: usize,
    server: &mut Connection<S, Bytes>,
) -> Option<Call> {
    let (parts, mut stream) = request.into_parts();
    let reading = async {
        let mut body = Vec::new();
        while let Some(data) = stream.data().await {
            let data = data.ok()?;
            stream.flow_control().release_capacity(data.len()).ok()?;
            body.extend_from_slice(&data);
        }
        Some(body)
    };
    let body = tokio::select! {
        body = reading => body?,
        // Drives the connection; one call at a time comes.
        _ = server.accept() => return None,
    };
    Some(Call {
        connection,
        method: parts.method,
        path: parts.uri.path().to_owned(),
        scheme: parts.uri.scheme_str().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    })
}

fn head(status: u16, headers: Headers) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = status.try_into().expect("a status");
    *response.headers_mut() = map(headers);
    response
}

fn map(headers: Headers) -> HeaderMap {
    headers
        .into_iter()
        .map(|(name, value)| {
            (HeaderName::from_static(name), HeaderValue::from_str(&value).expect("a value"))
        })
        .collect()
}

fn write(
    respond: &mut SendResponse<Bytes>,
    status: u16,
    headers: Headers,
    rest: Option<(Vec<u8>, Option<Headers>)>,
) {
    let Some((data, trailers)) = rest else {
        respond.send_response(head(status, headers), true).expect("a stream");
        return;
    };
    let mut stream = respond.send_response(head(status, headers), false).expect("a stream");
    stream.send_data(data.into(), trailers.is_none()).expect("data");
    if let Some(trailers) = trailers {
        stream.send_trailers(map(trailers)).expect("trailers");
    }
}

pub fn grpc_headers() -> Headers {
    vec![("content-type", "application/grpc".to_owned())]
}

/// A message with its five bytes before it.
pub fn framed(message: &[u8]) -> Vec<u8> {
    flagged(0, message)
}

/// With another flag: 1 says that it is compressed.
pub fn flagged(flag: u8, message: &[u8]) -> Vec<u8> {
    let mut data = vec![flag];
    data.extend_from_slice(&u32::try_from(message.len()).expect("short").to_be_bytes());
    data.extend_from_slice(message);
    data
}

/// An answer of status 0 with this message.
pub fn ok(message: &impl Message) -> Answer {
    with_data(framed(&message.encode_to_vec()))
}

/// An answer of status 0 with these bytes as data.
pub fn with_data(data: Vec<u8>) -> Answer {
    let trailers = Some(vec![("grpc-status", "0".to_owned())]);
    Answer::Whole { headers: grpc_headers(), data, trailers }
}

/// An answer of another status, in headers alone as servers do.
pub fn failed(code: i32, details: Option<String>) -> Answer {
    let mut headers = grpc_headers();
    headers.push(("grpc-status", code.to_string()));
    headers.push(("grpc-message", "the%20server's%20words".to_owned()));
    headers.extend(details.map(|details| ("grpc-status-details-bin", details)));
    Answer::HeadersOnly(200, headers)
}
