#!/usr/bin/env bash
# Installs what building, serving and testing this checkout needs. Does not touch what is
# already installed: with nothing missing the script prints nothing, needs neither root nor
# network, and takes about a second.
#
#   scripts/setup.sh [SCOPE] [--check]
#
#   compile   the wasm32 standard library, wasm-bindgen, Trunk, wasm-opt
#   test      compile, wasm-pack, Chromium with its driver, the node packages of e2e/ (default); Firefox,
#             WebKit and their drivers where Debian's packages are at hand: the tests run without them
#   --check   install nothing; name what is missing and exit 1
#
# The wasm32 standard library is, in this order: that of the active toolchain; one that rustup
# installs, unless RUSTUP_AUTO_INSTALL=0 forbids rustup to download; one compiled from Debian's
# packaged Rust sources into a toolchain called hpa-wasm, which rustup then uses in this checkout.
#
# There is deliberately no rust-toolchain.toml: without a network it fails, and with one it replaces
# the toolchain that the user chose. Cargo.toml's rust-version states the minimum.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"

readonly TARGET=wasm32-unknown-unknown TOOLCHAIN=hpa-wasm
readonly TRUNK=0.21.14 WASM_PACK=0.15.1 GECKODRIVER=0.37.1 BINARYEN=132 BINARYEN_OLDEST=108
readonly CACHE=${HPA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hpa-playground}
readonly BIN=${CARGO_INSTALL_ROOT:-${CARGO_HOME:-$HOME/.cargo}}/bin
export PATH=$PATH:$BIN # last, so that a tool elsewhere on PATH takes precedence, as it does for cargo and Trunk

scope=test mode=install
for argument in "$@"; do
  case $argument in
    compile | test) scope=$argument ;;
    --check) mode=check ;;
    *) echo "setup: unknown argument '$argument' (known: compile, test, --check)" >&2; exit 2 ;;
  esac
