//! `hpa-controller`: runs the library with the process's arguments.

use std::process::ExitCode;

use hpa_controller::{Args, ExitStatus, run_until_signal};

fn main() -> ExitCode {
    let args = Args::read(std::env::args_os()).unwrap_or_else(|error| error.exit());
    // One thread: the controller mostly waits.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the runtime needs only a file descriptor or two");
    let result = runtime.block_on(run_until_signal(&args));
    result.map_or_else(
        |error| {
            eprintln!("hpa-controller: {error}");
            ExitStatus::InvalidInput.into()
        },
        ExitCode::from,
    )
}
