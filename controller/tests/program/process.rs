//! The program as a process of its own: how tests begin it, ask it, and end it.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

/// A folder that goes when the test ends.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        Self(TempDir::with_prefix(name).unwrap())
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// The beginning of a config file.
pub(crate) const HEAD: &str = "apiVersion: hpa-playground/v1\nkind: Controller\n";

pub(crate) fn kubeconfig(address: &str) -> String {
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "fake", "cluster": {"server": address}}],
        "users": [{"name": "nobody", "user": {}}],
        "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "nobody", "namespace": "kube-system"}}],
        "current-context": "fake",
    })
    .to_string()
}

pub(crate) fn begin(arguments: &[&str]) -> Child {
    begin_in(&[], arguments)
}

/// Begins with variables in its environment.
pub(crate) fn begin_in(environment: &[(&str, &str)], arguments: &[&str]) -> Child {
    // Read when it runs: a compiler started through a shell script does not see a variable with a
    // hyphen in its name.
    let binary = std::env::var_os("CARGO_BIN_EXE_hpa-controller").expect("cargo sets it");
    Command::new(binary)
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Stops a program at once.
pub(crate) fn stopped(mut child: Child) -> Child {
    child.kill().unwrap();
    child.wait().unwrap();
    child
}

/// Asks a program to end.
pub(crate) fn terminate(child: &Child) {
    let kill = Command::new("kill").arg(child.id().to_string()).status();
    assert!(kill.unwrap().success());
}

/// Exit status, output and log of a program that ends.
pub(crate) async fn end(mut child: Child) -> (i32, String, String) {
    let begin = tokio::time::Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "it does not end");
        // The end of another process cannot be awaited without a further dependency.
        tokio::time::sleep(Duration::from_millis(2)).await;
    };
    let (mut out, mut log) = (String::new(), String::new());
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut out)
        .unwrap();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut log)
        .unwrap();
    (status.code().unwrap(), out, log)
}

pub(crate) async fn run(arguments: &[&str]) -> (i32, String, String) {
    end(begin(arguments)).await
}

pub(crate) fn free_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
