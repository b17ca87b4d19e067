//! `hpa-controller`: the algorithm against a real cluster. This file starts it; `controller` holds it.

#[cfg(not(target_arch = "wasm32"))]
mod controller;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    controller::start::main()
}

/// There is no cluster in a browser; the workspace is checked for it nevertheless.
#[cfg(target_arch = "wasm32")]
fn main() {}
