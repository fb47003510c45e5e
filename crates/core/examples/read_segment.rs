//! Prints the snapshot of a segment file, of a process that lives or one that is dead, as JSON.
//!
//! ```text
//! cargo run --release -p nanometer-core --example read_segment -- SEGMENT...
//! ```

use std::path::PathBuf;
use std::process::ExitCode;

use nanometer_core::reader;

fn main() -> ExitCode {
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        match reader::read(&path) {
            Ok(snapshot) => println!("{}", serde_json::json!(snapshot)),
            Err(error) => {
                eprintln!("{}: {error}", path.display());
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
