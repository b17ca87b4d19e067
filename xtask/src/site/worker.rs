//! Generates the service worker of a build: the list of cached files, and their version.

use std::fmt::Write as _;

use anyhow::{Result, ensure};
use xxhash_rust::xxh3::xxh3_64;

/// A service worker for development servers: it replaces a caching one and unregisters itself.
pub(crate) const REMOVES_ITSELF: &str = "\
addEventListener('install', () => skipWaiting());
addEventListener('activate', () => registration.unregister());
";

/// The service worker of a site with these files and the hashes of their contents. `rest` is its code,
/// which uses `VERSION` and `FILES`.
///
/// # Errors
/// If a file's name would need escapes in JavaScript.
pub(crate) fn source(files: &[(String, u64)], rest: &str) -> Result<String> {
    let mut list = String::new();
    let mut contents = String::new();
    for (path, hash) in files {
        ensure!(
            !path.contains(['\'', '\\', '\n']),
            "a file of the site has a name with quotes: {path}"
        );
        let _ = writeln!(list, "  '{path}',");
        let _ = writeln!(contents, "{path} {hash:016x}");
    }
    let version = xxh3_64(contents.as_bytes());
    Ok(format!(
        "const VERSION = '{version:016x}';\nconst FILES = [\n{list}];\n{rest}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_changes_with_names_and_contents() {
        let worker =
            |name: &str, hash| source(&[(name.to_owned(), hash)], "rest();\n").expect("a worker");
        let one = worker("a.js", 1);
        assert!(one.starts_with("const VERSION = '"), "{one}");
        assert!(
            one.ends_with("';\nconst FILES = [\n  'a.js',\n];\nrest();\n"),
            "{one}"
        );
        let version = |text: &str| text.lines().next().map(str::to_owned);
        assert_eq!(version(&one), version(&worker("a.js", 1)));
        assert_ne!(version(&one), version(&worker("a.js", 2)));
        assert_ne!(version(&one), version(&worker("b.js", 1)));
        assert!(source(&[("it's".to_owned(), 1)], "").is_err());
    }
}
