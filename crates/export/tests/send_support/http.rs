//! A receiver of HTTP/1.1 that answers with given bytes, for good or ill.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// A request that came.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Counts connections from 0.
    pub connection: usize,
    /// `POST /v1/metrics HTTP/1.1`.
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What is done about a request: each step in order.
#[derive(Clone, Debug)]
pub enum Step {
    Write(Vec<u8>),
    Wait(Duration),
    /// Closes properly.
    Close,
    /// Closes with a reset.
    Reset,
}

/// A receiver. It ends with the test.
pub struct Receiver {
    pub address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    /// Answers request number n with the steps that `script` gives for n.
    pub async fn start(script: impl Fn(usize) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let script = Arc::new(script);
        let task = tokio::spawn(async move {
            for connection in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (kept, script) = (Arc::clone(&kept), Arc::clone(&script));
                tokio::spawn(async move { play(stream, connection, &kept, &*script).await });
            }
        });
        Receiver { address, seen, task }
    }

    /// Over a Unix socket.
    pub fn start_on_socket(
        path: &std::path::Path,
        script: impl Fn(usize) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        let listener = UnixListener::bind(path).expect("a socket");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, 0, &kept, &script).await;
            }
        });
        Receiver { address: format!("unix:{}", path.display()), seen, task }
    }

    /// Answers every request with the same bytes.
    pub async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |_| vec![Step::Write(answer.clone())]).await
    }

    pub fn url(&self) -> String {
        format!("http://{}/v1/metrics", self.address)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic").clone()
    }
}

async fn play(
    mut stream: TcpStream,
    connection: usize,
    kept: &Mutex<Vec<Seen>>,
    script: &(impl Fn(usize) -> Vec<Step> + ?Sized),
) {
    if serve(&mut stream, connection, kept, script).await == Some(Step::Reset) {
        // With data unread or not: closing with a linger of nothing sends a reset.
        stream.set_zero_linger().expect("a socket");
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        matches!((self, other), (Step::Reset, Step::Reset) | (Step::Close, Step::Close))
    }
}

/// Serves a connection until a step ends it.
pub async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    connection: usize,
    kept: &Mutex<Vec<Seen>>,
    script: &(impl Fn(usize) -> Vec<Step> + ?Sized),
) -> Option<Step> {
    let mut buffer = Vec::new();
    loop {
        let seen = read_request(&mut stream, &mut buffer, connection).await?;
        let number = {
            let mut kept = kept.lock().expect("no panic");
            kept.push(seen);
            kept.len() - 1
        };
        for step in script(number) {
            match step {
                Step::Write(bytes) => stream.write_all(&bytes).await.ok()?,
                Step::Wait(time) => sleep(time).await,
                end => return Some(end),
            }
        }
    }
}

async fn read_request(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
    connection: usize,
) -> Option<Seen> {
    let head_ends = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer[..head_ends].to_vec()).ok()?;
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next()?.to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize =
        headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    while buffer.len() < head_ends + length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = buffer[head_ends..head_ends + length].to_vec();
    buffer.drain(..head_ends + length);
    Some(Seen { connection, line, headers, body })
}

/// A whole answer.
pub fn answer(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        answer.push_str(&format!("{name}: {value}\r\n"));
    }
    answer.push_str("\r\n");
    let mut answer = answer.into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// What a receiver of OTLP answers when all is well.
pub fn all_is_well() -> Vec<u8> {
    answer("200 OK", &[("Content-Type", "application/x-protobuf")], b"")
}
