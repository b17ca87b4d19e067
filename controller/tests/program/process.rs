//! Starts the program, reads its log and its pages, and ends it.

use std::process::Stdio;

use fake_api_server::Server;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

/// The beginning of a config file.
pub(crate) const HEAD: &str = "apiVersion: hpa-playground/v1\nkind: Controller\n";

/// A directory that is deleted when the test ends.
pub(crate) struct Directory(tempfile::TempDir);

impl Directory {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Writes a file and returns its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Serves the fake API server and writes a kubeconfig for it.
    pub(crate) async fn kubeconfig(&self, server: &Server) -> String {
        self.write("kubeconfig", &kubeconfig(&server.listen().await))
    }
}

/// A kubeconfig for an API server at that address.
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

/// The program, running.
pub(crate) struct Program {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
    logged: String,
}

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit status.
    pub(crate) code: i32,
    pub(crate) output: String,
    pub(crate) log: String,
}

impl Program {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_in(&[], arguments)
    }

    /// Starts the program with environment variables.
    pub(crate) fn start_in(environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        // Read at run time: a compiler that is started through a shell script does not see a variable
        // with a hyphen in its name.
        let binary = std::env::var_os("CARGO_BIN_EXE_hpa-controller").expect("cargo sets it");
        let mut child = Command::new(binary)
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        Self {
            child,
            log,
            logged: String::new(),
        }
    }

    /// Reads the JSON log until a line has this message.
    pub(crate) async fn logged(&mut self, message: &str) -> Value {
        while let Some(line) = self.log.next_line().await.unwrap() {
            self.logged.push_str(&line);
            self.logged.push('\n');
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            if entry["message"] == message {
                return entry;
            }
        }
        panic!("it ended before it logged {message:?}:\n{}", self.logged);
    }

    /// The address that it serves its pages on.
    pub(crate) async fn address(&mut self) -> String {
        let entry = self.logged("listening").await;
        entry["address"].as_str().unwrap().to_owned()
    }

    /// Asks it to end with SIGTERM.
    pub(crate) async fn terminate(self) -> Ended {
        let id = self.child.id().unwrap().to_string();
        let kill = Command::new("kill").arg(id).status().await;
        assert!(kill.unwrap().success());
        self.ended().await
    }

    /// Kills it.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Waits until it ends.
    pub(crate) async fn ended(mut self) -> Ended {
        let mut stdout = self.child.stdout.take().unwrap();
        let mut output = String::new();
        let reading = async {
            while let Some(line) = self.log.next_line().await.unwrap() {
                self.logged.push_str(&line);
                self.logged.push('\n');
            }
        };
        let (read, ()) = tokio::join!(stdout.read_to_string(&mut output), reading);
        read.unwrap();
        let status = self.child.wait().await.unwrap();
        Ended {
            code: status.code().unwrap(),
            output,
            log: self.logged,
        }
    }
}

/// Runs the program until it ends.
pub(crate) async fn run(arguments: &[&str]) -> Ended {
    Program::start(arguments).ended().await
}

/// The response of one of the program's own pages, headers included.
pub(crate) async fn page(address: &str, path: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}
