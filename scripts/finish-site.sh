#!/usr/bin/env bash
# Trunk's last step: moves inline scripts into files, which the page's Content-Security-Policy
# asks for, splits the wasm in two, joins the style sheets, takes out what need not travel, and
# writes the service worker, which knows the files of this build.
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "${TRUNK_STAGING_DIR:?Trunk sets it}"

checksum() { cksum "$@" | cut -d ' ' -f 1; }

# `trunk serve` reloads the page by an inline script that it completes on the way; and what is
# served while someone works on it must never be the build of before.
if grep -q '__TRUNK_WS_BASE__' index.html; then
  sed -i.old '/Content-Security-Policy/d' index.html
  rm -f index.html.old
  printf "addEventListener('install', () => skipWaiting());\naddEventListener('activate', () => registration.unregister());\n" >sw.js
  exit
fi

awk '
  function flush_script() { close(file); count++ }
  !inside && match($0, /<script[^>]*>/) && substr($0, RSTART, RLENGTH) !~ / src=/ {
    tag = substr($0, RSTART, RLENGTH)
    rest = substr($0, RSTART + RLENGTH)
    file = "start-" count + 0 ".js"
    printf "%s%s", substr($0, 1, RSTART - 1), substr(tag, 1, length(tag) - 1) " src=\"./" file "\"></script>"
    inside = 1
    printf "" > file
    $0 = rest
  }
  inside {
    end = index($0, "</script>")
    if (end) {
      printf "%s\n", substr($0, 1, end - 1) > file
      print substr($0, end + 9)
      inside = 0
      flush_script()
    } else print > file
    next
  }
  { print }
' index.html >index.new
mv index.new index.html

# It names anew what it changes.
node "$source/scripts/parts/split.mjs" .

# Their names change with what is in them, as the names of all other files do.
for file in start-*.js; do
  [[ -e $file ]] || continue
  name=start-$(checksum "$file").js
  mv "$file" "$name"
  sed -i.old "s|\./$file|./$name|" index.html
  rm -f index.html.old
done

# One sheet in the place of several: fewer requests, and 2 KB less, as they say much the same.
sheets=$(sed -n 's|.*<link rel="stylesheet" href="\./\([^"]*\)".*|\1|p' index.html)
cat $sheets >all.css
rm $sheets
sheet=style-$(checksum all.css).css
mv all.css "$sheet"
awk -v sheet="$sheet" '
  /<link rel="stylesheet"/ { if (!count++) print "    <link rel=\"stylesheet\" href=\"./" sheet "\">"; next }
  { print }
' index.html >index.new
mv index.new index.html

# Written by scripts/build.sh; without it the site has no such page.
if [[ -d $source/target/exactness ]]; then cp "$source"/target/exactness/* .; fi

# Indentation and comments need not travel. Scripts and sheets are no longer what Trunk hashed then,
# so index.html asks for no integrity: they come from where the page comes from.
thin() {
  sed -i.old -E -e 's/^[[:space:]]+//' -e '/^\/\/|^$|^\/\*.*\*\/$/d' -e '/^\/\*/,/\*\/$/d' "$@"
  rm -f "${@/%/.old}"
}
thin ./*.js ./*.css

files=$(find . -type f ! -name sw.js ! -name schema.json | sed 's|^\./||' | LC_ALL=C sort)
version=$(while read -r file; do checksum "$file"; done <<<"$files" | checksum)
{
  printf "const VERSION = '%s';\nconst FILES = [\n" "$version"
  sed "s|.*|  '&',|" <<<"$files"
  printf '];\n'
  cat "$source/web/static/sw.js"
} >sw.js
thin sw.js
