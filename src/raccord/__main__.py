"""`python -m raccord` is the command `raccord`."""

from __future__ import annotations

from raccord.cli import main

if __name__ == "__main__":
    main()
