//! `hpa-controller`: the algorithm against a real cluster. The library holds it; this starts it.

fn main() -> std::process::ExitCode {
    hpa_controller::main()
}