done

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { printf 'setup: error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

lacking=0
# lacks WHAT COMMAND: true if WHAT should be installed now; with --check, prints it and is false.
lacks() {
  if [[ $mode == check ]]; then
    say "missing: $1 (install it with: $2)"
    lacking=1
    return 1
  fi
  lock
  say "installing $1"
}

# Several checkouts share the tools and the cache: one installs, the others wait.
locked=0
lock() {
  if ((!locked)) && have flock; then
    mkdir -p "$CACHE"
    exec 9>"$CACHE/lock"
    flock 9
  fi
  locked=1
}

apt_fresh=0
apt_install() {
  local sudo=()
  have apt-get || fail "missing: $* (install them with your system's package manager)"
  if ((EUID != 0)); then
    sudo=(sudo)
    [[ -t 0 ]] || sudo=(sudo -n)
    have sudo || fail "missing: $* (as root: apt-get install $*)"
  fi
  if ((!apt_fresh)); then
    ${sudo[@]+"${sudo[@]}"} apt-get update -qq || say "apt-get update failed, continuing with the old lists"
    apt_fresh=1
  fi
  ${sudo[@]+"${sudo[@]}"} env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null \
    || fail "not installed: $* (as root: apt-get update && apt-get install $*)"
}

# ---- the wasm32 standard library ----

has_std() { # has_std [+TOOLCHAIN]
  local libs
  libs=$(rustc "$@" --print target-libdir --target "$TARGET" 2>/dev/null) || return 1
  compgen -G "$libs/libcore-*.rlib" >/dev/null
}

in_force() { [[ $(rustup show active-toolchain 2>/dev/null) == "$TOOLCHAIN "* ]]; }

# A compiled library matches exactly one build of the compiler and one set of options.
debian_rustc() {
  /usr/bin/rustc -vV 2>/dev/null | sed -n 's/^\(release\|commit-hash\|LLVM version\): //p' | tr '\n' ' '
  printf 'for size\n'
}

debian_packages() {
  local package want=() llvm
  for package in rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy rustfmt-web; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || want+=("$package")
  done
  if ((${#want[@]})); then
    lacks "${want[*]}" "apt-get install ${want[*]}" || return 1
    apt_install "${want[@]}"
  fi
  llvm=$(/usr/bin/rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
  if [[ ! -x /usr/bin/lld-$llvm ]]; then # rustc's packages include no linker for wasm
    lacks "lld-$llvm" "apt-get install lld-$llvm" || return 1
    apt_install "lld-$llvm"
  fi
}

# Compiles std as rustc's bootstrap does, but for size, because browsers download it (the page is
# 12 KB smaller, gzip), and creates a toolchain around it whose other parts are Debian's.
build_toolchain() { # build_toolchain DIRECTORY
  local to=$1 work=$CACHE/std-build host llvm commit tool
  host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
  llvm=$(/usr/bin/rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
  commit=$(/usr/bin/rustc -vV | sed -n 's/^commit-hash: //p')
  rm -rf "$work" "$to.new"
  mkdir -p "$work" "$to.new/bin" "$to.new/lib/rustlib/$TARGET/lib" "$to.new/lib/rustlib/$host/bin"
  cp -rL /usr/lib/rustlib/src/rust/library "$work/library" # cargo must not write into the packaged sources
  # From the registry, with --locked: Debian's vendored copy lacks the dev-dependencies.
  (cd "$work/library" && env -u RUSTUP_TOOLCHAIN -u CARGO_BUILD_TARGET \
    RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/target" CARGO_PROFILE_DIST_OPT_LEVEL=z \
    RUSTFLAGS="-Zforce-unstable-if-unmarked --remap-path-prefix=$work/library=/rustc/$commit/library" \
    /usr/bin/cargo build --quiet --locked --profile dist --target "$TARGET" \
    --manifest-path sysroot/Cargo.toml --features 'panic-unwind backtrace compiler-builtins-mem optimize_for_size') \
    >"$work/log" 2>&1 </dev/null || { cat "$work/log" >&2; fail "std for $TARGET did not compile"; }
  cp "$work/target/$TARGET"/dist/deps/*.rlib "$to.new/lib/rustlib/$TARGET/lib/"
  rm -f "$to.new/lib/rustlib/$TARGET/lib"/libsysroot-*.rlib
  ln -s "/usr/lib/rustlib/$host/lib" "$to.new/lib/rustlib/$host/lib"
  ln -s "/usr/bin/lld-$llvm" "$to.new/lib/rustlib/$host/bin/rust-lld"
  for tool in cargo cargo-fmt rustfmt; do ln -s "/usr/bin/$tool" "$to.new/bin/$tool"; done
  # Wrappers, not links: rustc derives its sysroot from its resolved path, and cargo-clippy
  # starts the driver next to it, which only environment variables reach.
  for tool in rustc rustdoc; do
    printf '#!/bin/sh\nexec /usr/bin/%s --sysroot "%s" "$@"\n' "$tool" "$to" >"$to.new/bin/$tool"
  done
  printf '#!/bin/sh\nSYSROOT="%s" exec /usr/bin/cargo-clippy "$@"\n' "$to" >"$to.new/bin/cargo-clippy"
  chmod +x "$to.new/bin/rustc" "$to.new/bin/rustdoc" "$to.new/bin/cargo-clippy"
  debian_rustc >"$to.new/built-by"
  rm -rf "$to"
  mv "$to.new" "$to"
  rm -rf "$work" "${CARGO_TARGET_DIR:-$root/target}/$TARGET" # cargo does not notice that std has changed
}

debian_std() {
  local toolchain=$CACHE/toolchain
  debian_packages || return 0
  if [[ $(cat "$toolchain/built-by" 2>/dev/null) != "$(debian_rustc)" ]]; then
    lacks "std for $TARGET, compiled by $(/usr/bin/rustc -V) (a minute)" "scripts/setup.sh compile" || return 0
    [[ $(cat "$toolchain/built-by" 2>/dev/null) == "$(debian_rustc)" ]] || build_toolchain "$toolchain"
  fi
  if [[ $(readlink "${RUSTUP_HOME:-$HOME/.rustup}/toolchains/$TOOLCHAIN") != "$toolchain" ]]; then
    lacks "rustup toolchain $TOOLCHAIN" "rustup toolchain link $TOOLCHAIN '$toolchain'" || return 0
    rustup toolchain link "$TOOLCHAIN" "$toolchain" 2>/dev/null || fail "rustup could not link $toolchain"
  fi
  [[ $(rustc "+$TOOLCHAIN" --print sysroot 2>/dev/null) == "$toolchain" ]] \
    || fail "$(command -v rustc) stands before rustup's rustc on PATH (put $BIN first)"
  has_std "+$TOOLCHAIN" || fail "$toolchain is broken (remove it and run this script again)"
  if ! in_force; then
    lacks "rustup override to $TOOLCHAIN for $root" "rustup override set $TOOLCHAIN" || return 0
    rustup override set "$TOOLCHAIN" --path "$root" >/dev/null 2>&1 || fail "rustup override set $TOOLCHAIN failed"
    # RUSTUP_TOOLCHAIN takes precedence over an override, so report it instead of failing later.
    in_force || fail "the toolchain $(rustup show active-toolchain 2>/dev/null) is in force instead (unset RUSTUP_TOOLCHAIN?)"
  fi
}

have cargo || fail "missing: cargo (install rustup: see https://rustup.rs, or apt-get install rustup)"
have cc || { lacks "a C compiler" "apt-get install gcc libc6-dev" && apt_install gcc libc6-dev; }

if have rustup && have dpkg-query && in_force; then
  debian_std # an update of Debian's rustc makes the compiled std useless
elif has_std; then
  :
elif ! have rustup; then
  fail "missing: std for $TARGET (install rustup, see https://rustup.rs, then: rustup target add $TARGET)"
elif [[ ${RUSTUP_AUTO_INSTALL:-1} != 0 ]]; then
  if lacks "std for $TARGET" "rustup target add $TARGET"; then
    rustup target add "$TARGET" || fail "rustup target add $TARGET failed (RUSTUP_AUTO_INSTALL=0 compiles it from Debian's sources)"
  fi
elif have dpkg-query; then
  debian_std
else
  fail "missing: std for $TARGET (RUSTUP_AUTO_INSTALL=0 forbids: rustup target add $TARGET)"
fi

# ---- command-line tools ----

version() { "$1" --version 2>/dev/null | awk '{print $2}'; }

# cargo_install CRATE VERSION [OPTION...]: the tools run for seconds, so they are built
# unoptimized, in one target directory: 7 minutes instead of 30 on two cores.
cargo_install() {
  (cd / && CARGO_TARGET_DIR=$CACHE/tools-build CARGO_PROFILE_DEV_DEBUG=0 \
    cargo install --quiet --debug --locked --force "$1@$2" "${@:3}" </dev/null) \
    || fail "cargo install --locked $1@$2 failed"
}

# cargo_tool COMMAND CRATE VERSION [OPTION...]
cargo_tool() {
  [[ $(version "$1") != "$3" ]] || return 0
  lacks "$1 $3 (some minutes)" "cargo install --locked $2@$3" || return 0
  [[ $(version "$1") != "$3" ]] || return 0
  cargo_install "$2" "$3" "${@:4}"
  [[ $(version "$1") == "$3" ]] || fail "another $1 stands before $BIN/$1 on PATH (found: $(version "$1"), needed: $3)"
}

bindgen=$(awk '/^name = "wasm-bindgen"$/ {getline; gsub(/"/, ""); print $3}' Cargo.lock)
[[ -n $bindgen ]] || fail "Cargo.lock names no wasm-bindgen"
cargo_tool wasm-bindgen wasm-bindgen-cli "$bindgen"
cargo_tool trunk trunk "$TRUNK" --no-default-features --features rustls # without the check for updates
if [[ $scope == test ]]; then cargo_tool wasm-pack wasm-pack "$WASM_PACK"; fi

need_npm() { have npm || fail "missing: npm (install Node.js 20 or later: https://nodejs.org, or apt-get install npm)"; }
npm_binaryen() {
  need_npm
  npm install --silent --no-audit --no-fund --prefix "$CACHE/npm" "binaryen@$BINARYEN.0.0" </dev/null >&2 \
    || fail "npm install binaryen@$BINARYEN failed"
}

# Any installed release of wasm-opt is accepted.
found=$(wasm-opt --version 2>/dev/null | awk '{print $3}') || found=0
if ((found < BINARYEN_OLDEST)) && lacks "wasm-opt $BINARYEN" "npm install --global binaryen@$BINARYEN"; then
  if have npm; then
    npm_binaryen
    mkdir -p "$BIN"
    ln -sf "$CACHE/npm/node_modules/.bin/wasm-opt" "$BIN/wasm-opt"
  else
    apt_install binaryen
  fi
  have wasm-opt || fail "$BIN is not on PATH"
fi

if [[ $scope == test ]]; then
  want=()
  have "${CHROME:-chromium}" || have google-chrome || have chromium-browser || want+=(chromium)
  have "${CHROMEDRIVER:-chromedriver}" || want+=(chromium-driver)
  if ((${#want[@]})) && lacks "${want[*]}" "apt-get install ${want[*]}"; then apt_install "${want[@]}"; fi
  # One at a time, since a distribution may lack one of them. Xvfb is the screen of WebKit's browser.
  want=()
  have firefox || want+=(firefox-esr)
  have WebKitWebDriver || want+=(webkit2gtk-driver)
  have Xvfb || want+=(xvfb)
  if ((${#want[@]})) && have apt-get && lacks "${want[*]}" "apt-get install ${want[*]}"; then
    for package in "${want[@]}"; do
      (apt_install "$package") || say "the tests run without $package"
      apt_fresh=1
    done
  fi
  # Any installed release of geckodriver is accepted.
  if have firefox && ! have geckodriver \
    && lacks "geckodriver $GECKODRIVER (some minutes)" "cargo install --locked geckodriver@$GECKODRIVER"; then
    have geckodriver || (cargo_install geckodriver "$GECKODRIVER") || say "the tests run without Firefox"
  fi
  have node || need_npm
  if ! cmp -s e2e/package-lock.json e2e/node_modules/.installed \
    && lacks "node packages of e2e/" "npm ci --prefix e2e"; then
    need_npm
    npm ci --silent --no-audit --no-fund --prefix e2e </dev/null >&2 || fail "npm ci --prefix e2e failed"
    cp e2e/package-lock.json e2e/node_modules/.installed
  fi
fi

# Remove the build artifacts of the tools.
if ((locked)); then rm -rf "$CACHE/tools-build"; fi
exit "$lacking"
