#!/bin/sh
# Bring Chromium and the PDF readers of the tests (and, with "fonts", Chinese fonts) where they are missing; Debian and its kin only.
set -eu
need=""
found=""
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null 2>&1; then found=$name; break; fi
done
[ -n "$found" ] || need="$need chromium"
command -v pdftotext >/dev/null 2>&1 || need="$need poppler-utils"
if [ "${1:-}" = fonts ] && ! fc-list 2>/dev/null | grep -qi "cjk"; then need="$need fonts-noto-cjk fontconfig"; fi
[ -n "$need" ] || exit 0
echo "installing$need"
run=""
[ "$(id -u)" = 0 ] || run="sudo"
$run apt-get update -qq
DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends $need >/dev/null
