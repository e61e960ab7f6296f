#!/bin/sh
# Finds a browser for the tests, or gets one: Debian's as root, else Playwright's own.
set -eu
bin=$1
for name in chromium chromium-browser google-chrome chrome; do
  if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ -n "${REGIONSCOPE_BROWSER:-}" ]; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
  exit 0
fi
"$bin/playwright" install chromium
