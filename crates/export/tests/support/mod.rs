//! A meter with a server, and a client that writes and reads bytes.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod spans;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nanometer_core::{Level, Meter, Options, TracingOptions};
use nanometer_export::{Inspection, InspectionOptions};

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub fn meter() -> Arc<Meter> {
    meter_that_traces(None)
}

pub fn meter_that_traces(tracing: Option<TracingOptions>) -> Arc<Meter> {
    let options = Options {
        service: "tested".to_owned(),
        level: Level::Production,
        state_dir: None,
        max_lane_bytes: 16 << 20,
        resource: [("service.name".to_owned(), "tested".into())].into_iter().collect(),
        tracing,
    };
    Meter::new(&options).unwrap()
}

/// Options for a server on a free port.
pub fn on_tcp() -> InspectionOptions {
    InspectionOptions {
        host: "127.0.0.1".to_owned(),
        port: Some(0),
        ..InspectionOptions::default()
    }
}

/// A server that must start without warnings.
pub fn serve(meter: &Arc<Meter>, options: InspectionOptions) -> Inspection {
    let (inspection, warnings) = Inspection::start(Arc::clone(meter), options);
    assert_eq!(warnings, []);
    inspection
}

pub fn connect(inspection: &Inspection) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", inspection.port.unwrap())).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// An answer, its body decoded if it was chunked.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (given, value) = line.split_once(':')?;
            given.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn error_code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// Sends bytes on a connection of their own and reads the first answer.
pub fn raw(inspection: &Inspection, request: &[u8]) -> Reply {
    let mut stream = connect(inspection);
    stream.write_all(request).unwrap();
    read_reply(&mut stream, false)
}

/// Sends bytes over the Unix socket and reads the answer.
pub fn raw_unix(path: &Path, request: &[u8]) -> Reply {
    let mut stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request).unwrap();
    read_reply(&mut stream, false)
}

pub fn get(inspection: &Inspection, path: &str) -> Reply {
    get_with(inspection, path, "")
}

/// `headers`: lines, each with its CRLF.
pub fn get_with(inspection: &Inspection, path: &str, headers: &str) -> Reply {
    raw(inspection, format!("GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n").as_bytes())
}

pub fn put_level(body: &str, headers: &str) -> Vec<u8> {
    put("/level", body, headers)
}

pub fn put(path: &str, body: &str, headers: &str) -> Vec<u8> {
    let length = body.len();
    format!("PUT {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// Reads one answer. `bodiless`: it is one to HEAD.
pub fn read_reply(stream: &mut impl Read, bodiless: bool) -> Reply {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        assert_eq!(
            stream.read(&mut byte).unwrap(),
            1,
            "closed in the head: {:?}",
            String::from_utf8_lossy(&bytes)
        );
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut reply = Reply { status, head, body: Vec::new() };
    if bodiless {
        return reply;
    }
    if reply.header("transfer-encoding").is_some() {
        loop {
            let size = usize::from_str_radix(read_line(stream).trim(), 16).unwrap();
            let mut chunk = vec![0; size + 2];
            stream.read_exact(&mut chunk).unwrap();
            if size == 0 {
                return reply;
            }
            reply.body.extend_from_slice(&chunk[..size]);
        }
    }
    match reply.header("content-length").map(|length| length.parse().unwrap()) {
        Some(length) => {
            reply.body = vec![0; length];
            stream.read_exact(&mut reply.body).unwrap();
        }
        None => {
            stream.read_to_end(&mut reply.body).unwrap();
        }
    }
    reply
}

fn read_line(stream: &mut impl Read) -> String {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\n") {
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "closed in a chunk");
        line.push(byte[0]);
    }
    String::from_utf8(line).unwrap()
}

/// Reads until the other side closes; how many bytes there were. A reset counts as closed.
pub fn read_to_close(stream: &mut impl Read) -> usize {
    let mut bytes = 0;
    let mut scrap = [0; 64 * 1024];
    loop {
        match stream.read(&mut scrap) {
            Ok(0) => return bytes,
            Ok(more) => bytes += more,
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return bytes,
            Err(error) => panic!("not closed: {error}"),
        }
    }
}

/// Tries until it is so.
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::yield_now();
    }
}

/// The value of a sample line, if it is there.
pub fn sample(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}
