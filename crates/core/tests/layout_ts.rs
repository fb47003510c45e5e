//! Renders the TypeScript twin of the memory layout and fails where the committed one is stale.

use std::fmt::Write as _;
use std::path::Path;

use nanometer_core::layout::{LAYOUT_HASH, SHARED_WITH_TYPESCRIPT, desk, spans};

const UPDATE: &str = "NANOMETER_UPDATE_LAYOUT=1 cargo test -p nanometer-core --test layout_ts";

fn render() -> String {
    let mut file = String::from(
        "/**\n * The memory layout, as TypeScript sees it. Generated from `crates/core/src/layout.rs`, which explains\n * it; do not edit.\n */\n\n",
    );
    let parts = [spans::SHARED_WITH_TYPESCRIPT, desk::SHARED_WITH_TYPESCRIPT];
    let shared = SHARED_WITH_TYPESCRIPT.into_iter().chain(parts.into_iter().flatten().copied());
    for (name, what, value) in shared {
        let what = what.trim();
        let _ = writeln!(file, "/** {what} */\nexport const {name} = {value};");
    }
    let _ = writeln!(
        file,
        "/** Tells layouts of one version apart. */\nexport const LAYOUT_HASH = '{LAYOUT_HASH:016x}';"
    );
    file
}

#[test]
fn the_typescript_layout_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/generated/layout.ts");
    let rendered = render();
    if std::env::var_os("NANOMETER_UPDATE_LAYOUT").is_some() {
        std::fs::write(&path, &rendered).expect("the generated file can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        committed, rendered,
        "src/generated/layout.ts is stale; make it anew with\n\n    {UPDATE}\n"
    );
}
