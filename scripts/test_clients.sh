#!/usr/bin/env bash
# Run the tests that need another language's tools, and say which are skipped for want of one.
# A test for TOOL is an executable tests/clients/TOOL.sh that exits 0 when it passes.
set -euo pipefail

for tool in node java chromium; do
  script=tests/clients/$tool.sh
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "skipped: no $tool"
  elif ! [ -f "$script" ]; then
    echo "nothing to run yet for $tool"
  else
    echo "running $script"
    bash "$script"
  fi
done
