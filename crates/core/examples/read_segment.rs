//! Prints the snapshot of a segment file, of a process that lives or one that is dead, as JSON; with
//! `--open`, what is open in it, or was when the process ended.
//!
//! ```text
//! cargo run --release -p nanometer-core --example read_segment -- [--open] SEGMENT...
//! ```

use std::path::PathBuf;
use std::process::ExitCode;

use nanometer_core::reader;

fn main() -> ExitCode {
    let (flags, paths): (Vec<_>, Vec<_>) =
        std::env::args_os().skip(1).partition(|argument| argument == "--open");
    for path in paths.into_iter().map(PathBuf::from) {
        let answer = if flags.is_empty() {
            reader::read(&path).map(|snapshot| serde_json::json!(snapshot))
        } else {
            reader::read_open_spans(&path, None).map(|open| serde_json::json!(open))
        };
        match answer {
            Ok(answer) => println!("{answer}"),
            Err(error) => {
                eprintln!("{}: {error}", path.display());
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
