"""Become a PostgreSQL program: run as a script, the standard library alone, by `embedded_postgres` only.

It prepares the process between fork and exec, where a program with threads may run no Python of its own, then
turns into the program, which is thus a direct child of the caller.

Arguments: the caller's pid, the user id to become (-1: stay), the data folder, the program, its arguments.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_READ_SEARCH = 2
CAP_SETPCAP = 8


def main() -> None:
    """Set who runs the program and when it dies, then become it."""
    caller, user, data, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    os.umask(0o077)
    if user >= 0:
        drop_root(user, needed=(data, program))
    if sys.platform == "linux":
        # A change of user clears this, so it comes last. SIGINT is PostgreSQL's fast, clean stop.
        call_prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != caller:
            sys.exit("the caller ended before the server began")
    os.execv(program, sys.argv[4:])  # noqa: S606 - no shell is the point


def drop_root(user: int, needed: tuple[str, ...]) -> None:
    """Become an ordinary user who can reach the needed paths, even below a folder closed to others.

    Shape: the one privilege kept, and only where a path needs it, is to walk and read (CAP_DAC_READ_SEARCH);
           opening the parent folders instead would expose the home of root. No connection can use it to read
           files: only a superuser may, and the superuser has no password.
    """
    if sys.platform == "linux":
        call_prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    # access() judges by the real user and ignores capabilities, so it tells what an ordinary user may do.
    is_closed = not all(os.access(path, os.X_OK) for path in needed)
    if sys.platform == "linux":
        try:
            keep_reading() if is_closed else set_capabilities(0)
        except OSError as error:
            sys.exit(f"user {user} cannot reach {' or '.join(needed)}, and cannot be allowed to: {error}")
    elif is_closed:
        sys.exit(f"user {user} cannot reach {' or '.join(needed)}: open the folders above, or do not run as root")


def keep_reading() -> None:
    """Keep the privilege to walk and read, through exec too, and nothing else."""
    allowed = 1 << CAP_DAC_READ_SEARCH
    set_capabilities(allowed | 1 << CAP_SETPCAP, allowed)
    # PostgreSQL asks access() whether it can run itself; without this bit access() forgets what was kept.
    call_prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP)
    set_capabilities(allowed, allowed)
    call_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH)


def set_capabilities(held: int, inherited: int = 0) -> None:
    """Hold these capabilities and no other."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    # Effective, permitted, inheritable; then the same for capabilities above 31, of which none is kept.
    check(load_libc().capset(header, (ctypes.c_uint32 * 6)(held, held, inherited, 0, 0, 0)))


def call_prctl(option: int, *arguments: int) -> None:
    """Call prctl(2) with all the arguments that the kernel wants to see as zero."""
    padded = [*arguments, 0, 0, 0, 0][:4]
    check(load_libc().prctl(option, *(ctypes.c_ulong(argument) for argument in padded)))


def load_libc() -> ctypes.CDLL:
    """Give the C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


def check(status: int) -> None:
    """Raise the error of a C call that failed."""
    if status != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


if __name__ == "__main__":
    main()
