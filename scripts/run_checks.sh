#!/usr/bin/env bash
# Run what CI runs, in order, and stop at the first failure: run_checks.sh FOLDER...
# pytest comes last, so that its closing line ("N passed") is the last thing said.
set -euo pipefail

bin=.venv/bin
# Hundreds of processes are started below: what one has compiled, the next need not.
unset PYTHONDONTWRITEBYTECODE

say() {
  printf '\n== %s\n' "$1"
}

say "ruff: style and mistakes"
"$bin/ruff" check --quiet "$@"
echo "clean"

say "ruff: format"
"$bin/ruff" format --check "$@"

say "mypy: types"
"$bin/mypy" "$@"

say "import-linter: arrows point down"
PYTHONPATH=src "$bin/lint-imports" --no-cache

say "generated clients"
bash scripts/test_clients.sh

say "pytest: behaviour, on a real PostgreSQL (branch coverage >= 90 %)"
# One process more than the usual two cores: some tests wait for servers to start.
exec "$bin/python" -m pytest -n "${RACCORD_TEST_PROCESSES:-3}" --cov --cov-report=term
