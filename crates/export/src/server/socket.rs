//! Listening on a Unix socket: a file of mode 0600 that only its owner can connect to.
//!
//! What is in the way is never removed, unless it is a socket that nobody answers on: a regular
//! file or a symbolic link at the path was put there by somebody, perhaps to have us delete or
//! follow it.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Component, Path, PathBuf};

use super::listen::BACKLOG;
use nanometer_core::Warning;
use rustix::fs::Mode;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

/// The longest path of a Unix socket, bytes: `sun_path` of Linux less its final NUL.
const MAX_PATH_BYTES: usize = 107;

/// A listening socket with its file, which is removed when this is dropped, if it is still the one
/// that was made.
#[derive(Debug)]
pub struct UnixSocket {
    /// What listens, not blocking.
    pub listener: UnixListener,
    /// Where the file is: absolute, without `.`, `..` or symbolic links before the last part.
    pub path: PathBuf,
    device: u64,
    inode: u64,
}

impl Drop for UnixSocket {
    fn drop(&mut self) {
        let found = fs::symlink_metadata(&self.path);
        if found.is_ok_and(|found| (found.dev(), found.ino()) == (self.device, self.inode)) {
            // Nobody is there to hear that it failed; the next process finds a stale socket.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Binds a socket at `path`, mode 0600. The directory must exist.
///
/// # Errors
///
/// A warning that names the path: `NANOMETER_SOCKET_PATH` where it is too long or names no file,
/// `NANOMETER_SOCKET_IN_USE` where a server answers there, `NANOMETER_SOCKET_BLOCKED` where
/// something else than a socket is there, `NANOMETER_LISTEN` for any other reason.
pub fn bind_unix(path: &Path) -> Result<UnixSocket, Warning> {
    let refuse = |code, why: String| Warning {
        code,
        message: format!(
            "the inspection server has no Unix socket at {}: {why}; recording goes on (set the option \
             stateDir, or inspection.socket: false)",
            path.display()
        ),
    };
    let system = |error: io::Error| refuse("NANOMETER_LISTEN", error.to_string());
    let resolved = resolve(path).map_err(system)?;
    let Some(resolved) = resolved else {
        return Err(refuse(
            "NANOMETER_SOCKET_PATH",
            "the path does not end in a file's name".to_owned(),
        ));
    };
    let length = resolved.as_os_str().len();
    if length > MAX_PATH_BYTES {
        let why = format!("the path has {length} bytes, at most {MAX_PATH_BYTES} fit");
        return Err(refuse("NANOMETER_SOCKET_PATH", why));
    }
    match remove_stale(&resolved).map_err(system)? {
        Obstacle::None => {}
        Obstacle::Server => {
            return Err(refuse(
                "NANOMETER_SOCKET_IN_USE",
                "another server answers there".to_owned(),
            ));
        }
        Obstacle::File => {
            let why = "something that is not a socket is there, and is left alone".to_owned();
            return Err(refuse("NANOMETER_SOCKET_BLOCKED", why));
        }
    }
    let listener = bind_private(&resolved).map_err(system)?;
    let made = fs::symlink_metadata(&resolved).map_err(system)?;
    Ok(UnixSocket { listener, path: resolved, device: made.dev(), inode: made.ino() })
}

/// The path with its directory resolved; `None` where it does not end in a name.
fn resolve(path: &Path) -> io::Result<Option<PathBuf>> {
    let Some(Component::Normal(name)) = path.components().next_back() else { return Ok(None) };
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    Ok(Some(fs::canonicalize(directory)?.join(name)))
}

/// What stands where a socket is to be made.
enum Obstacle {
    None,
    Server,
    File,
}

/// Removes a socket that refuses connections; says what is there otherwise.
fn remove_stale(path: &Path) -> io::Result<Obstacle> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Obstacle::None),
        Err(error) => return Err(error),
    };
    if !found.file_type().is_socket() {
        return Ok(Obstacle::File);
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            fs::remove_file(path)?;
            Ok(Obstacle::None)
        }
        // Whatever else it answers, or that it has no place left in its queue: it lives.
        _ => Ok(Obstacle::Server),
    }
}

/// A listener whose file has mode 0600 from its first moment: Linux gives the file the mode of the
/// socket. (The process' umask would do it anywhere, and disturb every other thread meanwhile.)
fn bind_private(path: &Path) -> io::Result<UnixListener> {
    let socket = rustix::net::socket_with(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
        None,
    )?;
    let owner_only = Mode::RUSR | Mode::WUSR;
    rustix::fs::fchmod(&socket, owner_only)?;
    rustix::net::bind(&socket, &SocketAddrUnix::new(path)?)?;
    rustix::net::listen(&socket, BACKLOG)?;
    Ok(UnixListener::from(socket))
}
