//! Link settings of the addon; generates nothing.

fn main() {
    napi_build::setup();
    // A live native thread outlives a worker that loaded the addon: it must never be unmapped.
    if std::env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("gnu") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
