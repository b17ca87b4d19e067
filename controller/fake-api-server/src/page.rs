//! One request over a connection of its own, for the pages that a program serves.

use std::io::{Read as _, Write as _};

/// An answer of the program's own pages, if it listens.
pub fn try_page(address: &str, path: &str) -> Option<String> {
    let mut stream = std::net::TcpStream::connect(address).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    Some(answer)
}

/// [`try_page`] of a program that listens.
pub fn page(address: &str, path: &str) -> String {
    try_page(address, path).expect("it listens")
}
